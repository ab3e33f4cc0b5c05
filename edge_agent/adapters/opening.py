"""How a door is opened: pulse, look, rest, pulse again, at most three times. Pure."""

from dataclasses import dataclass

from device_profiles.lockers.profile import Timing
from edge_agent.devices.messages import Door, Outcome

PULSES = 3
"""One and at most two more: a latch under load often lets go at the second pulse, one that held
three times needs a person (the practice of the parcel lockers)."""

SILENCE_S = 5.0
"""How long a board that does not answer after a pulse is asked again. A coil can disturb the line
and a busy gateway can miss replies for a second; whoever gives up sooner tells staff of a failed
door while the customer takes the goods out of it."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """Pulse the lock now."""


@dataclass(frozen=True, slots=True)
class Look:
    """Read the sensors again, after the opening's polling interval."""


@dataclass(frozen=True, slots=True)
class End:
    """It is over; `reason` is for staff."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """One command being carried out.

    Attributes:
        not_after: no pulse after this, in seconds on the monotonic clock of `now`.
        pulses: given so far.
        pulsed_at: when the last one was given.
    """

    not_after: float
    pulses: int = 0
    pulsed_at: float = 0.0

    def pulsed(self, now: float) -> "Opening":
        """The opening after a pulse at `now`."""
        return Opening(self.not_after, self.pulses + 1, now)


def decide(opening: Opening, door: Door, *, now: float, timing: Timing) -> Pulse | Look | End:
    """What to do next.

    Args:
        opening: so far.
        door: read after the last pulse. Before the first it does not matter: a door whose broken
            sensor says open must still be opened for whoever has goods behind it.
        now: seconds, monotonic.
        timing: of the family.
    """
    if opening.pulses == 0:
        return _first(opening, now)
    since = now - opening.pulsed_at
    if door is Door.OPEN:
        return End(Outcome.DONE)
    if since < (SILENCE_S if door is Door.UNKNOWN else timing.confirm):
        return Look()
    if door is not Door.UNKNOWN and opening.pulses < PULSES and now <= opening.not_after:
        return Look() if since < timing.cool_down else Pulse()
    return End(Outcome.FAILED, _why_not(opening, door))


def _first(opening: Opening, now: float) -> Pulse | End:
    if now >= opening.not_after:
        return End(Outcome.LATE, "its time ran out before the door could be opened")
    return Pulse()


def _why_not(opening: Opening, door: Door) -> str:
    if door is Door.UNKNOWN:
        return "the board does not answer: look whether the door is open"
    return "did not open" if opening.pulses == PULSES else "did not open in time"
