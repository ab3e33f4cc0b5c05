"""What sightings mean: a visit begins, zones are entered, dwelled in and left, the visit ends.

A receiver that is blind says nothing about the shoppers near it, and a zone that the receivers
left cannot tell from its neighbours (`decide.coverage`) is neither entered nor left. A visit ends
only when the receiver that heard the shopper best hears others and no longer them; while that one
is blind or starting, or they are where nobody can tell, nothing is said.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from msgspec.structs import replace

from cloud_bridge.wire.facts.presence import (
    StoreEntered,
    StoreLeft,
    ZoneDwelled,
    ZoneEntered,
    ZoneLeft,
)
from edge_agent.capabilities.presence.model import (
    Audible,
    Estimate,
    Hearing,
    Policy,
    ReceiverState,
    Visit,
    Zone,
)
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact, FactData

OUT_OF_THE_UNKNOWN: Final = 0.8
"""Confidence that a shopper of an unknown zone needs to count as being in another: what the
receivers left make of somebody whom they cannot place must not move them by itself."""

SILENT_WHILE_THERE: Final = 0.1
"""How often a receiver that heard somebody lately hears nothing of them for all of `gone_after_s`
although they are there. In data/ble_tetam it never happened in 25,920 such half minutes; there the
tag lay open, and in a pocket it will (unverified, hence so high)."""


class Decision(msgspec.Struct, frozen=True, gc=False):
    """The visit afterwards, None when it is over, and what is to be recorded."""

    visit: Visit | None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Floorplan:
    """What a visit is judged by at one moment.

    Attributes:
        zones: by id.
        untold: the zones that the receivers left cannot tell; None among them is the floor
            outside all zones.
        told_since: when a zone that was unknown became known again.
        receivers: by id.
    """

    zones: Mapping[str, Zone]
    untold: Collection[str | None]
    told_since: Mapping[str | None, float]
    receivers: Mapping[str, ReceiverState]


def begin(who: str, estimate: Estimate, heard_at: float, plan: Floorplan, now: Instant) -> Decision:
    """The first estimate of somebody: they are in the store."""
    zone = None if estimate.zone in plan.untold else estimate.zone
    visit = Visit(
        who,
        heard_at,
        heard_at,
        estimate.at,
        estimate.spread_m,
        zone,
        estimate.zone,
        heard_at,
        estimate.confidence,
    )
    entered = StoreEntered(
        shopper=who,
        zone=zone,
        confidence=round(estimate.confidence, 3),
        at=_wall(heard_at, now),
    )
    return _settle(visit, None, (_about(who, entered),), plan, now)


def hear(
    visit: Visit, estimate: Estimate, heard_at: float, plan: Floorplan, now: Instant
) -> Decision:
    """Take in where the shopper is, heard last at `heard_at`."""
    zone = _zone(visit.zone, estimate, plan.untold)
    after = replace(
        visit,
        heard_at=heard_at,
        at=estimate.at,
        spread_m=estimate.spread_m,
        believed=estimate.zone,
        confidence=_confidence(zone, estimate),
    )
    left: tuple[Fact, ...] = ()
    if zone != visit.zone:
        gone = 1.0 - estimate.masses.get(visit.zone, 0.0)
        left = _leave_zone(visit, heard_at, gone, now)
        after = replace(after, zone=zone, since=heard_at, dwelled=False)
    return _settle(after, visit.zone, left, plan, now)


def wait(visit: Visit, heard: Audible, plan: Floorplan, policy: Policy, now: Instant) -> Decision:
    """Nothing was heard of the shopper lately: are they gone?"""
    if now.monotonic - visit.heard_at >= policy.lost_after_s:
        return Decision(None)
    best = plan.receivers.get(heard.best, ReceiverState())
    silent_since = max(visit.heard_at, best.since, plan.told_since.get(visit.believed, 0.0))
    witnesses = _witnesses(heard, plan, policy, now)
    if (
        best.hearing is not Hearing.HEARING
        or not witnesses
        or {visit.zone, visit.believed} & set(plan.untold)
        or now.monotonic - silent_since < policy.gone_after_s
    ):
        return Decision(visit)
    confidence = 1.0 - SILENT_WHILE_THERE**witnesses
    left = StoreLeft(
        shopper=visit.who,
        stayed_s=round(visit.heard_at - visit.entered, 1),
        confidence=round(confidence, 3),
        at=_wall(visit.heard_at, now),
    )
    zone_left = _leave_zone(visit, visit.heard_at, confidence, now)
    return Decision(None, (*zone_left, _about(visit.who, left)))


def _zone(current: str | None, estimate: Estimate, untold: Collection[str | None]) -> str | None:
    """The zone that may be said, `current` having been said last."""
    believed = estimate.zone
    if current in untold:
        sure = believed not in untold and estimate.confidence >= OUT_OF_THE_UNKNOWN
        return believed if sure else current
    return None if believed in untold and believed != current else believed


def _confidence(zone: str | None, estimate: Estimate) -> float:
    return estimate.confidence if zone == estimate.zone else estimate.masses.get(zone, 0.0)


def _witnesses(heard: Audible, plan: Floorplan, policy: Policy, now: Instant) -> int:
    """How many receivers had heard them lately, and others but not them since."""
    lately = (
        plan.receivers.get(receiver, ReceiverState())
        for receiver, at in heard.by.items()
        if heard.at - at <= policy.gone_after_s
    )
    return sum(
        one.hearing is Hearing.HEARING and now.monotonic - one.since >= policy.gone_after_s
        for one in lately
    )


def _settle(
    visit: Visit, before: str | None, facts: tuple[Fact, ...], plan: Floorplan, now: Instant
) -> Decision:
    """Say that the zone was entered, and once, that it was dwelled in."""
    said = list(facts)
    if visit.zone is None:
        return Decision(visit, tuple(said))
    confidence = round(visit.confidence, 3)
    if visit.zone != before:
        entered = ZoneEntered(
            shopper=visit.who,
            zone=visit.zone,
            confidence=confidence,
            at=_wall(visit.since, now),
        )
        said.append(_about(visit.who, entered))
    dwelled_s = visit.heard_at - visit.since
    if not visit.dwelled and dwelled_s >= plan.zones[visit.zone].dwell_s:
        dwelled = ZoneDwelled(
            shopper=visit.who,
            zone=visit.zone,
            dwelled_s=round(dwelled_s, 1),
            confidence=confidence,
            at=_wall(visit.heard_at, now),
        )
        said.append(_about(visit.who, dwelled))
        visit = replace(visit, dwelled=True)
    return Decision(visit, tuple(said))


def _leave_zone(visit: Visit, at: float, confidence: float, now: Instant) -> tuple[Fact, ...]:
    if visit.zone is None:
        return ()
    left = ZoneLeft(
        shopper=visit.who,
        zone=visit.zone,
        stayed_s=round(at - visit.since, 1),
        confidence=round(confidence, 3),
        at=_wall(at, now),
    )
    return (_about(visit.who, left),)


def _wall(at: float, now: Instant) -> datetime:
    """Wall time of a moment on the monotonic clock."""
    return now.plus(at - now.monotonic).wall


def _about(shopper: str, data: FactData) -> Fact:
    return Fact(f"shoppers/{shopper}", data)
