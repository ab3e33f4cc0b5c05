"""Enrolment and consent, by pseudonym."""

from typing import ClassVar, Literal

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload

Purpose = Literal["location", "advertising"]


class Enrolled(Payload, frozen=True, kw_only=True):
    """A person joined under a pseudonym."""

    TYPE: ClassVar[str] = "store.shoppers.enrolled.v1"
    LANE: ClassVar[str] = Lane.RECORD
    shopper: str
    language: str


class ConsentGiven(Payload, frozen=True, kw_only=True):
    """A person agreed to one purpose, in the wording of `text_version`."""

    TYPE: ClassVar[str] = "store.shoppers.consent_given.v1"
    LANE: ClassVar[str] = Lane.RECORD
    shopper: str
    purpose: Purpose
    text_version: str
    language: str


class ConsentWithdrawn(Payload, frozen=True, kw_only=True):
    """A person took back their consent to one purpose."""

    TYPE: ClassVar[str] = "store.shoppers.consent_withdrawn.v1"
    LANE: ClassVar[str] = Lane.RECORD
    shopper: str
    purpose: Purpose
