"""A mirror and what it shows."""

from dataclasses import dataclass
from datetime import datetime

from edge_agent.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class Place:
    """A mirror of the store, and the zone beside which it hangs."""

    mirror: str
    zone: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A coupon to show until `until`; its words are those of the coupon's terms."""

    coupon: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Mirror:
    """What one mirror shows.

    Attributes:
        session: from the first article to the last one's leaving; None when nothing is there.
        items: GTINs before it, in the order in which they came.
        shown: GTINs shown in this session, those taken away again included.
        offer: may be past its time; ask `decide.offer_at`.
    """

    id: str
    session: str | None = None
    items: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    offer: Offer | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The mirror afterwards, and what is to be recorded."""

    mirror: Mirror
    facts: tuple[Fact, ...] = ()
