"""Rolling up and dropping, as parts of a unit of work: one row takes the place of many.

Touched are only facts that the dispatcher has passed, that no flow has parked, and that were never
handed to the link: of those the hub may hold some. The row that stays is the last one, with its
position, sequence, time and boot; `covers` says where what it stands for begins, so that the lane's
sequence stays without a hole. The lane's chain hash cannot be said from then on, until it is
numbered anew.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from cloud_bridge.wire.facts.storage import GAPS, Dropped, RolledUp
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import RecordedFact
from edge_agent.kernel.ids import uuid7
from edge_agent.storage.head import weight
from edge_agent.storage.rows import fact_from_row, microseconds
from edge_agent.storage.sealing import Sealer
from edge_agent.storage.sums import GAP_TYPES, ROLL_UP_TYPES, Sums
from edge_agent.storage.unit import Tx

ROLLED_AT_ONCE: Final = 200
"""Facts in one unit: some 30 ms of the writer's thread (measured, 7,500 facts/s on a busy machine),
which is what a pickup may have to wait."""

DROPPED_AT_ONCE: Final = 1000
"""Rows in one unit: on a full disk their pages must fit into the WAL that the ballast made room
for (facts/sync.md)."""

HANDED_AHEAD: Final = 2000
"""Sequences that are set apart for the link at once, four batches: a fact of a quiet lane does not
cost a commit of its own before it may go up. So many facts of a lane are never rolled up."""

_WITHIN_REACH: Final = """
    SELECT * FROM fact
    WHERE lane = ? AND epoch = ? AND sequence > ? AND position <= ?
      AND NOT EXISTS (SELECT 1 FROM parked WHERE parked.position = fact.position)
    ORDER BY sequence LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a pass over a lane has come.

    Attributes:
        sequence: it goes on above.
        is_end: there is nothing more within reach.
    """

    sequence: int
    is_end: bool


def hand(tx: Tx, lane: str, last: int) -> None:
    """Set the facts up to `last`, and `HANDED_AHEAD` more, apart for the link."""
    head = tx.head.lanes[lane]
    if last > head.handed:
        tx.head.put(msgspec.structs.replace(head, handed=last + HANDED_AHEAD))


def roll_up(
    tx: Tx, lane: str, above: int, *, window_s: int, at_least: int, sealer: Sealer
) -> Reached:
    """Sum up what was recorded within the same `window_s`, in the next facts above `above`.

    At most `ROLLED_AT_ONCE` of them; `at_least` as in `Sums`. The last window is gone through again
    with what comes, unless it holds more than goes into one sum and all of it was seen.
    """
    facts = _within_reach(tx, lane, above, ROLLED_AT_ONCE)
    runs = list(_runs(facts, window_s))
    fewer = False
    for run in runs:
        rest: Sequence[RecordedFact] = run
        while len(rest) > 1:
            sums = Sums(lane, window_s=window_s, at_least=at_least)
            taken = _summed(rest, sums, lambda fact: sealer.open(tx, fact))
            if len(taken) > 1:
                rolled = sum(one.type not in ROLL_UP_TYPES for one in taken)
                _replace(tx, taken, sums.result(), rolled_up=rolled)
                fewer = True
            rest = rest[max(1, len(taken)) :]  # a later release's sum may be too large for this one
    return _reached(runs, above, fewer=fewer)


def _reached(runs: Sequence[Sequence[RecordedFact]], above: int, *, fewer: bool) -> Reached:
    """How far a pass has come with `runs`; `fewer`: some of them were summed up."""
    if not runs:
        return Reached(above, is_end=True)
    is_end = sum(map(len, runs)) < ROLLED_AT_ONCE
    if is_end or fewer or len(runs) > 1:
        return Reached(_first(runs[-1][0]) - 1, is_end=is_end)
    return Reached(runs[-1][-1].sequence, is_end=False)


def _summed(
    facts: Sequence[RecordedFact], sums: Sums, opened: Callable[[RecordedFact], RecordedFact]
) -> Sequence[RecordedFact]:
    """Those of `facts`, from the first on, that went into `sums`."""
    number = 0
    while number < len(facts) and sums.add(opened(facts[number])):
        number += 1
    return facts[:number]


def drop(tx: Tx, lane: str, size: int) -> int:
    """Drop the oldest of `lane` until about `size` bytes are free; how many are.

    Of at most `DROPPED_AT_ONCE` rows; less than `size` where no more is within reach.
    """
    freed = 0
    for run in _unbroken(_within_reach(tx, lane, 0, DROPPED_AT_ONCE)):
        if freed >= size:
            break
        taken = _enough(run, size - freed)
        lost = sum(_stands_for(one) for one in taken if one.type not in GAP_TYPES)
        gap = GAPS[lane](
            since=min(_since(one) for one in taken),
            until=max(one.time for one in taken),
            facts=sum(map(_stands_for, taken)),
        )
        if lost:
            freed += _replace(tx, taken, gap, dropped=lost)
    return freed


def _within_reach(tx: Tx, lane: str, above: int, limit: int) -> list[RecordedFact]:
    head = tx.head.lanes[lane]
    start = max(above, head.cursor, head.handed)
    rows = tx.execute(_WITHIN_REACH, (lane, tx.head.epoch, start, tx.head.dispatched, limit))
    return [fact_from_row(row) for row in rows]


def _unbroken(facts: Iterable[RecordedFact]) -> Iterator[list[RecordedFact]]:
    """The facts in lists within which no sequence is missing."""
    run: list[RecordedFact] = []
    for fact in facts:
        if run and _first(fact) != run[-1].sequence + 1:
            yield run
            run = []
        run.append(fact)
    if run:
        yield run


def _runs(facts: Iterable[RecordedFact], window_s: int) -> Iterator[list[RecordedFact]]:
    """The facts in lists of one window each; a gap and a sum of a longer window stand alone."""
    for unbroken in _unbroken(facts):
        for _, run in itertools.groupby(unbroken, partial(_window, window_s)):
            yield list(run)


def _window(window_s: int, fact: RecordedFact) -> int:
    """Counted from 1970; below 0, one of its own, for what stands alone."""
    kind = ROLL_UP_TYPES.get(fact.type)
    longer = kind is not None and msgspec.json.decode(fact.data, type=kind).window_s > window_s
    if longer or fact.type in GAP_TYPES:
        return -fact.sequence
    return microseconds(fact.time) // (window_s * 1_000_000)


def _enough(run: Sequence[RecordedFact], size: int) -> list[RecordedFact]:
    """The first facts of `run` that make `size` bytes together, or all."""
    taken: list[RecordedFact] = []
    for fact in run:
        if size <= 0:
            break
        taken.append(fact)
        size -= weight(fact.subject, fact.data)
    return taken


def _replace(
    tx: Tx, facts: Sequence[RecordedFact], data: RolledUp | Dropped, **counted: int
) -> int:
    """Put `data` in the place of unbroken `facts`; the bytes that this frees."""
    first, last = _first(facts[0]), facts[-1]
    lane = tx.head.lanes[last.lane]
    subject, encoded = f"lanes/{last.lane}", msgspec.json.encode(data)
    tx.execute(
        "DELETE FROM fact WHERE lane = ? AND epoch = ? AND sequence >= ? AND sequence < ?",
        (last.lane, last.epoch, first, last.sequence),
    )
    tx.execute(
        "UPDATE fact SET id = ?, type = ?, subject = ?, data = ?, covers = ? WHERE position = ?",
        (_new_id(last), data.TYPE, subject, encoded, first, last.position),
    )
    freed = sum(weight(one.subject, one.data) for one in facts) - weight(subject, encoded)
    tx.head.put(lane.thinned(freed, **counted))
    return freed


def _new_id(fact: RecordedFact) -> str:
    return uuid7(Instant(fact.time, fact.monotonic))


def _first(fact: RecordedFact) -> int:
    return fact.sequence if fact.covers is None else fact.covers


def _stands_for(fact: RecordedFact) -> int:
    """How many facts as they were recorded."""
    return fact.sequence - _first(fact) + 1


def _since(fact: RecordedFact) -> datetime:
    kind = ROLL_UP_TYPES.get(fact.type) or GAP_TYPES.get(fact.type)
    return fact.time if kind is None else msgspec.json.decode(fact.data, type=kind).since
