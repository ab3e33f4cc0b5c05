"""Which wall time to believe (docs/reference/contract.md, "Clocks"). Pure.

The machine's wall clock is believed while it is synchronised, and otherwise as long as it goes on
from what was believed before. Where it does not (1970 after a dead battery, a jump by hand, forty
years ahead) time goes on by the monotonic clock from the last moment that was believed: nothing
ends too early by it, and what is timed within a boot does not notice.
"""

from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality

BUILT: Final = datetime(2026, 11, 1, tzinfo=UTC)
"""This version did not exist earlier: a wall clock that says so was never set. Moved with each
release."""

AHEAD: Final = timedelta(days=365)
"""A clock that nobody synchronises and that stands further ahead of the build, or of the time that
was saved last, has lost its battery rather than a year of trade; nor is a saved time believed that
is so far ahead, once a synchronised source says something else (contract)."""

JUMP: Final = timedelta(hours=1)
"""Further than any drift (a bad crystal: 10 s a day) or change of zone that leaves UTC alone; what
moves the clock by more is believed as soon as it is synchronised."""


class Believed(NamedTuple):
    """What is believed of the time at one moment.

    Attributes:
        quality: `UNSET`: nothing may end by it.
        own: it goes on by the monotonic clock, as the machine's wall clock is not believed.
    """

    at: Instant
    quality: ClockQuality
    own: bool


def begin(raw: Instant, *, synchronised: bool, saved: datetime | None) -> Believed:
    """What to believe at the start, when the machine says `raw` and `saved` was saved last."""
    if synchronised and raw.wall >= BUILT:
        return Believed(raw, ClockQuality.SYNCED, own=False)
    floor = BUILT if saved is None else max(BUILT, saved)
    if floor <= raw.wall <= floor + AHEAD:
        return Believed(raw, ClockQuality.SAVED, own=False)
    quality = ClockQuality.UNSET if saved is None else ClockQuality.SAVED
    return Believed(Instant(floor, raw.monotonic), quality, own=True)


def go_on(before: Believed, raw: Instant, *, synchronised: bool) -> Believed:
    """What to believe some time after `before`, when the machine says `raw`."""
    if synchronised and raw.wall >= BUILT:
        return Believed(raw, ClockQuality.SYNCED, own=False)
    if not jumped(before, raw):
        return Believed(raw, ClockQuality.SAVED, own=False)
    quality = before.quality if before.own else ClockQuality.UNSET
    return Believed(_expected(before, raw), quality, own=True)


def jumped(before: Believed, raw: Instant) -> bool:
    """Whether the machine's wall clock, now at `raw`, does not go on from what was believed."""
    return abs(raw.wall - _expected(before, raw).wall) > JUMP


def _expected(before: Believed, raw: Instant) -> Instant:
    return before.at.plus(raw.monotonic - before.at.monotonic)


def to_save(believed: Believed) -> datetime | None:
    """The wall time that may be saved for the next start; None when there is none."""
    return believed.at.wall if believed.quality is ClockQuality.SYNCED else None
