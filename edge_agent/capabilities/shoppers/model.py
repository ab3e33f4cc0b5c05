"""A shopper as the store knows one: a pseudonym, a beacon, consents."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cloud_bridge.wire.facts.shoppers import Purpose
from edge_agent.kernel.facts import Fact

PURPOSES: tuple[Purpose, ...] = ("location", "advertising")

Forget = Callable[[str], None]
"""Destroys what is known of where a pseudonym is; called on the event loop, after the commit."""


Mint = Callable[[str], Awaitable[str]]
"""Makes the one-time code by which a pseudonym's phone becomes its page."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a person says when joining.

    Attributes:
        beacon: the identity that their card or phone advertises, in the canonical form of
            `device_profiles.beacons`.
        language: ``ko`` or ``en``.
        text_version: of the consent texts that were read.
    """

    beacon: str
    language: str
    consents: frozenset[Purpose]
    text_version: str


@dataclass(frozen=True, slots=True)
class Shopper:
    """One who has joined.

    Attributes:
        id: the pseudonym.
        consents: the purposes agreed to and not withdrawn.
    """

    id: str
    beacon: str
    language: str
    text_version: str
    consents: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class Welcome:
    """The new pseudonym, and the one-time code by which the person's phone becomes its page."""

    shopper: str
    join_code: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The shopper afterwards, and what is to be recorded."""

    shopper: Shopper
    facts: tuple[Fact, ...]
