"""Shoppers, beacons and consents in SQL. The reads also serve other rooms and the pages."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from cloud_bridge.wire.facts.shoppers import Purpose
from device_profiles.beacons.keys import BeaconKey
from edge_agent.capabilities.shoppers.model import Consent, EndedBy, Entry, Joined, Past, Shopper
from edge_agent.kernel.clock import Instant
from edge_agent.storage.reads import Reads
from edge_agent.storage.rows import microseconds, moment_of


def insert(tx: Reads, shopper: Shopper, now: Instant) -> None:
    """Keep a new shopper, beacons and consents included."""
    tx.execute(
        "INSERT INTO shopper VALUES (?, ?, ?, ?, ?, NULL, ?)",
        (
            shopper.id,
            shopper.key,
            shopper.language,
            shopper.origin,
            microseconds(now.wall),
            shopper.entry,
        ),
    )
    save_beacons(tx, shopper)
    save_consents(tx, shopper, "withdrawn", now)


def save(tx: Reads, shopper: Shopper, ended_by: EndedBy, now: Instant) -> None:
    """Keep what may have changed of a shopper; `ended_by` is why consents that are gone ended."""
    tx.execute(
        "UPDATE shopper SET language = ?, entry = ?,"
        " paused_at = iif(?, ifnull(paused_at, ?), NULL) WHERE id = ?",
        (
            shopper.language,
            shopper.entry,
            shopper.paused,
            microseconds(now.wall),
            shopper.id,
        ),
    )
    if _beacons(tx, shopper.id) != shopper.beacons:
        save_beacons(tx, shopper)
    save_consents(tx, shopper, ended_by, now)


def save_beacons(tx: Reads, shopper: Shopper) -> None:
    """Make the shopper's beacons those of `shopper`.

    Raises:
        sqlite3.IntegrityError: one is somebody else's.
    """
    tx.execute("DELETE FROM shopper_beacon WHERE shopper = ?", (shopper.id,))
    for one in shopper.beacons:
        tx.execute(
            "INSERT INTO shopper_beacon VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                one.identity,
                shopper.id,
                one.eid_key,
                one.rotation_exponent,
                one.clock_offset_s,
                one.clock_read_at_s,
                one.irk,
            ),
        )


def save_consents(tx: Reads, shopper: Shopper, ended_by: EndedBy, now: Instant) -> None:
    """Make the consents in force those of `shopper`: end what is gone, begin what is new."""
    in_force = _consents(tx, shopper.id)
    for purpose, held in in_force.items():
        if shopper.consents.get(purpose) != held:
            tx.execute(
                "UPDATE consent SET ended_at = ?, ended_by = ?"
                " WHERE shopper = ? AND purpose = ? AND ended_at IS NULL",
                (
                    microseconds(now.wall),
                    "renewed" if purpose in shopper.consents else ended_by,
                    shopper.id,
                    purpose,
                ),
            )
    for purpose, given in shopper.consents.items():
        if in_force.get(purpose) != given:
            tx.execute(
                "INSERT INTO consent (shopper, purpose, text_version, language, given_at, until,"
                " evidence) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    shopper.id,
                    purpose,
                    given.text_version,
                    given.language,
                    microseconds(given.given_at),
                    microseconds(given.until),
                    given.evidence,
                ),
            )


def set_key(tx: Reads, pseudonym: str, key: str) -> None:
    """Note which key seals the shopper's facts."""
    tx.execute("UPDATE shopper SET person_key = ? WHERE id = ?", (key, pseudonym))


def delete(tx: Reads, pseudonym: str) -> None:
    """Delete all that this room holds of a shopper; their entry in the stream is passed over."""
    tx.execute(
        "INSERT INTO shopper_departed SELECT entry FROM shopper"
        " WHERE id = ? AND entry IS NOT NULL ON CONFLICT DO NOTHING",
        (pseudonym,),
    )
    for table in ("shopper_stay", "consent", "shopper_beacon"):
        tx.execute(f"DELETE FROM {table} WHERE shopper = ?", (pseudonym,))  # noqa: S608 - our own three names
    tx.execute("DELETE FROM shopper WHERE id = ?", (pseudonym,))


