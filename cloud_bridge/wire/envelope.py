"""The envelope: CloudEvents 1.0 in structured mode, with the contract's extensions."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A sequence, epoch, cursor or version: within what JSON readers hold exactly."""

Word = Annotated[str, msgspec.Meta(max_length=256)]
"""An id, type, subject or name: thrice the longest that our own rooms write."""


UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""What decoding others' bytes can raise: not JSON, not that shape, no UTF-8, nested too deep."""


class Lane(StrEnum):
    """The lanes of facts, in the order in which the link serves them."""

    PICKUP = "pickup"
    COUPON = "coupon"
    STOCK = "stock"
    RECORD = "record"
    MIRROR = "mirror"
    PRESENCE = "presence"
    TELEMETRY = "telemetry"


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """One fact on its way up (contract, "Envelope").

    `data` keeps its bytes as they were written: hashes and the hub's database depend on it.
    Fields that this version does not know stay in the raw bytes of the batch.

    Attributes:
        covers: set on a fact that stands for several (rolled up, or a counted gap): the first of
            their sequences; `sequence` is the last. Only in lanes that may be rolled up.
    """

    specversion: str = "1.0"
    id: Word
    source: Word
    type: Word
    subject: Word
    time: datetime
    datacontenttype: str = "application/json"
    lane: Word
    epoch: Count
    sequence: Count
    boot: Word
    monotonic: float
    clockquality: str
    data: msgspec.Raw
    covers: Count | msgspec.UnsetType = msgspec.UNSET

    @property
    def first(self) -> int:
        """The first sequence that this fact stands for: what must follow the hub's cursor."""
        return self.sequence if self.covers is msgspec.UNSET else self.covers


ROLLABLE = frozenset({Lane.MIRROR, Lane.PRESENCE, Lane.TELEMETRY})
"""Lanes of which a store that runs out of room keeps sums (contract, "Up: facts, once")."""


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a store's command log on its way down; `sequence` is gapless per store."""

    specversion: str = "1.0"
    id: str
    source: str = "/hub"
    type: str
    subject: str
    time: datetime
    datacontenttype: str = "application/json"
    sequence: int
    data: msgspec.Raw


def gateway_source(store: str, gateway: str) -> str:
    """The `source` of what a gateway says."""
    return f"/stores/{store}/gateways/{gateway}"


EMPTY_HASH = ""
"""The chain hash of a lane in which nothing was recorded in this epoch."""


def chain_hash(before: str, fact_id: str, data: bytes) -> str:
    """The running hash of a lane: SHA-256 over the hash before, the fact's id and its data.

    Both ends keep it beside their cursor, so that `hello` can tell a log that was restored or
    replaced from one that merely went on, and so that a judge can compare two databases without
    the facts that the store has already deleted. A fact that covers others begins the chain anew
    (`before` is `EMPTY_HASH`): what it stands for is gone, at the store and for ever.
    """
    return hashlib.sha256(b"\n".join((before.encode(), fact_id.encode(), data))).hexdigest()
