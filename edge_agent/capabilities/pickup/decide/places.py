"""Which compartment takes a bag. Pure."""

from collections.abc import Collection, Iterable, Mapping

from edge_agent.capabilities.pickup.model import Box, Compartment, Reading, Size
from edge_agent.devices.messages import Door


def choose(
    boxes: Iterable[Box],
    *,
    needed: Size,
    readings: Mapping[Compartment, Reading],
    unusable: Collection[Compartment],
) -> Compartment | None:
    """The smallest free compartment that takes a bag of size `needed`; None: keep it at the desk.

    Smallest first is within a negligible gap of the best assignment (arXiv 2607.01489). Free is
    what is not `unusable` (held by an order, or out of service), was read closed, and in which
    nothing is seen.
    """
    free = [
        box
        for box in boxes
        if box.size >= needed and box.place not in unusable and _is_free(readings.get(box.place))
    ]
    best = min(free, key=lambda box: (box.size, box.place.bank, box.place.number), default=None)
    return best.place if best else None


def _is_free(reading: Reading | None) -> bool:
    return reading is not None and reading.door is Door.CLOSED and not reading.occupied