def find(reads: Reads, pseudonym: str) -> Shopper | None:
    """The shopper of that pseudonym."""
    row = reads.execute("SELECT * FROM shopper WHERE id = ?", (pseudonym,)).fetchone()
    if row is None:
        return None
    return Shopper(
        row["id"],
        row["person_key"],
        row["language"],
        row["origin"],
        _beacons(reads, pseudonym),
        _consents(reads, pseudonym),
        paused=row["paused_at"] is not None,
        entry=row["entry"],
    )


def has_departed(reads: Reads, entry: str) -> bool:
    """Whether who stands behind an entry of the stream has left here."""
    row = reads.execute("SELECT 1 FROM shopper_departed WHERE entry = ?", (entry,)).fetchone()
    return row is not None


def forget_departed(tx: Reads, entry: str) -> None:
    """The stream has dropped the entry."""
    tx.execute("DELETE FROM shopper_departed WHERE entry = ?", (entry,))


def of_entry(reads: Reads, entry: str) -> str | None:
    """The pseudonym behind an entry of the stream."""
    row = reads.execute("SELECT id FROM shopper WHERE entry = ?", (entry,)).fetchone()
    return None if row is None else str(row["id"])


def entries_held(reads: Reads) -> list[str]:
    """The stream's entries that stand here, those of who departed included."""
    rows = reads.execute(
        "SELECT entry FROM shopper WHERE entry IS NOT NULL UNION SELECT entry FROM shopper_departed"
    )
    return [row["entry"] for row in rows]


def last_words(reads: Reads, pseudonym: str) -> dict[Purpose, datetime]:
    """When a shopper's mind on each purpose last changed.

    The app's clock may be ahead of ours: a word that ended "before it was given" is not new.
    """
    rows = reads.execute(
        "SELECT purpose, max(max(given_at, ifnull(ended_at, given_at))) AS at FROM consent"
        " WHERE shopper = ? GROUP BY purpose",
        (pseudonym,),
    )
    return {row["purpose"]: moment_of(row["at"]) for row in rows}


def taken(reads: Reads, beacons: Iterable[BeaconKey]) -> frozenset[str]:
    """The identities among `beacons` that somebody has already, whatever was agreed to."""
    return frozenset(one.identity for one in beacons if owner_of(reads, one.identity) is not None)


def owner_of(reads: Reads, identity: str) -> str | None:
    """The pseudonym to which a beacon belongs, whatever was agreed to."""
    row = reads.execute(
        "SELECT shopper FROM shopper_beacon WHERE identity = ?", (identity,)
    ).fetchone()
    return None if row is None else str(row["shopper"])


def agreed(reads: Reads, pseudonym: str, purpose: Purpose) -> bool:
    """Whether consent to `purpose` is in force at this moment of the transaction, and no pause."""
    row = reads.execute(
        "SELECT 1 FROM consent JOIN shopper ON shopper.id = consent.shopper"
        " WHERE shopper = ? AND purpose = ? AND ended_at IS NULL AND paused_at IS NULL",
        (pseudonym, purpose),
    ).fetchone()
    return row is not None


def over(reads: Reads, now: Instant, limit: int) -> list[str]:
    """The pseudonyms, at most `limit`, with a consent whose retention is over."""
    rows = reads.execute(
        "SELECT DISTINCT shopper FROM consent WHERE ended_at IS NULL AND until <= ? LIMIT ?",
        (microseconds(now.wall), limit),
    )
    return [row["shopper"] for row in rows]


def withdrawn_since(reads: Reads) -> list[tuple[str, str]]:
    """Who took back what since the backup was made that this database comes from."""
    rows = reads.execute("SELECT shopper, what FROM withdrawn_since")
    return [(row["shopper"], row["what"]) for row in rows]


def forget_withdrawn_since(tx: Reads) -> None:
    """All of it was done again."""
    tx.execute("DELETE FROM withdrawn_since")


def of_key(reads: Reads, key: str) -> str | None:
    """The pseudonym whose facts a key seals."""
    row = reads.execute("SELECT id FROM shopper WHERE person_key = ?", (key,)).fetchone()
    return None if row is None else str(row["id"])


def without_key(reads: Reads) -> list[str]:
    """Who joined before there were keys."""
    return [row["id"] for row in reads.execute("SELECT id FROM shopper WHERE person_key = ''")]


