"""A shopper as the store knows one: a pseudonym, beacons, consents; and what this room asks."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from typing import Literal, Protocol

from cloud_bridge.wire.facts.shoppers import Purpose
from device_profiles.beacons.keys import BeaconKey
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Tx
from edge_agent.storage.reads import Run

PURPOSES: tuple[Purpose, ...] = ("location", "advertising", "night_advertising")

Language = Literal["ko", "en"]
Origin = Literal["desk", "page", "cloud"]
"""Who wrote the enrolment down: a clerk, the person's own phone, the retailer's app."""

EndedBy = Literal["withdrawn", "lapsed", "renewed"]

Forget = Callable[[str], None]
"""Destroys what is known of where a pseudonym is; called on the event loop, after the commit."""

Mint = Callable[[str], Awaitable[str]]
"""Makes the one-time code by which a pseudonym's phone becomes its page."""

Admit = Callable[[Tx, str, str, Instant], None]
"""Makes the session of a guest that of a pseudonym; part of the unit of work in which they join."""

Trace = Callable[[Tx, str], None]
"""Removes a pseudonym from what another room keeps; part of the unit of work of leaving."""


@dataclass(frozen=True, slots=True)
class Consent:
    """One agreement to one purpose.

    Attributes:
        text_version: of the wording that was agreed to, in `language`.
        until: the end of its retention.
        evidence: the retailer's reference of the record; empty where the store itself asked.
    """

    purpose: Purpose
    text_version: str
    language: str
    given_at: datetime
    until: datetime
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person says when joining.

    Attributes:
        beacons: what they are heard by; none for a phone that only hears.
        text_version: of the consent texts that were read.
    """

    beacons: tuple[BeaconKey, ...]
    language: Language
    consents: frozenset[Purpose]
    text_version: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Shopper:
    """One who has joined.

    Attributes:
        id: the pseudonym.
        key: id of the key that seals their facts.
        consents: those in force.
        entry: their entry in the cloud's stream of shoppers; None where they joined here.
    """

    id: str
    key: str
    language: str
    origin: str
    beacons: tuple[BeaconKey, ...] = ()
    consents: Mapping[Purpose, Consent] = field(default_factory=dict)
    paused: bool = False
    entry: str | None = None

    @property
    def located(self) -> bool:
        """Whether they may be followed now."""
        return "location" in self.consents and not self.paused


@dataclass(frozen=True, slots=True)
class Past:
    """A consent as its record keeps it; `ended_at` and `ended_by` are None while it is in force."""

    consent: Consent
    ended_at: datetime | None
    ended_by: EndedBy | None


@dataclass(frozen=True, slots=True)
class Joined:
    """Since when somebody is a shopper, and since when they pause; None: they do not."""

    at: datetime
    paused_since: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """How often a shopper entered a zone (empty: the store) in the hour that began at `hour`."""

    hour: datetime
    zone: str
    entered: int


@dataclass(frozen=True, slots=True)
class Night:
    """The hours, on the store's clock, in which advertising needs a consent of its own.

    From 21:00 until 08:00 by article 50 (3) of Korea's Network Act; `start` may be past midnight.
    """

    start: time
    end: time
    timezone: tzinfo


@dataclass(frozen=True, slots=True)
class Policy:
    """The store's rules.

    Attributes:
        store: its id, which receipts name.
        name: what people call it, by language.
        retention: how long a consent holds until it is asked anew.
        reserved: identities of the store's own beacons, which nobody may join with.
    """

    store: str
    name: Mapping[str, str]
    retention: timedelta
    night: Night
    reserved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Welcome:
    """The new pseudonym, and the one-time code by which the person's phone becomes its page."""

    shopper: str
    join_code: str


@dataclass(frozen=True, slots=True)
class Named:
    """The new pseudonym of a phone that joined by itself."""

    shopper: str


@dataclass(frozen=True, slots=True)
class Farewell:
    """Who asks to leave, or what they were told when they did.

    Attributes:
        shopper: the pseudonym; empty with `said`, as nobody goes by it any more.
        run: runs the unit of work, which returns the receipt, and keeps that to be said again.
        said: the receipt that this very request was answered with before; empty for the first.
    """

    shopper: str
    run: Run
    said: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The shopper afterwards, what is to be recorded, and why consents that are gone ended."""

    shopper: Shopper
    facts: tuple[Fact, ...] = ()
    ended_by: EndedBy = "withdrawn"


class Keys(Protocol):
    """The keys that seal people's facts."""

    def mint(self, tx: Tx, pseudonym: str, /) -> str:
        """Make the person's key; its id."""
        ...

    def destroy(self, tx: Tx, pseudonym: str, /) -> object:
        """Destroy it: what it sealed can never be opened again."""
        ...


class Radio(Protocol):
    """What turns what is heard into identities."""

    def enrol(self, beacon: BeaconKey, /) -> None:
        """Resolve this beacon from now on."""
        ...

    def withdraw(self, identity: str, /) -> None:
        """Forget its keys and every address that was resolved by them."""
        ...
