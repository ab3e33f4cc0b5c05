"""What each unit of work of this room begins and ends with."""

from edge_agent.capabilities.pickup import store
from edge_agent.capabilities.pickup.machine import refusal
from edge_agent.capabilities.pickup.model import Decision, Order
from edge_agent.kernel.clock import Instant
from edge_agent.storage import Tx


def load(tx: Tx, order: str) -> Order:
    """The order of that id.

    Raises:
        Refused: `order_unknown`.
    """
    found = store.find(tx, order)
    if found is None:
        raise refusal("order_unknown")
    return found


def keep(tx: Tx, decision: Decision, now: Instant) -> None:
    """Keep what was decided and record its facts."""
    store.save(tx, decision.order)
    if decision.opening is not None:
        store.save_opening(tx, decision.opening)
    for fact in decision.facts:
        tx.record(fact, now)