def located(reads: Reads) -> list[tuple[str, BeaconKey]]:
    """Pseudonym and beacon of each beacon whose owner may be followed now."""
    rows = reads.execute(
        "SELECT shopper_beacon.* FROM shopper_beacon"
        " JOIN shopper ON shopper.id = shopper_beacon.shopper"
        " JOIN consent ON consent.shopper = shopper.id"
        " WHERE purpose = 'location' AND ended_at IS NULL AND paused_at IS NULL"
    )
    return [(row["shopper"], _beacon(row)) for row in rows]


def located_phones(reads: Reads) -> list[str]:
    """The pseudonyms that may be followed now, with or without a beacon of their own."""
    rows = reads.execute(
        "SELECT shopper.id FROM shopper JOIN consent ON consent.shopper = shopper.id"
        " WHERE purpose = 'location' AND ended_at IS NULL AND paused_at IS NULL"
    )
    return [row["id"] for row in rows]


def note_entry(tx: Reads, pseudonym: str, zone: str, hour: datetime) -> None:
    """Count that a shopper entered `zone` (empty: the store) within the hour that began so."""
    tx.execute(
        "INSERT INTO shopper_stay VALUES (?, ?, ?, 1)"
        " ON CONFLICT (shopper, hour, zone) DO UPDATE SET entered = entered + 1",
        (pseudonym, microseconds(hour), zone),
    )


def forget_entries(tx: Reads, before: datetime) -> None:
    """Delete what was counted of hours before that moment."""
    tx.execute("DELETE FROM shopper_stay WHERE hour < ?", (microseconds(before),))


def entries(reads: Reads, pseudonym: str) -> list[Entry]:
    """What was counted of a shopper, in the order of the hours."""
    rows = reads.execute(
        "SELECT * FROM shopper_stay WHERE shopper = ? ORDER BY hour, zone", (pseudonym,)
    )
    return [Entry(moment_of(row["hour"]), row["zone"], row["entered"]) for row in rows]


def history(reads: Reads, pseudonym: str) -> list[Past]:
    """Every consent that a shopper ever gave, oldest first."""
    rows = reads.execute("SELECT * FROM consent WHERE shopper = ? ORDER BY id", (pseudonym,))
    return [
        Past(_consent(row), row["ended_at"] and moment_of(row["ended_at"]), row["ended_by"])
        for row in rows
    ]


def lapsed(reads: Reads, pseudonym: str) -> list[Purpose]:
    """The purposes that ended by themselves and were not answered since: to be asked again."""
    rows = reads.execute(
        "SELECT purpose, ended_by FROM consent WHERE id IN"
        " (SELECT max(id) FROM consent WHERE shopper = ? GROUP BY purpose) ORDER BY id",
        (pseudonym,),
    )
    return [row["purpose"] for row in rows if row["ended_by"] == "lapsed"]


def joined(reads: Reads, pseudonym: str) -> Joined | None:
    """When a shopper joined, and since when they pause."""
    row = reads.execute(
        "SELECT enrolled_at, paused_at FROM shopper WHERE id = ?", (pseudonym,)
    ).fetchone()
    if row is None:
        return None
    paused = row["paused_at"]
    return Joined(moment_of(row["enrolled_at"]), None if paused is None else moment_of(paused))


def _beacons(reads: Reads, pseudonym: str) -> tuple[BeaconKey, ...]:
    rows = reads.execute(
        "SELECT * FROM shopper_beacon WHERE shopper = ? ORDER BY identity", (pseudonym,)
    )
    return tuple(_beacon(row) for row in rows)


def _beacon(row: sqlite3.Row) -> BeaconKey:
    return BeaconKey(
        identity=row["identity"],
        eid_key=row["eid_key"],
        rotation_exponent=row["rotation_exponent"],
        clock_offset_s=row["clock_offset_s"],
        clock_read_at_s=row["clock_read_at_s"],
        irk=row["irk"],
    )


def _consents(reads: Reads, pseudonym: str) -> dict[Purpose, Consent]:
    rows = reads.execute(
        "SELECT * FROM consent WHERE shopper = ? AND ended_at IS NULL", (pseudonym,)
    )
    return {row["purpose"]: _consent(row) for row in rows}


def _consent(row: sqlite3.Row) -> Consent:
    return Consent(
        row["purpose"],
        row["text_version"],
        row["language"],
        moment_of(row["given_at"]),
        moment_of(row["until"]),
        row["evidence"],
    )
