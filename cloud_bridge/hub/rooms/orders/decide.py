"""What a store's fact makes of an order."""

from cloud_bridge.hub.rooms.orders.model import ENDED, State
from cloud_bridge.wire.facts import pickup
from cloud_bridge.wire.streams.orders import CancelOrder, PlaceOrder

STATES: dict[str, State] = {
    pickup.Accepted.TYPE: State.ACCEPTED,
    pickup.Rejected.TYPE: State.REJECTED,
    pickup.PickingStarted.TYPE: State.PICKING,
    pickup.Ready.TYPE: State.READY,
    pickup.Arrived.TYPE: State.ARRIVED,
    pickup.Collected.TYPE: State.COLLECTED,
    pickup.Cancelled.TYPE: State.CANCELLED,
    pickup.CancelRefused.TYPE: State.CANCEL_REFUSED,
}
"""The state that each fact brings about; facts that are not here change none."""

ANSWERS: dict[str, str] = {
    pickup.Accepted.TYPE: PlaceOrder.TYPE,
    pickup.Rejected.TYPE: PlaceOrder.TYPE,
    pickup.Cancelled.TYPE: CancelOrder.TYPE,
    pickup.CancelRefused.TYPE: CancelOrder.TYPE,
}
"""The command that each fact answers."""


def moved_on(state: State, fact_type: str) -> State:
    """The state after a fact of `fact_type`. What has ended stays as it ended."""
    return state if state in ENDED else STATES.get(fact_type, state)
