"""Claims, certificates and revocation: the order of steps, each in one transaction."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256

from cloud_bridge.hub import standing
from cloud_bridge.hub.ca.certificates import (
    Authority,
    Kind,
    bootstrap_of,
    common_name,
    issue,
    pem_of,
    public_hash,
    requested_key,
)
from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Row, Tx
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.gateways import challenges
from cloud_bridge.hub.rooms.gateways import store as table
from cloud_bridge.wire.identity import (
    Certificates,
    Claim,
    ProvisionRequest,
    RenewalRequest,
    words_to_sign,
)

SAME_FOR: Final = timedelta(days=1)
"""A gateway that renews again within a day, because an answer was lost, gets the same certificate:
so none can fill the database."""

BOOTSTRAP_NAME: Final = "bootstrap:"
"""Begins the common name of a bootstrap certificate, which thereby names no user of the broker."""


async def claim(
    tx: Tx, authority: Authority, *, store: str, gateway: str, url: str, until: datetime
) -> Claim:
    """A new claim, the only one of its gateway that counts; the database keeps a hash of it.

    Raises:
        Refused: ``gateway_elsewhere``.
    """
    row = await table.held(tx, gateway)
    if row is not None and row["store"] != store:
        code, text = "gateway_elsewhere", f"{gateway} is a gateway of {row['store']}"
        raise Refused(code, text)
    token = secrets.token_urlsafe(32)
    await table.put_claim(tx, store=store, gateway=gateway, token_hash=_hash(token), until=until)
    return Claim(url=url, pin=authority.pin, store=store, gateway=gateway, token=token)


async def provision(
    tx: Tx, authority: Authority, asked: ProvisionRequest, now: datetime
) -> Certificates:
    """Spend a claim; asked again with the same keys, the same answer.

    Raises:
        Refused: ``claim_unknown``, ``claim_expired``, ``claim_spent``, ``bad_csr``, ``keys_used``.
    """
    row = _claimed(await table.held_by_token(tx, _hash(asked.token)))
    gateway, pair = row["gateway"], _Pair.of(asked)
    if row["spent_by"] is None:
        _check_in_time(row, now)
        await _give(tx, authority, gateway, pair, now)
        await table.spend_claim(tx, gateway, pair.mark)
    elif row["spent_by"] != pair.mark:
        code, text = "claim_spent", "this claim was spent by other keys; make a new one"
        raise Refused(code, text)
    found = await _held_by(tx, gateway, pair)
    if found is None:
        code, text = "claim_spent", "what this claim bought has expired; make a new one"
        raise Refused(code, text)
    certificate, bootstrap = found
    return Certificates(
        store=row["store"],
        gateway=gateway,
        certificate=certificate,
        bootstrap=bootstrap,
        ca=authority.pem,
    )


def _claimed(row: Row | None) -> Row:
    if row is None:
        code, text = "claim_unknown", "this claim is not known, withdrawn, or replaced by another"
        raise Refused(code, text, status=403)
    return row


def _check_in_time(row: Row, now: datetime) -> None:
    if now > datetime.fromisoformat(row["claim_until"]):
        code, text = "claim_expired", f"this claim ended at {row['claim_until']}; make a new one"
        raise Refused(code, text, status=403)


async def _give(tx: Tx, authority: Authority, gateway: str, pair: "_Pair", now: datetime) -> None:
    """Certify new keys.

    The gateway's older certificates are revoked: they are another device's, or what it had before
    it was set up anew.
    """
    if await _held_by(tx, gateway, pair) is not None:
        return  # an earlier claim of it bought them, and the answer was lost
    if pair.gateway == pair.bootstrap or await table.is_known_key(tx, pair.hashes):
        code, text = "keys_used", "these keys were used before; make new ones"
        raise Refused(code, text)
    await table.revoke_certificates(tx, gateway, stamp(now))
    await _issue(tx, authority, Kind.GATEWAY, gateway=gateway, key=pair.gateway, now=now)
    await _issue(tx, authority, Kind.BOOTSTRAP, gateway=gateway, key=pair.bootstrap, now=now)


async def _held_by(tx: Tx, gateway: str, pair: "_Pair") -> tuple[str, str] | None:
    """The gateway's certificate and its bootstrap certificate for these keys, PEM."""
    first, second = pair.hashes
    certificate = await table.newest_certificate(tx, gateway, Kind.GATEWAY, first)
    bootstrap = await table.newest_certificate(tx, gateway, Kind.BOOTSTRAP, second)
    if certificate is None or bootstrap is None:
        return None
    return str(certificate["pem"]), str(bootstrap["pem"])


