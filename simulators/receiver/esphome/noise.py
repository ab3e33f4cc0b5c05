"""Noise_NNpsk0_25519_ChaChaPoly_SHA256, the responder's half, and ESPHome's framing of it.

A frame is 0x01, a length of two bytes, and so many bytes. The first pair of frames is a hello
(empty one way; protocol, name and address the other), the second the handshake, with a byte in
front that is 0 where all is well; everything after is encrypted: type, length, body.
"""

import hmac
import struct
from collections.abc import Iterator
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from simulators.receiver.esphome.wire import Garbage

PROTOCOL = b"Noise_NNpsk0_25519_ChaChaPoly_SHA256"
PROLOGUE = b"NoiseAPIInit\x00\x00"
CHOSEN = b"\x01"
FAILED = b"\x01"

KEY_LENGTH = 32
HEADER = 3


class WrongKey(Exception):
    """The other end holds another key."""


class _Cipher:
    """One direction: a key and a count of its messages."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)
        self._count = 0

    def _nonce(self) -> bytes:
        self._count += 1
        return struct.pack("<LQ", 0, self._count - 1)

    def encrypt(self, text: bytes, with_data: bytes = b"") -> bytes:
        return self._cipher.encrypt(self._nonce(), text, with_data)

    def decrypt(self, text: bytes, with_data: bytes = b"") -> bytes:
        return self._cipher.decrypt(self._nonce(), text, with_data)


class _Symmetric:
    """The symmetric state (revision 34, section 5.2)."""

    def __init__(self) -> None:
        self.chain = self.hash = sha256(PROTOCOL).digest()
        self.mix_hash(PROLOGUE)

    def mix_hash(self, data: bytes) -> None:
        self.hash = sha256(self.hash + data).digest()

    def mix_key(self, material: bytes) -> _Cipher:
        self.chain, key = _hkdf(self.chain, material, 2)
        return _Cipher(key)

    def mix_key_and_hash(self, material: bytes) -> _Cipher:
        self.chain, mixed, key = _hkdf(self.chain, material, 3)
        self.mix_hash(mixed)
        return _Cipher(key)

    def split(self) -> tuple[_Cipher, _Cipher]:
        first, second = _hkdf(self.chain, b"", 2)
        return _Cipher(first), _Cipher(second)


def _hkdf(chain: bytes, material: bytes, outputs: int) -> list[bytes]:
    secret = hmac.digest(chain, material, "sha256")
    made: list[bytes] = []
    for place in range(1, outputs + 1):
        before = made[-1] if made else b""
        made.append(hmac.digest(secret, before + bytes([place]), "sha256"))
    return made


class Session:
    """One encrypted connection, from its handshake on."""

    def __init__(self, key: bytes, name: str, mac: str) -> None:
        self._key = key
        self.greeting = _framed(CHOSEN + name.encode() + b"\0" + mac.encode() + b"\0")
        self._ciphers: tuple[_Cipher, _Cipher] | None = None

    @property
    def open(self) -> bool:
        """Whether the handshake is done."""
        return self._ciphers is not None

    def shake(self, message: bytes) -> bytes:
        """The frame that answers the initiator's handshake; raises `WrongKey`."""
        theirs = message[1 : 1 + KEY_LENGTH]
        if len(theirs) != KEY_LENGTH:
            msg = "a handshake without a key"
            raise Garbage(msg)
        state = _Symmetric()
        state.mix_key_and_hash(self._key)
        state.mix_hash(theirs)
        cipher = state.mix_key(theirs)
        sealed = message[1 + KEY_LENGTH :]
        try:
            cipher.decrypt(sealed, state.hash)
        except InvalidTag as err:
            raise WrongKey from err
        state.mix_hash(sealed)
        ours = X25519PrivateKey.generate()
        public = ours.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        state.mix_hash(public)
        state.mix_key(public)
        cipher = state.mix_key(ours.exchange(X25519PublicKey.from_public_bytes(theirs)))
        answer = cipher.encrypt(b"", state.hash)
        state.mix_hash(answer)
        self._ciphers = state.split()
        return _framed(b"\0" + public + answer)

    def seal(self, kind: int, body: bytes) -> bytes:
        """A message as a frame."""
        _, ours = self._both()
        return _framed(ours.encrypt(struct.pack(">HH", kind, len(body)) + body))

    def unseal(self, sealed: bytes) -> tuple[int, bytes]:
        """Type and body of a frame's content."""
        theirs, _ = self._both()
        try:
            text = theirs.decrypt(sealed)
            kind, length = struct.unpack_from(">HH", text)
        except (InvalidTag, struct.error) as err:
            msg = "a frame that cannot be opened"
            raise Garbage(msg) from err
        return kind, text[4 : 4 + length]

    def _both(self) -> tuple[_Cipher, _Cipher]:
        if self._ciphers is None:
            msg = "a message before the handshake"
            raise Garbage(msg)
        return self._ciphers


def refusal(reason: bytes) -> bytes:
    """The frame that tells an initiator why there will be no handshake."""
    return _framed(FAILED + reason)


def frames(buffer: bytearray) -> Iterator[bytes]:
    """Take each whole frame's content out of `buffer`; raises `Garbage`."""
    while len(buffer) >= HEADER:
        if buffer[0] != 1:
            msg = f"a frame begins with {buffer[0]:#04x}"
            raise Garbage(msg)
        end = HEADER + int.from_bytes(buffer[1:HEADER], "big")
        if len(buffer) < end:
            return
        content = bytes(buffer[HEADER:end])
        del buffer[:end]
        yield content


def _framed(content: bytes) -> bytes:
    return b"\x01" + len(content).to_bytes(2, "big") + content
