"""What sightings mean: a visit begins, zones are entered, dwelled in and left, the visit ends.

A receiver that is blind says nothing about the shoppers near it. A visit ends only when the
receiver that heard the shopper best hears others and no longer them; while that one is blind or
starting, nobody can say, and nothing is said.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cloud_bridge.wire.facts.presence import (
    StoreEntered,
    StoreLeft,
    ZoneDwelled,
    ZoneEntered,
    ZoneLeft,
)
from edge_agent.capabilities.presence.decide.zones import follow
from edge_agent.capabilities.presence.model import (
    Estimate,
    Hearing,
    Point,
    Policy,
    ReceiverState,
    Visit,
    Zone,
)
from edge_agent.kernel.facts import Fact, FactData

LONGEST_STEP_S: Final = 1.0
"""An estimate speaks for the time since the last one, but for no more than this: after a silence
it must not decide a zone alone."""

GLIDE: Final = 0.5
"""Share of the way to the new estimate that the shown position goes at each step."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The visit afterwards, None when it is over, and what is to be recorded."""

    visit: Visit | None
    facts: tuple[Fact, ...] = ()


def hear(
    visit: Visit | None,
    shopper: str,
    estimate: Estimate,
    *,
    heard_at: float,
    heard_by: str,
    zones: Mapping[str, Zone],
) -> Decision:
    """Take in where the shopper is at `heard_at`; begins the visit when there is none."""
    if visit is None:
        begun = Visit(shopper, heard_at, heard_at, heard_by, estimate.at, since=heard_at)
        return Decision(begun, (_about(shopper, StoreEntered(shopper=shopper)),))
    zone, lead = follow(
        visit.zone,
        visit.lead,
        estimate.masses,
        elapsed_s=min(LONGEST_STEP_S, max(0.0, heard_at - visit.heard_at)),
    )
    after = replace(
        visit,
        heard_at=heard_at,
        heard_by=heard_by,
        at=_glide(visit.at, estimate.at),
        confidence=estimate.masses.get(zone, 0.0),
        lead=lead,
    )
    left: Sequence[Fact] = ()
    if zone != visit.zone:
        left = _leave_zone(visit, heard_at)
        after = replace(after, zone=zone, since=heard_at, dwelled=False)
    return _settle(after, visit.zone, left, zones)


def wait(
    visit: Visit, receivers: Mapping[str, ReceiverState], *, now: float, policy: Policy
) -> Decision:
    """Nothing was heard of the shopper lately: are they gone?"""
    if now - visit.heard_at >= policy.lost_after_s:
        return Decision(None)
    best = receivers.get(visit.heard_by, ReceiverState())
    silent_s = now - max(visit.heard_at, best.since)
    if best.hearing is not Hearing.HEARING or silent_s < policy.gone_after_s:
        return Decision(visit)
    left = StoreLeft(shopper=visit.shopper, stayed_s=round(visit.heard_at - visit.entered, 1))
    return Decision(None, (*_leave_zone(visit, visit.heard_at), _about(visit.shopper, left)))


def _settle(
    visit: Visit, before: str | None, facts: Sequence[Fact], zones: Mapping[str, Zone]
) -> Decision:
    """Say that the zone was entered, and once, that it was dwelled in."""
    said = list(facts)
    if visit.zone is None:
        return Decision(visit, tuple(said))
    confidence = round(visit.confidence, 3)
    if visit.zone != before:
        entered = ZoneEntered(shopper=visit.shopper, zone=visit.zone, confidence=confidence)
        said.append(_about(visit.shopper, entered))
    dwelled_s = visit.heard_at - visit.since
    if not visit.dwelled and dwelled_s >= zones[visit.zone].dwell_s:
        dwelled = ZoneDwelled(
            shopper=visit.shopper,
            zone=visit.zone,
            dwelled_s=round(dwelled_s, 1),
            confidence=confidence,
        )
        said.append(_about(visit.shopper, dwelled))
        visit = replace(visit, dwelled=True)
    return Decision(visit, tuple(said))


def _leave_zone(visit: Visit, at: float) -> tuple[Fact, ...]:
    if visit.zone is None:
        return ()
    left = ZoneLeft(shopper=visit.shopper, zone=visit.zone, stayed_s=round(at - visit.since, 1))
    return (_about(visit.shopper, left),)


def _glide(shown: Point, estimated: Point) -> Point:
    return (
        shown[0] + GLIDE * (estimated[0] - shown[0]),
        shown[1] + GLIDE * (estimated[1] - shown[1]),
    )


def _about(shopper: str, data: FactData) -> Fact:
    return Fact(f"shoppers/{shopper}", data)
