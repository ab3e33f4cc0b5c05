"""Orders, openings and readings in SQL. The reads also serve other rooms and the pages."""

import sqlite3
from datetime import datetime

import msgspec

from edge_agent.capabilities.pickup.model import (
    Compartment,
    Desk,
    Line,
    Opening,
    OpeningState,
    Order,
    Problem,
    Purpose,
    Reading,
    Slot,
    State,
)
from edge_agent.devices.messages import Door
from edge_agent.kernel.clock import Instant
from edge_agent.storage.reads import Reads
from edge_agent.storage.rows import microseconds, moment_of

_lines = msgspec.json.Decoder(tuple[Line, ...])
_evidence = msgspec.json.Decoder(tuple[str, ...])

_SAVE_ORDER = """
    INSERT INTO pickup_order (
        id, state, shopper, collector, phone_last4, language, lines, placed_at, collect_by, desk,
        bank, compartment, arrived_at, arrived_by, ended_at, pass_id, evidence, problem, reason)
    VALUES (
        :id, :state, :shopper, :collector, :phone_last4, :language, :lines, :placed_at,
        :collect_by, :desk, :bank, :compartment, :arrived_at, :arrived_by, :ended_at, :pass_id,
        :evidence, :problem, :reason)
    ON CONFLICT (id) DO UPDATE SET
        state = excluded.state, collect_by = excluded.collect_by, desk = excluded.desk,
        bank = excluded.bank, compartment = excluded.compartment,
        arrived_at = excluded.arrived_at, arrived_by = excluded.arrived_by,
        ended_at = excluded.ended_at, pass_id = excluded.pass_id, evidence = excluded.evidence,
        problem = excluded.problem, reason = excluded.reason,
        collector = iif(forgotten AND excluded.ended_at IS NOT NULL, '', collector),
        phone_last4 = iif(forgotten AND excluded.ended_at IS NOT NULL, '', phone_last4)
"""

_SAVE_OPENING = """
    INSERT INTO opening VALUES (
        :key, :order_id, :bank, :compartment, :purpose, :state, :boot, :decided_at,
        :decided_monotonic, :not_after, :not_after_monotonic, :opened_at, :reason)
    ON CONFLICT (key) DO UPDATE SET
        state = excluded.state, opened_at = excluded.opened_at, reason = excluded.reason
"""


def find(reads: Reads, order: str) -> Order | None:
    """The order of that id."""
    row = reads.execute("SELECT * FROM pickup_order WHERE id = ?", (order,)).fetchone()
    return None if row is None else _order(row)


def in_compartment(reads: Reads, place: Compartment) -> Order | None:
    """The order that holds a compartment."""
    row = reads.execute(
        "SELECT * FROM pickup_order WHERE bank = ? AND compartment = ?", (place.bank, place.number)
    ).fetchone()
    return None if row is None else _order(row)


def of_shopper(reads: Reads, shopper: str, limit: int) -> list[Order]:
    """A shopper's orders, newest first."""
    rows = reads.execute(
        "SELECT * FROM pickup_order WHERE shopper = ? ORDER BY placed_at DESC LIMIT ?",
        (shopper, limit),
    )
    return [_order(row) for row in rows]


def newest(reads: Reads, limit: int) -> list[Order]:
    """Orders that wait for something first, then the ended ones; newest first within each."""
    rows = reads.execute(
        "SELECT * FROM pickup_order ORDER BY ended_at IS NOT NULL AND bank IS NULL,"
        " placed_at DESC LIMIT ?",
        (limit,),
    )
    return [_order(row) for row in rows]


def open_orders(reads: Reads) -> list[str]:
    """The ids of all that have not ended, oldest first."""
    rows = reads.execute(
        "SELECT id FROM pickup_order WHERE ended_at IS NULL ORDER BY placed_at, id"
    )
    return [row["id"] for row in rows]


def save(tx: Reads, order: Order) -> None:
    """Keep an order.

    Raises:
        sqlite3.IntegrityError: another order holds its compartment.
    """
    place = order.slot if isinstance(order.slot, Compartment) else None
    values = {
        "id": order.id,
        "state": order.state.value,
        "shopper": order.shopper,
        "collector": order.collector,
        "phone_last4": order.phone_last4,
        "language": order.language,
        "lines": msgspec.json.encode(order.lines),
        "placed_at": microseconds(order.placed_at),
        "collect_by": microseconds(order.collect_by),
        "desk": isinstance(order.slot, Desk),
        "bank": place.bank if place else None,
        "compartment": place.number if place else None,
        "arrived_at": _micros(order.arrived_at),
        "arrived_by": order.arrived_by,
        "ended_at": _micros(order.ended_at),
        "pass_id": order.pass_id,
        "evidence": msgspec.json.encode(order.evidence),
        "problem": order.problem.value if order.problem else None,
        "reason": order.reason,
    }
    tx.execute(_SAVE_ORDER, values)


def forget_people(tx: Reads, ended_before: datetime) -> None:
    """Empty the personal fields of orders that ended before that moment."""
    tx.execute(
        "UPDATE pickup_order SET collector = '', phone_last4 = ''"
        " WHERE ended_at IS NOT NULL AND collector <> '' AND ended_at < ?",
        (microseconds(ended_before),),
    )


def forget_shopper(tx: Reads, shopper: str) -> None:
    """Forget whose orders were whose; one that is open keeps its collector until it ends."""
    tx.execute(
        "UPDATE pickup_order SET shopper = NULL, forgotten = 1,"
        " collector = iif(ended_at IS NULL, collector, ''),"
        " phone_last4 = iif(ended_at IS NULL, phone_last4, '')"
        " WHERE shopper = ?",
        (shopper,),
    )


