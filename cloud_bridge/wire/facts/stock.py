"""What the store has."""

from typing import ClassVar, Literal

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload


class Changed(Payload, frozen=True, kw_only=True):
    """The ledger of one article moved.

    Attributes:
        gtin: GTIN-13.
        delta: the change of `on_hand`, in units; 0 when only a reservation moved.
        reference: what caused it: a receipt, an order, a count.
        short: units that left although the ledger did not have them; `on_hand` stopped at 0.
    """

    TYPE: ClassVar[str] = "store.stock.changed.v1"
    LANE: ClassVar[str] = Lane.STOCK
    PHYSICAL: ClassVar[bool] = True
    gtin: str
    on_hand: int
    reserved: int
    delta: int
    reason: Literal["count", "sale", "reserved", "released", "collected"]
    reference: str
    short: int = 0
