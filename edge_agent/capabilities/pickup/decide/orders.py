"""What commands and people do to an order. Pure."""

import re
from dataclasses import replace
from datetime import UTC, timedelta

from cloud_bridge.wire.facts.pickup import (
    Accepted,
    ArrivalBy,
    Arrived,
    Cancelled,
    Collected,
    Picked,
    PickingStarted,
    Ready,
    Rejected,
    Verified,
)
from cloud_bridge.wire.facts.upkeep import OrderSettled
from cloud_bridge.wire.streams.orders import PlaceOrder
from edge_agent.capabilities.pickup.machine import refusal, step
from edge_agent.capabilities.pickup.model import (
    ORDER_ID,
    Compartment,
    Decision,
    Desk,
    Event,
    Line,
    Order,
    Policy,
    Problem,
    Slot,
    State,
)
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact, FactData

_DOOR_FAILED = (Problem.DOOR_DID_NOT_OPEN, Problem.LOCKER_SILENT)
"""What leaves a bag behind a door that only a key opens."""

MOST_UNITS = 10_000
"""Of one article in one order; more is a mistake in the shop's checkout, and no bag holds it."""


def about(order: str, data: FactData) -> Fact:
    """A fact about an order."""
    return Fact(f"orders/{order}", data)


def place(command: PlaceOrder, *, now: Instant) -> Decision:
    """Take a new order on, or reject it.

    Reasons: ``bad_order_id``, ``no_lines``, ``bad_quantity``, ``too_late``.
    """
    order = Order(
        id=command.order,
        state=State.ACCEPTED,
        shopper=command.shopper,
        collector=command.collector,
        phone_last4=command.phone_last4,
        language=command.language,
        lines=tuple(Line(one.gtin, one.quantity, one.name, one.size) for one in command.lines),
        placed_at=now.wall,
        collect_by=command.collect_by.astimezone(UTC),
    )
    reason = _why_not(order, now)
    if not reason:
        return Decision(order, (about(order.id, Accepted(order=order.id)),))
    rejected = replace(order, state=State.REJECTED, reason=reason, ended_at=now.wall)
    return Decision(rejected, placed_before(rejected))


def placed_before(order: Order) -> tuple[Fact, ...]:
    """The answer to `PlaceOrder` for an order that the store knows already: the same as then."""
    if order.state is State.REJECTED:
        return (about(order.id, Rejected(order=order.id, reason=order.reason)),)
    return (about(order.id, Accepted(order=order.id)),)


def start_picking(order: Order) -> Decision:
    """A clerk begins to collect the lines."""
    after = replace(order, state=step(order.state, Event.START_PICKING))
    return Decision(after, (about(order.id, PickingStarted(order=order.id)),))


def finish_picking(order: Order) -> Decision:
    """All lines are in the bag."""
    after = replace(order, state=step(order.state, Event.FINISH_PICKING))
    return Decision(after, (about(order.id, Picked(order=order.id)),))


def stage_at_desk(order: Order, *, pass_id: str, now: Instant, policy: Policy) -> Decision:
    """The bag lies behind the desk: ready at once."""
    state = step(order.state, Event.STAGE_AT_DESK)
    return ready(order, state, Desk(), pass_id=pass_id, now=now, policy=policy)


def ready(
    order: Order, state: State, slot: Slot, *, pass_id: str, now: Instant, policy: Policy
) -> Decision:
    """The bag lies in `slot`; a pass can be shown from now on."""
    kept_until = min(order.collect_by, now.wall + timedelta(seconds=policy.hold_s))
    after = replace(
        order, state=state, slot=slot, collect_by=kept_until, pass_id=pass_id, problem=None
    )
    place = slot if isinstance(slot, Compartment) else None
    data = Ready(
        order=order.id,
        bank=place.bank if place else None,
        compartment=place.number if place else None,
        collect_by=kept_until,
    )
    return Decision(after, (about(order.id, data),))


