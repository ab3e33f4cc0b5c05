"""Gateways and their certificates in the database."""

from datetime import datetime

from cryptography import x509

from cloud_bridge.hub.ca.certificates import Kind, pem_of
from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Row, Tx
from cloud_bridge.hub.rooms.gateways.model import Gateway, state_of

KINDS = {Kind.GATEWAY: "gateway", Kind.BOOTSTRAP: "bootstrap"}


async def held(tx: Tx, gateway: str) -> Row | None:
    """The row of a gateway, which nobody else changes until this transaction ends."""
    return await tx.row("SELECT * FROM gateway WHERE gateway = $1 FOR NO KEY UPDATE", gateway)


async def held_by_token(tx: Tx, token_hash: str) -> Row | None:
    """As `held`, by the hash of its claim's token."""
    return await tx.row("SELECT * FROM gateway WHERE token_hash = $1 FOR NO KEY UPDATE", token_hash)


async def put_claim(tx: Tx, *, store: str, gateway: str, token_hash: str, until: datetime) -> None:
    """Keep a new claim, in the place of an older one."""
    await tx.execute(
        "INSERT INTO gateway (gateway, store, token_hash, claim_until) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (gateway) DO UPDATE SET token_hash = excluded.token_hash,"
        " claim_until = excluded.claim_until, spent_by = NULL",
        gateway,
        store,
        token_hash,
        stamp(until),
    )


async def spend_claim(tx: Tx, gateway: str, spent_by: str) -> None:
    """The claim is spent; whatever the gateway was revoked for has ended with its old keys."""
    await tx.execute(
        "UPDATE gateway SET spent_by = $1, revoked_at = NULL, reason = NULL WHERE gateway = $2",
        spent_by,
        gateway,
    )


async def revoke(tx: Tx, gateway: str, reason: str, now: str) -> None:
    """Revoke the gateway, its claim and its certificates."""
    await tx.execute(
        "UPDATE gateway SET revoked_at = $1, reason = $2, token_hash = NULL, claim_until = NULL"
        " WHERE gateway = $3",
        now,
        reason,
        gateway,
    )
    await revoke_certificates(tx, gateway, now)


async def revoke_certificates(tx: Tx, gateway: str, now: str) -> None:
    """Revoke whatever was issued to the gateway."""
    await tx.execute(
        "UPDATE gateway_certificate SET revoked_at = $1 WHERE gateway = $2 AND revoked_at IS NULL",
        now,
        gateway,
    )


async def add_certificate(
    tx: Tx, certificate: x509.Certificate, kind: Kind, *, gateway: str, key_hash: str, now: datetime
) -> None:
    """Keep a certificate, and drop those of the gateway whose time is over."""
    await tx.execute(
        "DELETE FROM gateway_certificate WHERE gateway = $1 AND until < $2", gateway, stamp(now)
    )
    await tx.execute(
        "INSERT INTO gateway_certificate (serial, gateway, kind, key_hash, issued_at, until, pem)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        f"{certificate.serial_number:x}",
        gateway,
        KINDS[kind],
        key_hash,
        stamp(now),
        stamp(certificate.not_valid_after_utc),
        pem_of(certificate),
    )


async def newest_certificate(tx: Tx, gateway: str, kind: Kind, key_hash: str) -> Row | None:
    """The newest certificate of a kind and key that is not revoked."""
    return await tx.row(
        "SELECT * FROM gateway_certificate WHERE gateway = $1 AND kind = $2 AND key_hash = $3"
        " AND revoked_at IS NULL ORDER BY issued_at DESC LIMIT 1",
        gateway,
        KINDS[kind],
        key_hash,
    )


async def is_known_key(tx: Tx, key_hashes: tuple[str, str]) -> bool:
    """Whether one of two keys was certified before, for whomever, and be it revoked."""
    row = await tx.row(
        "SELECT serial FROM gateway_certificate WHERE key_hash IN ($1, $2) LIMIT 1", *key_hashes
    )
    return row is not None


async def counts(tx: Tx, serial: int) -> bool:
    """Whether a certificate that the CA signed was issued here, and is not revoked."""
    row = await tx.row(
        "SELECT revoked_at FROM gateway_certificate WHERE serial = $1", f"{serial:x}"
    )
    return row is not None and row["revoked_at"] is None


async def revoked(tx: Tx, now: datetime) -> list[tuple[int, datetime]]:
    """Serial number and moment of each revocation of a certificate whose time is not over."""
    rows = await tx.rows(
        "SELECT serial, revoked_at FROM gateway_certificate"
        " WHERE revoked_at IS NOT NULL AND until > $1 ORDER BY serial",
        stamp(now),
    )
    return [(int(row["serial"], 16), datetime.fromisoformat(row["revoked_at"])) for row in rows]


async def listed(tx: Tx, now: datetime) -> list[Gateway]:
    """Every gateway, by name."""
    rows = await tx.rows("SELECT * FROM gateway ORDER BY gateway")
    newest = await tx.rows(
        "SELECT gateway, serial, issued_at, until FROM gateway_certificate AS one"
        " WHERE kind = 'gateway' AND revoked_at IS NULL AND issued_at = ("
        "SELECT max(issued_at) FROM gateway_certificate AS other WHERE other.gateway = one.gateway"
        " AND other.kind = 'gateway' AND other.revoked_at IS NULL)"
    )
    by_gateway = {row["gateway"]: row for row in newest}
    return [_gateway(row, by_gateway.get(row["gateway"]), now) for row in rows]


def _gateway(row: Row, certificate: Row | None, now: datetime) -> Gateway:
    until = _moment(certificate["until"]) if certificate else None
    waits = row["token_hash"] is not None and row["spent_by"] is None
    return Gateway(
        gateway=row["gateway"],
        store=row["store"],
        state=state_of(revoked=row["revoked_at"] is not None, until=until, now=now),
        claim_until=_moment(row["claim_until"]) if waits else None,
        serial=certificate["serial"] if certificate else None,
        issued_at=_moment(certificate["issued_at"]) if certificate else None,
        until=until,
        revoked_at=_moment(row["revoked_at"]),
        reason=row["reason"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