def opening(reads: Reads, key: str) -> Opening | None:
    """The opening of that command id."""
    row = reads.execute("SELECT * FROM opening WHERE key = ?", (key,)).fetchone()
    return None if row is None else _opening(row)


def opening_in_hand(reads: Reads, place: Compartment) -> Opening | None:
    """The opening of a compartment that is pending, or whose door is not closed again."""
    row = reads.execute(
        "SELECT * FROM opening WHERE bank = ? AND compartment = ?"
        " AND state IN ('pending', 'opened')",
        (place.bank, place.number),
    ).fetchone()
    return None if row is None else _opening(row)


def openings_in_hand(reads: Reads) -> list[Opening]:
    """Every such opening."""
    rows = reads.execute("SELECT * FROM opening WHERE state IN ('pending', 'opened')")
    return [_opening(row) for row in rows]


def save_opening(tx: Reads, one: Opening) -> None:
    """Keep an opening.

    Raises:
        sqlite3.IntegrityError: the compartment has one in hand.
    """
    values = {
        "key": one.key,
        "order_id": one.order,
        "bank": one.place.bank,
        "compartment": one.place.number,
        "purpose": one.purpose.value,
        "state": one.state.value,
        "boot": one.boot,
        "decided_at": microseconds(one.decided_at.wall),
        "decided_monotonic": one.decided_at.monotonic,
        "not_after": microseconds(one.not_after.wall),
        "not_after_monotonic": one.not_after.monotonic,
        "opened_at": _micros(one.opened_at),
        "reason": one.reason,
    }
    tx.execute(_SAVE_OPENING, values)


def readings(reads: Reads) -> dict[Compartment, Reading]:
    """What each compartment's sensors last said."""
    return {
        Compartment(row["bank"], row["number"]): _reading(row)
        for row in reads.execute("SELECT * FROM compartment")
    }


def reading(reads: Reads, place: Compartment) -> Reading:
    """What a compartment's sensors last said; unknown where they never spoke."""
    row = reads.execute(
        "SELECT * FROM compartment WHERE bank = ? AND number = ?", (place.bank, place.number)
    ).fetchone()
    return Reading() if row is None else _reading(row)


def save_reading(tx: Reads, place: Compartment, seen: Reading) -> None:
    """Keep what the sensors say; a door that cannot be read leaves the last known one standing."""
    if seen.door is Door.UNKNOWN:
        return
    tx.execute(
        "INSERT INTO compartment (bank, number, door, occupied) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (bank, number)"
        " DO UPDATE SET door = excluded.door, occupied = excluded.occupied",
        (place.bank, place.number, seen.door.value, seen.occupied),
    )


def out_of_service(reads: Reads) -> dict[Compartment, str]:
    """The compartments into which nothing is put, and why."""
    rows = reads.execute("SELECT * FROM compartment WHERE out_of_service IS NOT NULL")
    return {Compartment(row["bank"], row["number"]): row["out_of_service"] for row in rows}


def set_service(tx: Reads, place: Compartment, reason: str | None) -> None:
    """Take a compartment out of service for `reason`, or put it back (None)."""
    tx.execute(
        "UPDATE compartment SET out_of_service = ? WHERE bank = ? AND number = ?",
        (reason, place.bank, place.number),
    )


def held(reads: Reads) -> dict[Compartment, str]:
    """The compartments that an order holds, and which."""
    rows = reads.execute("SELECT id, bank, compartment FROM pickup_order WHERE bank IS NOT NULL")
    return {Compartment(row["bank"], row["compartment"]): row["id"] for row in rows}


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else microseconds(moment)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else moment_of(value)


def _slot(row: sqlite3.Row) -> Slot | None:
    if row["bank"] is not None:
        return Compartment(row["bank"], row["compartment"])
    return Desk() if row["desk"] else None


def _order(row: sqlite3.Row) -> Order:
    return Order(
        id=row["id"],
        state=State(row["state"]),
        shopper=row["shopper"],
        collector=row["collector"],
        phone_last4=row["phone_last4"],
        language=row["language"],
        lines=_lines.decode(row["lines"]),
        placed_at=moment_of(row["placed_at"]),
        collect_by=moment_of(row["collect_by"]),
        slot=_slot(row),
        arrived_at=_moment(row["arrived_at"]),
        arrived_by=row["arrived_by"],
        ended_at=_moment(row["ended_at"]),
        pass_id=row["pass_id"],
        evidence=_evidence.decode(row["evidence"]),
        problem=Problem(row["problem"]) if row["problem"] else None,
        reason=row["reason"],
    )


def _opening(row: sqlite3.Row) -> Opening:
    return Opening(
        key=row["key"],
        order=row["order_id"],
        place=Compartment(row["bank"], row["compartment"]),
        purpose=Purpose(row["purpose"]),
        boot=row["boot"],
        decided_at=Instant(moment_of(row["decided_at"]), row["decided_monotonic"]),
        not_after=Instant(moment_of(row["not_after"]), row["not_after_monotonic"]),
        state=OpeningState(row["state"]),
        opened_at=_moment(row["opened_at"]),
        reason=row["reason"],
    )


def _reading(row: sqlite3.Row) -> Reading:
    occupied = row["occupied"]
    return Reading(Door(row["door"]), None if occupied is None else bool(occupied))