def arrive(order: Order, by: ArrivalBy, *, now: Instant) -> Decision:
    """The customer is believed to be here; the first sign counts, later ones change nothing."""
    state = step(order.state, Event.ARRIVE)
    if order.arrived_at is not None:
        return Decision(replace(order, state=state))
    after = replace(order, state=state, arrived_at=now.wall, arrived_by=by)
    return Decision(after, (about(order.id, Arrived(order=order.id, by=by)),))


def verify(order: Order, *, pass_id: str, at: str, now: Instant) -> Decision:
    """A pass that the store signed was shown `at` a bank or the desk; it is an arrival, too.

    Raises:
        Refused: `pass_invalid` for a pass that another has replaced, and whatever the order's
            state refuses.
    """
    step(order.state, Event.OPEN)
    if pass_id != order.pass_id:
        raise refusal("pass_invalid")
    arrived = arrive(order, "pass", now=now)
    after = replace(arrived.order, evidence=("pass_verified",))
    data = Verified(order=order.id, proof="pass", at=at)
    return Decision(after, (*arrived.facts, about(order.id, data)))


def by_hand(order: Order) -> bool:
    """Whether a clerk gives the bag over: it lies at the desk, or its door has failed.

    A door that failed is opened with the bank's key; then the person at the desk is the evidence.
    """
    waits = order.state in (State.READY, State.ARRIVED)
    return waits and (not isinstance(order.slot, Compartment) or order.problem in _DOOR_FAILED)


def hand_over(order: Order, *, now: Instant) -> Decision:
    """A clerk gives the bag to the customer.

    Raises:
        Refused: `in_locker`, and whatever the order's state refuses.
    """
    state = step(order.state, Event.HAND_OVER)
    if not by_hand(order):
        raise refusal("in_locker")
    return collected(order, state, (*order.evidence, "staff_confirmed"), now=now)


def collected(order: Order, state: State, evidence: tuple[str, ...], *, now: Instant) -> Decision:
    """The goods left with the customer, as `evidence` shows."""
    after = replace(
        order, state=state, slot=None, evidence=evidence, ended_at=now.wall, problem=None
    )
    data = Collected(order=order.id, evidence=list(evidence), lines=order.units())
    return Decision(after, (about(order.id, data),))


def cancel(order: Order, reason: str, *, now: Instant) -> Decision:
    """The order ends unhanded; its pass opens nothing any more.

    A compartment stays the order's until the bag was seen to be taken out.
    """
    state = step(order.state, Event.CANCEL)
    fact = about(order.id, Cancelled(order=order.id, reason=order.reason or reason))
    if order.state is State.CANCELLED:
        return Decision(order, (fact,))
    in_locker = isinstance(order.slot, Compartment)
    after = replace(
        order,
        state=state,
        slot=order.slot if in_locker else None,
        pass_id=None,
        ended_at=now.wall,
        problem=Problem.TAKE_OUT_CANCELLED if in_locker else None,
        reason=reason,
    )
    return Decision(after, (fact,))


def settle(order: Order, state: State, *, now: Instant) -> Decision:
    """An order that a restored database holds open had ended so: the cloud was told of it.

    No move of its life cycle: that was made in the database that is gone. Goods that may still lie
    in a compartment are a task for staff.
    """
    in_locker = isinstance(order.slot, Compartment) and state is not State.COLLECTED
    after = replace(
        order,
        state=state,
        slot=order.slot if in_locker else None,
        pass_id=None,
        ended_at=now.wall,
        problem=Problem.TAKE_OUT_CANCELLED if in_locker else None,
        reason="restored",
    )
    data = OrderSettled(order=order.id, state=state.value, was=order.state.value)
    return Decision(after, (about(order.id, data),))


def _why_not(order: Order, now: Instant) -> str:
    if not re.fullmatch(ORDER_ID, order.id):
        return "bad_order_id"
    if not order.lines:
        return "no_lines"
    if not all(0 < line.quantity <= MOST_UNITS for line in order.lines):
        return "bad_quantity"
    return "too_late" if order.collect_by <= now.wall else ""
