"""The topic tree, `<root>/<store>/…` (contract, "Topics")."""

import re
from dataclasses import dataclass

STORE_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
"""Lower case, digits and hyphens: safe as an MQTT level, a file name and a host name label."""

DEFAULT_ROOT = "aisle/v1"


class IllegalStoreId(ValueError):
    """The id cannot name a store in a topic."""


@dataclass(frozen=True, slots=True)
class StoreTopics:
    """The topics of one store.

    Raises:
        IllegalStoreId: for an id that is not `STORE_ID`, or is the reserved word ``hub``.
    """

    store: str
    root: str = DEFAULT_ROOT

    def __post_init__(self) -> None:
        if not STORE_ID.fullmatch(self.store) or self.store == "hub":
            msg = f"{self.store!r} cannot name a store: use a-z, 0-9 and hyphens, and not 'hub'"
            raise IllegalStoreId(msg)

    def up(self, lane: str) -> str:
        """Where the store publishes a batch of facts of one lane."""
        return f"{self.root}/{self.store}/up/{lane}"

    @property
    def hello(self) -> str:
        """Where the store says what it holds, on each connection."""
        return f"{self.root}/{self.store}/hello"

    @property
    def ask(self) -> str:
        """Where the store asks for a delta or for the next chunk of a snapshot."""
        return f"{self.root}/{self.store}/ask"

    @property
    def status(self) -> str:
        """Retained: whether the store is there. Also its Last Will."""
        return f"{self.root}/{self.store}/status"

    @property
    def ack(self) -> str:
        """Where the hub says how far its database has come."""
        return self.down("ack")

    def down(self, stream: str) -> str:
        """Where the hub publishes one stream (``ack``, ``commands``, ``coupons``)."""
        return f"{self.root}/{self.store}/down/{stream}"

    @property
    def everything_down(self) -> str:
        """The filter under which a store hears the hub."""
        return f"{self.root}/{self.store}/down/#"


@dataclass(frozen=True, slots=True)
class FromStore:
    """A topic that a store publishes to, taken apart."""

    store: str
    kind: str
    lane: str | None = None


def hub_filters(root: str = DEFAULT_ROOT, *, group: str | None = None) -> tuple[str, ...]:
    """The filters under which a hub hears every store.

    `group` names workers who share what stores send. No gateway may know it: mosquitto 2.0 grants
    any subscription, takes whoever has it for one of the group, and loses what it then may not
    deliver to them.

    Never `status`: a broker hands nothing that is retained to a shared subscription, and a worker
    that comes new has to know who is there.
    """
    share = f"$share/{group}/" if group else ""
    sent = tuple(f"{share}{root}/+/{tail}" for tail in ("up/+", "hello", "ask"))
    return (*sent, f"{root}/+/status")


def parse_from_store(topic: str, root: str = DEFAULT_ROOT) -> FromStore | None:
    """Take apart a topic that a hub heard; None when it is no topic of a store."""
    prefix = root + "/"
    if not topic.startswith(prefix):
        return None
    match topic.removeprefix(prefix).split("/"):
        case [store, "up", lane]:
            return FromStore(store, "up", lane)
        case [store, ("hello" | "ask" | "status") as kind]:
            return FromStore(store, kind)
        case _:
            return None
