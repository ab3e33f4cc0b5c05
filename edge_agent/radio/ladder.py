"""The recovery ladder: what is tried for an adapter that cannot hear, in which order. Pure.

Each rung is followed by a new scan, and each scan begins by stopping the old one, whatever that
says. A rung is reached only when the one before brought no lasting hearing. What it rests on, row
by row: the faults of a real BlueZ (facts, simulation.md), habluetooth's and bleak's issues.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from edge_agent.radio.watchdog import Reason, Step


class Pause(Enum):
    """How long to wait before the new scan; a change on D-Bus cuts each short."""

    RETRY = "retry"
    BUSY = "busy"
    SLOW = "slow"


class Rung(NamedTuple):
    """A step, and the wait after it."""

    step: Step
    pause: Pause = Pause.RETRY


AGAIN = Rung(Step.NEW_SCAN)
LATER = Rung(Step.NEW_SCAN, Pause.BUSY)
POWER = Rung(Step.POWER_CYCLE)
RESTART = Rung(Step.RESTART_BLUETOOTHD)
RENEW = Rung(Step.RENEW_BLEAK)
SLOWLY = Rung(Step.GIVEN_UP, Pause.SLOW)

LADDER: Mapping[Reason, tuple[Rung, ...]] = {
    # An empty store is silent too: what disturbs others is not done for it.
    Reason.SILENT: (AGAIN, AGAIN, AGAIN, POWER),
    # The beacon beside it is not heard either: the radio is deaf whatever it says.
    Reason.DEAF: (AGAIN, POWER, AGAIN, RESTART, RENEW),
    # Its "discovering" flag is stuck (bluez#807): only power or a new bluetoothd clears it.
    Reason.NOT_DISCOVERING: (AGAIN, POWER, AGAIN, RESTART, RENEW),
    # The kernel ends the scan of a killed bluetoothd after 10.24 s; power off ends it at once.
    Reason.BUSY: (LATER, POWER, LATER, RESTART, LATER, RENEW),
    # Somebody may be switching it on again; a store's radio has no reason to stay off.
    Reason.POWERED_OFF: (AGAIN, AGAIN, POWER, AGAIN, POWER),
    # Nothing can be done but wait; D-Bus tells when it is back.
    Reason.UNPLUGGED: (AGAIN, AGAIN, AGAIN),
    # systemd starts it again by itself; if not, it is told to.
    Reason.BLUETOOTHD_GONE: (AGAIN, AGAIN, RESTART, AGAIN, RESTART),
    Reason.NO_ANSWER: (AGAIN, RESTART, POWER, RENEW),
    Reason.REFUSED: (AGAIN, POWER, RESTART, RENEW),
    Reason.BUS_LOST: (AGAIN, AGAIN, AGAIN, RENEW),
}

SHARED = frozenset({Step.RESTART_BLUETOOTHD, Step.RENEW_BLEAK})
"""Steps that every adapter feels: never taken while another one hears."""

ROUND = 10
"""Of the slow attempts after the last rung, each tenth climbs one rung of the ladder again: ten
minutes apart, so that what heals by itself overnight is found, and nothing is disturbed for it."""


def rung(reason: Reason, attempt: int, *, others_hear: bool) -> Rung:
    """What to do after the `attempt`-th failure (from 1) for `reason` with no hearing between.

    Args:
        reason: of an adapter; `KeyError` for one that only other receivers have.
        attempt: failures for this reason since it last heard.
        others_hear: whether another adapter hears, which a shared step would disturb.
    """
    rungs = LADDER[reason]
    chosen = rungs[attempt - 1] if attempt <= len(rungs) else SLOWLY
    beyond = attempt - len(rungs)
    if beyond > 0 and beyond % ROUND == 0:
        chosen = rungs[(beyond // ROUND - 1) % len(rungs)]
    if others_hear and chosen.step in SHARED:
        return SLOWLY
    return chosen
