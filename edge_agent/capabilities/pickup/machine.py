"""The life of an order as data: every pair of state and event stands in one of two tables."""

from collections.abc import Iterable
from typing import Final

from edge_agent.capabilities.pickup.model import Event, State
from edge_agent.kernel.errors import Refused

TRANSITIONS: Final[dict[tuple[State, Event], State]] = {
    (State.ACCEPTED, Event.START_PICKING): State.PICKING,
    (State.ACCEPTED, Event.CANCEL): State.CANCELLED,
    (State.PICKING, Event.FINISH_PICKING): State.PICKED,
    (State.PICKING, Event.CANCEL): State.CANCELLED,
    (State.PICKED, Event.STAGE_AT_DESK): State.READY,
    (State.PICKED, Event.STAGE_IN_LOCKER): State.STAGING,
    (State.PICKED, Event.CANCEL): State.CANCELLED,
    (State.STAGING, Event.DOOR_OPENED): State.STAGING,
    (State.STAGING, Event.CLOSED_ON_GOODS): State.READY,
    (State.STAGING, Event.CLOSED_ON_NOTHING): State.PICKED,
    (State.STAGING, Event.OPENING_FAILED): State.PICKED,
    (State.STAGING, Event.CANCEL): State.CANCELLED,
    (State.READY, Event.ARRIVE): State.ARRIVED,
    (State.READY, Event.OPEN): State.OPENING,
    (State.READY, Event.HAND_OVER): State.COLLECTED,
    (State.READY, Event.CANCEL): State.CANCELLED,
    (State.ARRIVED, Event.ARRIVE): State.ARRIVED,
    (State.ARRIVED, Event.OPEN): State.OPENING,
    (State.ARRIVED, Event.HAND_OVER): State.COLLECTED,
    (State.ARRIVED, Event.CANCEL): State.CANCELLED,
    (State.OPENING, Event.DOOR_OPENED): State.OPEN,
    (State.OPENING, Event.OPENING_FAILED): State.ARRIVED,
    (State.OPEN, Event.CLOSED_ON_NOTHING): State.COLLECTED,
    (State.OPEN, Event.CLOSED_ON_GOODS): State.ARRIVED,
    (State.CANCELLED, Event.CANCEL): State.CANCELLED,
    (State.CANCELLED, Event.REMOVE): State.CANCELLED,
    (State.CANCELLED, Event.DOOR_OPENED): State.CANCELLED,
    (State.CANCELLED, Event.CLOSED_ON_GOODS): State.CANCELLED,
    (State.CANCELLED, Event.CLOSED_ON_NOTHING): State.CANCELLED,
    (State.CANCELLED, Event.OPENING_FAILED): State.CANCELLED,
}
"""A cancelled order goes on holding its compartment until the bag was seen to be taken out."""

_PICK: Final = (Event.START_PICKING, Event.FINISH_PICKING)
_STAGE: Final = (Event.STAGE_AT_DESK, Event.STAGE_IN_LOCKER)
_COLLECT: Final = (Event.ARRIVE, Event.OPEN, Event.HAND_OVER)
_CLOSED: Final = (Event.CLOSED_ON_GOODS, Event.CLOSED_ON_NOTHING)
_DOOR: Final = (Event.DOOR_OPENED, *_CLOSED, Event.OPENING_FAILED)
_COMMANDS: Final = (*_PICK, *_STAGE, *_COLLECT, Event.REMOVE, Event.CANCEL)
_PICKABLE: Final = (State.ACCEPTED, State.PICKING, State.PICKED)
_BEFORE_READY: Final = (*_PICKABLE, State.STAGING)
_STAGED: Final = (State.STAGING, State.READY, State.ARRIVED, State.OPENING, State.OPEN)
_AT_THE_DOOR: Final = (State.OPENING, State.OPEN)
_BAG_AT_REST: Final = (*_PICKABLE, State.READY, State.ARRIVED)
_LIVE: Final = (*_BEFORE_READY, State.READY, State.ARRIVED, *_AT_THE_DOOR)


def _each(
    reason: str, states: Iterable[State], events: Iterable[Event]
) -> dict[tuple[State, Event], str]:
    return {(state, event): reason for state in states for event in events}


REFUSALS: Final[dict[tuple[State, Event], str]] = {
    **_each("already_picking", [State.PICKING], [Event.START_PICKING]),
    **_each("already_picked", [State.PICKED, *_STAGED], [Event.START_PICKING]),
    **_each("not_picking", [State.ACCEPTED], [Event.FINISH_PICKING]),
    **_each("already_picked", [State.PICKED, *_STAGED], [Event.FINISH_PICKING]),
    **_each("not_picked", [State.ACCEPTED, State.PICKING], _STAGE),
    **_each("already_staged", _STAGED, _STAGE),
    **_each("not_ready", _BEFORE_READY, _COLLECT),
    **_each("door_opening", _AT_THE_DOOR, [Event.ARRIVE, Event.OPEN]),
    **_each("in_locker", _AT_THE_DOOR, [Event.HAND_OVER]),
    **_each("being_collected", _AT_THE_DOOR, [Event.CANCEL]),
    **_each("not_cancelled", _LIVE, [Event.REMOVE]),
    **_each("already_collected", [State.COLLECTED], _COMMANDS),
    **_each("cancelled", [State.CANCELLED], [*_PICK, *_STAGE, *_COLLECT]),
    **_each("order_rejected", [State.REJECTED], _COMMANDS),
    **_each("unasked", _BAG_AT_REST, _DOOR),
    **_each("unasked", [State.COLLECTED, State.REJECTED], _DOOR),
    **_each("unasked", [State.OPENING], _CLOSED),
    **_each("unasked", [State.OPEN], [Event.DOOR_OPENED, Event.OPENING_FAILED]),
}

SENTENCES: Final = {
    "already_picking": "Somebody is picking this order.",
    "already_picked": "This order is picked.",
    "not_picking": "Start picking first.",
    "not_picked": "Pick the order first.",
    "already_staged": "This order has its place already.",
    "not_ready": "This order is not ready yet.",
    "door_opening": "The door is being opened.",
    "in_locker": "This order is in a locker; the pass opens its door.",
    "being_collected": "The customer is at the open door.",
    "not_cancelled": "Only a cancelled order is taken out.",
    "already_collected": "This order was collected.",
    "cancelled": "This order was cancelled.",
    "order_rejected": "The store never took this order on.",
    "at_desk": "This order lies at the desk.",
    "order_unknown": "There is no such order here.",
    "pass_invalid": "This is no pickup pass of this store, or it was replaced.",
    "wrong_bank": "This order lies in another bank of lockers.",
    "no_compartment": "No compartment of this bank is free.",
    "bank_silent": "These lockers do not answer; staff will help.",
    "unasked": "The door moved without being asked.",
    "restored": "This store's records were restored; the cloud must check them first.",
}

_STATUS: Final = {"order_unknown": 404, "pass_invalid": 403, "bank_silent": 503, "restored": 503}


def step(state: State, event: Event) -> State:
    """The state after `event`.

    Raises:
        Refused: the pair stands in `REFUSALS`.
    """
    after = TRANSITIONS.get((state, event))
    if after is None:
        raise refusal(REFUSALS[state, event])
    return after


def refusal(code: str) -> Refused:
    """The refusal of that code, in words."""
    return Refused(code, SENTENCES[code], status=_STATUS.get(code, 409))
