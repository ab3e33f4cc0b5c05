"""Encrypted Eddystone telemetry, opened with the beacon's identity key.

Source: google/eddystone, `eddystone-tlm/tlm-encrypted.md`: AES-EAX whose nonce is the beacon's
clock (4 bytes, the low `rotation_exponent` bits cleared) and the frame's salt, no header, the tag
cut to 2 bytes. So short a tag lets one forgery in 65,536 through, and a wrong window likewise.
"""

from Crypto.Cipher import AES

from device_profiles.beacons.eddystone import EddystoneEtlm, EddystoneTlm, plain_telemetry

TLM_HEADER = b"\x20\x00"


def plaintext(
    frame: EddystoneEtlm, identity_key: bytes, rotation_exponent: int, window: int
) -> bytes | None:
    """The 12 bytes of telemetry; None with another key or window (`eid`) than the sender's."""
    start = (window << rotation_exponent) & 0xFFFF_FFFF
    nonce = start.to_bytes(4, "big") + bytes.fromhex(frame.salt)
    tag = bytes.fromhex(frame.mic)
    cipher = AES.new(identity_key, AES.MODE_EAX, nonce=nonce, mac_len=len(tag))
    try:
        return cipher.decrypt_and_verify(bytes.fromhex(frame.ciphertext), tag)
    except ValueError:
        return None


def telemetry(plain: bytes) -> EddystoneTlm:
    """What the 12 bytes say."""
    return plain_telemetry(TLM_HEADER + plain)
