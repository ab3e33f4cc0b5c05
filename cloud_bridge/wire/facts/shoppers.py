"""Enrolment and consent, by pseudonym; and that somebody left, by nothing that names them."""

from datetime import datetime
from typing import ClassVar, Literal

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload

Purpose = Literal["location", "advertising", "night_advertising"]


class Enrolled(Payload, frozen=True, kw_only=True):
    """A person joined under a pseudonym.

    Attributes:
        origin: ``desk`` (a clerk wrote), ``page`` (their own phone), ``cloud`` (the retailer).
    """

    TYPE: ClassVar[str] = "store.shoppers.enrolled.v1"
    LANE: ClassVar[str] = Lane.RECORD
    PERSON: ClassVar[str] = "shopper"
    PERSONAL: ClassVar[tuple[str, ...]] = ("language",)
    shopper: str
    language: str
    origin: str = "desk"


class ConsentGiven(Payload, frozen=True, kw_only=True):
    """A person agreed to one purpose, in the wording of `text_version`.

    Attributes:
        given_at: when the person agreed; earlier than the fact where it was in the retailer's app.
        until: the end of its retention; it lapses then and is asked anew.
        evidence: the retailer's own reference of the record, of a consent given in its app.
    """

    TYPE: ClassVar[str] = "store.shoppers.consent_given.v1"
    LANE: ClassVar[str] = Lane.RECORD
    PERSON: ClassVar[str] = "shopper"
    PERSONAL: ClassVar[tuple[str, ...]] = (
        "language",
        "evidence",
    )
    shopper: str
    purpose: Purpose
    text_version: str
    language: str
    given_at: datetime | None = None
    until: datetime | None = None
    evidence: str = ""


class ConsentWithdrawn(Payload, frozen=True, kw_only=True):
    """A person took back their consent to one purpose."""

    TYPE: ClassVar[str] = "store.shoppers.consent_withdrawn.v1"
    LANE: ClassVar[str] = Lane.RECORD
    PERSON: ClassVar[str] = "shopper"
    shopper: str
    purpose: Purpose


class ConsentLapsed(Payload, frozen=True, kw_only=True):
    """A consent ended by itself: its retention, `until`, is over."""

    TYPE: ClassVar[str] = "store.shoppers.consent_lapsed.v1"
    LANE: ClassVar[str] = Lane.RECORD
    PERSON: ClassVar[str] = "shopper"
    shopper: str
    purpose: Purpose
    until: datetime


class Paused(Payload, frozen=True, kw_only=True):
    """A person is not located and offered nothing, until they resume; their data stay."""

    TYPE: ClassVar[str] = "store.shoppers.paused.v1"
    LANE: ClassVar[str] = Lane.RECORD
    PERSON: ClassVar[str] = "shopper"
    shopper: str


class Resumed(Payload, frozen=True, kw_only=True):
    """A person ended their pause."""

    TYPE: ClassVar[str] = "store.shoppers.resumed.v1"
    LANE: ClassVar[str] = Lane.RECORD
    PERSON: ClassVar[str] = "shopper"
    shopper: str


class Left(Payload, frozen=True, kw_only=True):
    """A person withdrew altogether; what the store held of them is gone, their key included.

    Attributes:
        key: id of the key that was destroyed.
        hash: SHA-256 of salt and pseudonym, hex; the salt stands in the person's receipt only.
        left_at: as the receipt says it.
    """

    TYPE: ClassVar[str] = "store.shoppers.left.v1"
    LANE: ClassVar[str] = Lane.RECORD
    key: str
    hash: str
    left_at: datetime
