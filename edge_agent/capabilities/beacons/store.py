"""What must outlive the agent of the store's own beacons: counters, alerts, learned levels."""

from collections.abc import Iterable, Mapping

from device_profiles.beacons.sensor import Sensor
from edge_agent.capabilities.beacons.model import Kept, Link
from edge_agent.storage.reads import Reads

_MICROSECONDS = 1_000_000


def kept(reads: Reads) -> dict[str, Kept]:
    """What is kept of each beacon, by id."""
    rows = reads.execute("SELECT * FROM own_beacon")
    return {
        row["id"]: Kept(
            row["key_tag"],
            Sensor(row["counter"], (row["counted_at"] or 0) / _MICROSECONDS, bool(row["wrapped"])),
            bool(row["battery_low"]),
        )
        for row in rows
    }


def keep(tx: Reads, beacons: Mapping[str, Kept]) -> None:
    """Keep these, by id."""
    for beacon, one in beacons.items():
        counter = one.sensor.counter
        at = None if counter is None else int(one.sensor.counted_at * _MICROSECONDS)
        tx.execute(
            "INSERT INTO own_beacon VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " key_tag = excluded.key_tag, counter = excluded.counter,"
            " counted_at = excluded.counted_at, wrapped = excluded.wrapped,"
            " battery_low = excluded.battery_low",
            (beacon, one.key_tag, counter, at, int(one.sensor.wrapped), int(one.battery_low)),
        )


def levels(reads: Reads) -> dict[tuple[str, str], tuple[float, float]]:
    """Usual level in dBm and for how long it was learned, by reference beacon and receiver."""
    rows = reads.execute("SELECT * FROM reference_level")
    return {(row["beacon"], row["receiver"]): (row["level"], row["weight"]) for row in rows}


def keep_levels(tx: Reads, links: Iterable[tuple[str, str, Link]]) -> None:
    """Keep what was learned of these (beacon, receiver, link)."""
    for beacon, receiver, link in links:
        tx.execute(
            "INSERT INTO reference_level VALUES (?, ?, ?, ?) ON CONFLICT (beacon, receiver)"
            " DO UPDATE SET level = excluded.level, weight = excluded.weight",
            (beacon, receiver, link.usual, link.learned_s),
        )


def forget_others(tx: Reads, known: Iterable[str]) -> None:
    """Forget beacons that are no longer the store's."""
    ids = list(known)
    marks = ", ".join("?" * len(ids))
    for table, column in (("own_beacon", "id"), ("reference_level", "beacon")):
        tx.execute(f"DELETE FROM {table} WHERE {column} NOT IN ({marks})", ids)  # noqa: S608 - no text of others
