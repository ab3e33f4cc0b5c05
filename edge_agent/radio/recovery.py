"""Takes the steps of the ladder, and keeps several adapters from hurting each other by it.

bleak keeps one manager, one D-Bus connection and one lock for all adapters of an event loop. A
call that bluetoothd does not answer holds that lock, so adapters start their scans in turn: each
has the whole time of its own attempt, and waits for at most one attempt of each other.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from bleak.backends.bluezdbus import manager as bleak_manager

from edge_agent.kernel.clock import Instant
from edge_agent.radio.bluez_watch import BluezWatch
from edge_agent.radio.ladder import SHARED
from edge_agent.radio.watchdog import Step

SHARED_REST_S = 30.0
"""After a step that all adapters feel, none takes one: bluetoothd needs 2 s to start, the kernel's
old scan 10 s to end, and an adapter 15 s to show that it hears."""


@dataclass
class Company:
    """The local adapters of one process.

    Attributes:
        hearing: the names of those that hear now.
        turn: held while one of them stops and starts a scan.
        renewals: how often bleak was made to begin anew; a scan from before is none any more.
    """

    hearing: set[str] = field(default_factory=set)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    renewals: int = 0
    shared_step_at: float = float("-inf")

    def others_hear(self, adapter: str) -> bool:
        """Whether any adapter but this one hears."""
        return bool(self.hearing - {adapter})

    def may_share(self, now: Instant) -> bool:
        """Whether the last step that all feel has had time to work; if so, it is taken now."""
        if now.monotonic - self.shared_step_at < SHARED_REST_S:
            return False
        self.shared_step_at = now.monotonic
        return True


async def take(
    step: Step, adapter: str, *, bluez: BluezWatch, company: Company, now: Instant, rest_s: float
) -> str:
    """Take one step for `adapter`; returns what went wrong, in the other side's words.

    `rest_s` is how long a power cycle stays off.
    """
    if step in SHARED and not company.may_share(now):
        return ""
    match step:
        case Step.POWER_CYCLE:
            return await bluez.power_cycle(adapter, rest_s)
        case Step.RESTART_BLUETOOTHD:
            return await bluez.restart_bluetoothd()
        case Step.RENEW_BLEAK:
            company.renewals += 1
            renew_bleak()
        case Step.NEW_SCAN | Step.GIVEN_UP:
            pass  # a new scan follows every step
    return ""


def renew_bleak() -> None:
    """Make bleak connect anew and read every object again; running scans fall silent.

    bleak caches what BlueZ said in a manager per event loop and offers no reset. A loop of our own
    in a thread would isolate it at the price of a thread change for each of thousands of adverts a
    second, and a process of its own at that of a second copy of them; so the manager is taken
    from bleak's private table, and its connection ends by itself when nobody holds it any more.
    A bleak without that table is left as it is; a test fails then.
    """
    managers = getattr(bleak_manager, "_global_instances", {})
    stale = managers.pop(asyncio.get_running_loop(), None)
    with suppress(Exception):
        stale._bus.disconnect()  # noqa: SLF001
