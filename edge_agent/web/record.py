"""What the store holds of a shopper, for the shopper: all rooms, one snapshot, no coordinates."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Response

from edge_agent.capabilities.coupons import decide as coupon_decide
from edge_agent.capabilities.coupons import store as coupons
from edge_agent.capabilities.pickup import store as pickup
from edge_agent.capabilities.shoppers import store as shoppers
from edge_agent.capabilities.shoppers.model import Entry, Past, Shopper
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage
from edge_agent.storage.reads import Reads
from edge_agent.web.access import Access

MOST = 1000
"""Coupons and orders of one person; who has more than that asks the retailer."""


class ConsentRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One consent, in force or past."""

    purpose: str
    text_version: str
    language: str
    given_at: datetime
    until: datetime
    evidence: str
    ended_at: datetime | None
    ended_by: str | None


class HourRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How often the store and its zones were entered in the hour that begins at `hour` o'clock."""

    hour: int
    visits: int
    zones: dict[str, int]


class DayRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The hours of one day, on the store's calendar."""

    day: str
    hours: list[HourRecord]


class OfferRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A coupon."""

    campaign: str
    title: dict[str, str]
    zone: str
    state: str
    offered_at: datetime
    expires: datetime


class OrderRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A pickup order, with what the store knows of its collector until some days after its end."""

    order: str
    state: str
    collector: str
    phone_last4: str
    placed_at: datetime
    arrived_by: str | None
    ended_at: datetime | None


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to "what do you hold about me?".

    Attributes:
        beacons: identities; of one that a key names, the key's tag and not the key.
    """

    shopper: str
    language: str
    origin: str
    joined_at: datetime
    paused_since: datetime | None
    beacons: list[str]
    consents: list[ConsentRecord]
    visits: list[DayRecord]
    offers: list[OfferRecord]
    orders: list[OrderRecord]


def record_route(storage: Storage, clock: Clock, access: Access, timezone: tzinfo) -> APIRouter:
    """`GET /v1/me/record`; `timezone` is the store's."""
    router = APIRouter(tags=["shoppers"])

    @router.get("/v1/me/record")
    async def record(pseudonym: Annotated[str, Depends(access.shopper)]) -> Response:
        """All that the store holds of the asking shopper."""
        now = clock.now()
        held = await storage.view(lambda reads: record_of(reads, pseudonym, timezone, now))
        content = msgspec.json.encode(held)
        return Response(
            content, media_type="application/json", headers={"cache-control": "no-store"}
        )

    return router


def record_of(reads: Reads, pseudonym: str, timezone: tzinfo, now: Instant) -> Record:
    """What is held of `pseudonym`.

    Raises:
        Refused: `shopper_unknown`.
    """
    one, joined = shoppers.find(reads, pseudonym), shoppers.joined(reads, pseudonym)
    if one is None or joined is None:
        raise Refused("shopper_unknown", "Nobody has joined by this name.", status=404)
    return Record(
        shopper=one.id,
        language=one.language,
        origin=one.origin,
        joined_at=joined.at,
        paused_since=joined.paused_since,
        beacons=_beacons(one),
        consents=[_consent(past) for past in shoppers.history(reads, pseudonym)],
        visits=_visits(shoppers.entries(reads, pseudonym), timezone),
        offers=_offers(reads, pseudonym, now),
        orders=_orders(reads, pseudonym),
    )


def _beacons(shopper: Shopper) -> list[str]:
    return [beacon.identity for beacon in shopper.beacons]


def _consent(past: Past) -> ConsentRecord:
    given = past.consent
    return ConsentRecord(
        purpose=given.purpose,
        text_version=given.text_version,
        language=given.language,
        given_at=given.given_at,
        until=given.until,
        evidence=given.evidence,
        ended_at=past.ended_at,
        ended_by=past.ended_by,
    )


def _visits(entries: Sequence[Entry], timezone: tzinfo) -> list[DayRecord]:
    days: list[DayRecord] = []
    by_hour = groupby(entries, key=lambda entry: entry.hour.astimezone(timezone))
    for day, hours in groupby(
        ((hour, list(group)) for hour, group in by_hour), key=lambda pair: pair[0].date()
    ):
        counted = [_hour(hour.hour, group) for hour, group in hours]
        days.append(DayRecord(day=day.isoformat(), hours=counted))
    return days


def _hour(hour: int, entries: Sequence[Entry]) -> HourRecord:
    zones = {entry.zone: entry.entered for entry in entries}
    return HourRecord(hour=hour, visits=zones.pop("", 0), zones=zones)


def _offers(reads: Reads, pseudonym: str, now: Instant) -> list[OfferRecord]:
    return [
        OfferRecord(
            campaign=one.terms.id,
            title=one.terms.title,
            zone=one.zone,
            state=coupon_decide.state_at(one, now).value,
            offered_at=one.offered_at,
            expires=one.expires,
        )
        for one in coupons.of_shopper(reads, pseudonym, MOST)
    ]


def _orders(reads: Reads, pseudonym: str) -> list[OrderRecord]:
    return [
        OrderRecord(
            order=one.id,
            state=one.state.value,
            collector=one.collector,
            phone_last4=one.phone_last4,
            placed_at=one.placed_at,
            arrived_by=one.arrived_by,
            ended_at=one.ended_at,
        )
        for one in pickup.of_shopper(reads, pseudonym, MOST)
    ]
