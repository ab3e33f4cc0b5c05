"""When a door is opened, and what its sensors prove. Pure.

Nothing here believes a command: an opening has happened when the compartment's own sensor has
gone from closed to open, or when the adapter has read that after its pulse; the goods have been
taken when the door is closed again and nothing is seen inside. Where no sensor looks inside, a
door that was opened for a verified customer and closed again counts.
"""

import math
from dataclasses import replace

from cloud_bridge.wire.facts.pickup import DoorOpened, DoorOpenedUnasked, OpeningFailed
from edge_agent.capabilities.pickup.decide.orders import about, collected, ready
from edge_agent.capabilities.pickup.machine import refusal, step
from edge_agent.capabilities.pickup.model import (
    Compartment,
    Decision,
    Event,
    Opening,
    OpeningState,
    Order,
    Policy,
    Problem,
    Purpose,
    Reading,
    State,
)
from edge_agent.devices.messages import Door
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact

_EVENTS = {
    Purpose.STAGE: Event.STAGE_IN_LOCKER,
    Purpose.COLLECT: Event.OPEN,
    Purpose.REMOVE: Event.REMOVE,
}

ANSWER_S = 10.0
"""How long after an opening's end its answer is awaited: the adapter may pulse until the very end
and looks for 1.5 s after that; the rest is the way back, and a board that is slow."""


def open_for(
    order: Order,
    purpose: Purpose,
    place: Compartment | None = None,
    *,
    key: str,
    boot: str,
    now: Instant,
    policy: Policy,
) -> Decision:
    """Have a door opened: `place` to stage there, else the compartment in which the bag lies.

    Raises:
        Refused: `at_desk` when the bag lies in none, and whatever the order's state refuses.
    """
    state = step(order.state, _EVENTS[purpose])
    slot = place or order.slot
    if not isinstance(slot, Compartment):
        raise refusal("at_desk")
    opening = Opening(
        key=key,
        order=order.id,
        place=slot,
        purpose=purpose,
        boot=boot,
        decided_at=now,
        not_after=now.plus(policy.open_within_s),
    )
    problem = order.problem if purpose is Purpose.REMOVE else None
    return Decision(replace(order, state=state, slot=slot, problem=problem), (), opening)


def left_s(opening: Opening, *, boot: str, now: Instant) -> float:
    """Seconds until the opening's end, negative after it.

    For another process than the one that decided it, only the wall clock can tell; where that
    stands before the decision it has been set back and proves nothing: long over.
    """
    if opening.boot == boot:
        return opening.not_after.monotonic - now.monotonic
    if now.wall < opening.decided_at.wall:
        return -math.inf
    return (opening.not_after.wall - now.wall).total_seconds()


def opened(order: Order, opening: Opening, *, now: Instant) -> Decision:
    """The sensor has seen the door open after our command."""
    data = DoorOpened(
        order=order.id,
        bank=opening.place.bank,
        compartment=opening.place.number,
        command=opening.key,
    )
    evidence = order.evidence
    if opening.purpose is Purpose.COLLECT:
        evidence = (*evidence, "door_opened")
    return Decision(
        replace(order, state=step(order.state, Event.DOOR_OPENED), evidence=evidence),
        (about(order.id, data),),
        replace(opening, state=OpeningState.OPENED, opened_at=now.wall),
    )


def closed(
    order: Order,
    opening: Opening,
    occupied: bool | None,  # noqa: FBT001 - what the sensor says, not a switch
    *,
    pass_id: str,
    now: Instant,
    policy: Policy,
) -> Decision:
    """The door that we opened is closed again; `occupied` as the sensor says, None without one."""
    inside = opening.purpose is Purpose.STAGE if occupied is None else occupied
    event = Event.CLOSED_ON_GOODS if inside else Event.CLOSED_ON_NOTHING
    state = step(order.state, event)
    ended = replace(opening, state=OpeningState.ENDED)
    if state is State.READY:
        decision = ready(order, state, opening.place, pass_id=pass_id, now=now, policy=policy)
    elif state is State.COLLECTED:
        taken = () if occupied is None else ("goods_taken",)
        decision = collected(order, state, (*order.evidence, *taken, "door_closed"), now=now)
    else:
        decision = Decision(_unfinished(order, state, inside=inside))
    return replace(decision, opening=ended)


def failed(order: Order, opening: Opening, problem: Problem, reason: str) -> Decision:
    """The door did not open, or not in time: the order is unreleased, staff see why."""
    state = step(order.state, Event.OPENING_FAILED)
    data = OpeningFailed(
        order=order.id,
        bank=opening.place.bank,
        compartment=opening.place.number,
        command=opening.key,
        reason=reason,
    )
    slot = None if opening.purpose is Purpose.STAGE else order.slot
    return Decision(
        replace(order, state=state, slot=slot, evidence=(), problem=problem),
        (about(order.id, data),),
        replace(opening, state=OpeningState.FAILED, reason=reason),
    )


def opened_by_itself(place: Compartment, order: Order | None) -> tuple[Order | None, Fact]:
    """A door is open that nobody asked to open: reported, and never counted as collected."""
    data = DoorOpenedUnasked(
        bank=place.bank, compartment=place.number, order=order.id if order else None
    )
    fact = Fact(f"lockers/{place.bank}/{place.number}", data)
    return (replace(order, problem=Problem.OPENED_UNASKED) if order else None), fact


def reminded(order: Order, opening: Opening, *, now: Instant, policy: Policy) -> Order | None:
    """The order with the task to close its door; None while there is none, or it stands already."""
    if opening.opened_at is None or order.problem is Problem.DOOR_LEFT_OPEN:
        return None
    open_s = (now.wall - opening.opened_at).total_seconds()
    return (
        replace(order, problem=Problem.DOOR_LEFT_OPEN)
        if open_s >= policy.close_reminder_s
        else None
    )


def has_opened(before: Reading, after: Reading) -> bool:
    """Whether the sensor has gone from closed to open; from unknown proves nothing."""
    return before.door is Door.CLOSED and after.door is Door.OPEN


def _unfinished(order: Order, state: State, *, inside: bool) -> Order:
    """The door is closed, and what was to happen did not (or a cancelled bag was seen to)."""
    if state is State.ARRIVED:
        return replace(order, state=state, evidence=(), problem=Problem.GOODS_LEFT_INSIDE)
    if inside:
        return replace(order, state=state, problem=Problem.TAKE_OUT_CANCELLED)
    problem = Problem.COMPARTMENT_EMPTY if state is State.PICKED else None
    return replace(order, state=state, slot=None, problem=problem)