async def _issue(
    tx: Tx,
    authority: Authority,
    kind: Kind,
    *,
    gateway: str,
    key: EllipticCurvePublicKey,
    now: datetime,
) -> str:
    name = BOOTSTRAP_NAME + gateway if kind is Kind.BOOTSTRAP else gateway
    certificate = issue(authority, kind, key, common_name=name, now=now)
    await table.add_certificate(
        tx, certificate, kind, gateway=gateway, key_hash=public_hash(key), now=now
    )
    return pem_of(certificate)


@dataclass(frozen=True, slots=True)
class _Pair:
    """The two keys of an identity."""

    gateway: EllipticCurvePublicKey
    bootstrap: EllipticCurvePublicKey

    @classmethod
    def of(cls, asked: ProvisionRequest) -> Self:
        return cls(requested_key(asked.gateway_csr), requested_key(asked.bootstrap_csr))

    @property
    def hashes(self) -> tuple[str, str]:
        return public_hash(self.gateway), public_hash(self.bootstrap)

    @property
    def mark(self) -> str:
        """Stands for both."""
        return _hash(" ".join(self.hashes))


async def renew(tx: Tx, authority: Authority, asked: RenewalRequest, now: datetime) -> str:
    """The next certificate of a gateway, PEM, for who holds both its keys.

    Raises:
        Refused: ``bad_csr``, ``bad_bootstrap``, ``bad_signature``, ``challenge_stale``,
            ``gateway_unknown``, ``gateway_revoked``, ``key_unknown``.
    """
    key = requested_key(asked.csr)
    challenges.check(authority, asked.gateway, asked.challenge, now)
    bootstrap = bootstrap_of(authority, asked.bootstrap, now)
    if common_name(bootstrap) != BOOTSTRAP_NAME + asked.gateway:
        code, text = "bad_bootstrap", "the certificate that renews is another gateway's"
        raise Refused(code, text, status=403)
    _check_signature(bootstrap, asked)
    await _check_standing(tx, asked.gateway, bootstrap)
    last = await table.newest_certificate(tx, asked.gateway, Kind.GATEWAY, public_hash(key))
    if last is None:
        code, text = "key_unknown", "a renewal is for the key that the claim was spent with"
        raise Refused(code, text, status=403)
    if now - datetime.fromisoformat(last["issued_at"]) < SAME_FOR:
        return str(last["pem"])
    return await _issue(tx, authority, Kind.GATEWAY, gateway=asked.gateway, key=key, now=now)


def _check_signature(bootstrap: x509.Certificate, asked: RenewalRequest) -> None:
    public = bootstrap.public_key()
    words = words_to_sign(asked.challenge, asked.csr)
    code, text = "bad_signature", "the request is not signed by the bootstrap key"
    if not isinstance(public, EllipticCurvePublicKey):
        raise Refused(code, text, status=403)
    try:
        public.verify(asked.signature, words, ECDSA(SHA256()))
    except InvalidSignature as err:
        raise Refused(code, text, status=403) from err


async def _check_standing(tx: Tx, gateway: str, bootstrap: x509.Certificate) -> None:
    row = await table.held(tx, gateway)
    if row is None:
        raise _unknown(gateway)
    if row["revoked_at"] or not await table.counts(tx, bootstrap.serial_number):
        code, text = "gateway_revoked", "this gateway was revoked or replaced; claim it anew"
        raise Refused(code, text, status=403)


def _unknown(gateway: str) -> Refused:
    code, text = "gateway_unknown", f"no gateway {gateway} was ever claimed here"
    return Refused(code, text, status=404)


async def revoke(tx: Tx, gateway: str, reason: str, now: datetime) -> None:
    """Refuse the gateway from now on; a repeat changes nothing but the reason.

    Raises:
        Refused: ``gateway_unknown``.
    """
    row = await table.held(tx, gateway)
    if row is None:
        raise _unknown(gateway)
    await table.revoke(tx, gateway, reason, row["revoked_at"] or stamp(now))
    await standing.depose(tx, gateway, stamp(now))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
