"""Shoppers and consents in SQL. The reads also serve other rooms and the pages."""

from cloud_bridge.wire.facts.shoppers import Purpose
from edge_agent.capabilities.shoppers.model import Shopper
from edge_agent.kernel.clock import Instant
from edge_agent.storage.reads import Reads
from edge_agent.storage.rows import microseconds


def insert(tx: Reads, shopper: Shopper, now: Instant) -> None:
    """Keep a new shopper, consents included."""
    tx.execute(
        "INSERT INTO shopper VALUES (?, ?, ?, ?, ?)",
        (
            shopper.id,
            shopper.beacon,
            shopper.language,
            shopper.text_version,
            microseconds(now.wall),
        ),
    )
    save_consents(tx, shopper, now)


def save_consents(tx: Reads, shopper: Shopper, now: Instant) -> None:
    """Make the consents in force those of `shopper`: begin the new, end the withdrawn."""
    in_force = _consents(tx, shopper.id)
    for purpose in sorted(in_force - shopper.consents):
        tx.execute(
            "UPDATE consent SET withdrawn_at = ?"
            " WHERE shopper = ? AND purpose = ? AND withdrawn_at IS NULL",
            (microseconds(now.wall), shopper.id, purpose),
        )
    for purpose in sorted(shopper.consents - in_force):
        tx.execute(
            "INSERT INTO consent (shopper, purpose, text_version, language, given_at)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                shopper.id,
                purpose,
                shopper.text_version,
                shopper.language,
                microseconds(now.wall),
            ),
        )


def find(reads: Reads, pseudonym: str) -> Shopper | None:
    """The shopper of that pseudonym."""
    row = reads.execute("SELECT * FROM shopper WHERE id = ?", (pseudonym,)).fetchone()
    if row is None:
        return None
    return Shopper(
        row["id"],
        row["beacon"],
        row["language"],
        row["text_version"],
        _consents(reads, pseudonym),
    )


def owner_of(reads: Reads, beacon: str) -> str | None:
    """The pseudonym to which a beacon belongs, whatever was agreed to."""
    row = reads.execute("SELECT id FROM shopper WHERE beacon = ?", (beacon,)).fetchone()
    return None if row is None else str(row["id"])


def agreed(reads: Reads, pseudonym: str, purpose: Purpose) -> bool:
    """Whether consent to `purpose` is in force at this moment of the transaction."""
    row = reads.execute(
        "SELECT 1 FROM consent WHERE shopper = ? AND purpose = ? AND withdrawn_at IS NULL",
        (pseudonym, purpose),
    ).fetchone()
    return row is not None


def located(reads: Reads) -> dict[str, str]:
    """Beacon to pseudonym, of those only who have agreed to be located."""
    rows = reads.execute(
        "SELECT beacon, shopper.id FROM shopper JOIN consent ON consent.shopper = shopper.id"
        " WHERE purpose = 'location' AND withdrawn_at IS NULL"
    )
    return {row["beacon"]: row["id"] for row in rows}


def _consents(reads: Reads, pseudonym: str) -> frozenset[Purpose]:
    rows = reads.execute(
        "SELECT purpose FROM consent WHERE shopper = ? AND withdrawn_at IS NULL", (pseudonym,)
    )
    return frozenset(row["purpose"] for row in rows)
