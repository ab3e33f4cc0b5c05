"""The commands about orders; each is answered by a fact of `wire.facts.pickup`."""

from typing import ClassVar, Literal

import msgspec

from cloud_bridge.wire.streams import Moment

STREAM = "commands"
"""The one command log per store: topic `down/commands`, a JSON array of `envelope.Command`."""


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """An article and how many of it. `name` by language code."""

    gtin: str
    quantity: int
    name: dict[str, str]
    size: str = ""


class PlaceOrder(msgspec.Struct, frozen=True, kw_only=True):
    """Take this order on.

    Attributes:
        order: as the customer knows it, ``W-1042``.
        shopper: the pseudonym, when the customer has joined; None otherwise.
        collector: the name under which it is collected.
        phone_last4: the last four digits, to tell two people of one name apart.
    """

    TYPE: ClassVar[str] = "hub.order.place.v1"
    order: str
    lines: list[OrderLine]
    shopper: str | None
    collector: str
    phone_last4: str
    language: Literal["ko", "en"]
    collect_by: Moment


class CancelOrder(msgspec.Struct, frozen=True, kw_only=True):
    """End this order unless it was handed over."""

    TYPE: ClassVar[str] = "hub.order.cancel.v1"
    order: str
    reason: str
