"""Whether time may end anything now (docs/reference/contract.md, "Clocks"). Pure."""

from dataclasses import dataclass
from typing import Final

from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality

JUMP_S: Final = 3600.0
"""The wall clock was set when it moved this far against the monotonic one."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the clock has shown; `steady` whether what is over by it may end."""

    at: Instant
    steady: bool


def look(before: Look | None, now: Instant, quality: ClockQuality) -> Look:
    """Look at the clock, some time after `before`.

    Nothing ends while the clock was never set, nor after it has jumped: that is believed as soon as
    the clock is synchronised.
    """
    if quality is ClockQuality.UNSET or (before is not None and _jumped(before.at, now)):
        return Look(now, steady=False)
    trusted = before is None or before.steady or quality is ClockQuality.SYNCED
    return Look(now, steady=trusted)


def _jumped(before: Instant, now: Instant) -> bool:
    by_wall = (now.wall - before.wall).total_seconds()
    return abs(by_wall - (now.monotonic - before.monotonic)) > JUMP_S
