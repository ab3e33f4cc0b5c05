"""Reference beacons: who ought to hear them and does not, and who hears them otherwise. Pure.

A receiver that hears a fixed beacon steadily ought to go on hearing it. Where it alone falls
silent the receiver is at fault; where all do, the beacon is (a battery). And as neither moves, a
change of RSSI for minutes is the receiver's (an antenna, a shelf put before it), if all the
beacons that it hears say so.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from statistics import median
from typing import Final

from cloud_bridge.wire.facts.beacons import ReceiverDrifted, ReferenceHeard, ReferenceSilent
from edge_agent.capabilities.beacons.model import Link, Reference
from edge_agent.kernel.facts import Fact

EXPECTED_AFTER_S: Final = 120.0
"""Heard for this long, a beacon is expected: the longest cycle of a receiver is 55 s."""

SILENT_S: Final = 30.0
"""The least silence that counts: two rounds of a controller that reports each transmitter once per
scan of 10.3 s, and a third for luck."""

GAPS: Final = 2.5
"""How many of its longest usual gaps a silence lasts; people who stand before it make such."""

CANARY_GAPS: Final = 4.0
"""How many usual intervals of a canary one longest gap makes: its watch counts ten of them, and
2.5 times the longest gap is when this room says so too."""

FORGET_GAPS: Final = 0.9995
"""Of a gap, per sighting: at one a second a single long one is halved in 23 minutes."""

STEADY_S: Final = 30.0
"""A beacon that is unheard for longer than this in a usual hour is too far away to be expected."""

LEVEL_S: Final = 300.0
"""Memory of `Link.level`: longer than a customer stands before a beacon."""

USUAL_S: Final = 7 * 86_400.0
"""Memory of `Link.usual`: a week has all of a shop's hours; last season's shelves are gone."""

LEARNED_S: Final = 3600.0
"""`usual` counts from here; before, it is the level."""

DRIFTED_DB: Final = 6.0
BACK_DB: Final = 3.0
"""A recorded store varied by 2.2 dB per receiver over nine months (facts: ble_tetam); twice that
and more is a fault. Half of it is back to normal."""


MOST_CORRECTED_DB: Final = 15.0
"""An antenna that came off costs 10 to 20 dB; what such a radio hears is not worth more trust."""

CORRECTED_BY: Final = 2
"""References that a correction rests on: one alone cannot tell a shelf before itself from a fault
of the receiver, and a wrong correction moves every shopper."""

CORRECTED_AFTER_S: Final = 86_400.0
"""Of learning: what was learned for an hour has forgotten within an hour what was usual, and would
"correct" the receiver once it is mended."""


def hear(link: Link | None, rssi: float, now: float, *, silent: bool = False) -> Link:
    """Take in a sighting; one that is late does not turn the time back.

    The end of a silence that was recorded (`silent`) teaches nothing about usual gaps, and one
    that was not, while the receiver was blind, no more than the longest that would have passed.
    """
    if link is None:
        return Link(since=now, heard_at=now, level=rssi, usual=rssi)
    gap = max(0.0, now - link.heard_at)
    level = link.level + _share(gap, LEVEL_S) * (rssi - link.level)
    learned = link.learned_s + min(gap, STEADY_S)
    usual = link.usual + _share(gap, min(USUAL_S, max(learned, 1.0))) * (level - link.usual)
    known = silent or link.silent_since is not None
    usual_gap = max(link.longest_gap * FORGET_GAPS, 0.0 if known else min(gap, limit_s(link)))
    return replace(
        link,
        heard_at=max(now, link.heard_at),
        level=level,
        usual=usual,
        longest_gap=usual_gap,
        learned_s=learned,
    )


def expected(link: Link) -> bool:
    """Whether the receiver ought to hear the beacon."""
    return link.heard_at - link.since >= EXPECTED_AFTER_S and link.longest_gap <= STEADY_S


def limit_s(link: Link) -> float:
    """How long a silence may last."""
    return max(SILENT_S, GAPS * link.longest_gap)


def look(
    beacon: str, reference: Reference, hearing: Mapping[str, float], now: float
) -> tuple[Reference, tuple[Fact, ...]]:
    """Whose silence is news, and whose end of it.

    One receiver is blamed only while another goes on hearing the beacon; else the beacon is.

    Args:
        beacon: the reference beacon.
        reference: how it was heard.
        hearing: receivers that hear anything at all, and since when; of a blind one its own fact
            is told, and what it missed meanwhile is no silence.
        now: monotonic seconds.
    """
    links = reference.links
    watching = {name: links[name] for name in links if name in hearing and expected(links[name])}
    reference = replace(reference, watched_by=len(watching))
    if not watching:
        return reference, ()
    newest = max(link.heard_at for link in links.values())
    silent = {name for name, link in watching.items() if _silent(link, hearing[name], now)}
    gone = reference.silent_since
    unheard = len(silent) == len(watching)
    if gone is not None and (unheard or newest <= gone):
        return reference, ()
    if unheard:
        fact = _fact(ReferenceSilent, beacon, "", now - newest)
        return replace(reference, silent_since=newest), (fact,)
    facts: list[Fact] = []
    if gone is not None:
        facts.append(_fact(ReferenceHeard, beacon, "", now - gone))
    after = dict(links)
    for name, link in watching.items():
        blamed = name in silent and newest - link.heard_at >= SILENT_S
        if blamed and link.silent_since is None:
            facts.append(_fact(ReferenceSilent, beacon, name, now - link.heard_at))
            after[name] = replace(link, silent_since=link.heard_at)
        elif link.silent_since is not None and link.heard_at > link.silent_since:
            facts.append(_fact(ReferenceHeard, beacon, name, now - link.silent_since))
            after[name] = replace(link, silent_since=None)
    return replace(reference, links=after, silent_since=None), tuple(facts)


def canary(references: Iterable[Reference], receiver: str) -> tuple[float, float] | None:
    """When a receiver last heard the beacons that it ought to, and how often it usually does.

    Monotonic seconds and seconds; None where it is expected to hear none. A beacon that nobody
    hears any more says nothing about one receiver.
    """
    known = [
        link
        for one in references
        if (link := one.links.get(receiver)) is not None
        and expected(link)
        and (one.silent_since is None or one.watched_by == 1)
    ]
    if not known:
        return None
    last = max(known, key=lambda link: link.heard_at)
    return last.heard_at, last.longest_gap / CANARY_GAPS


def drift_db(links: Iterable[Link]) -> float:
    """How much louder a receiver hears now than usual: the median over what it hears."""
    drifts = _drifts(links, LEARNED_S)
    return median(drifts) if drifts else 0.0


def correction_db(links: Iterable[Link], *, drifted: bool) -> float:
    """What is to be added to a receiver's RSSI until it is mended; 0 unless it has drifted.

    As `Link.usual` follows within a week, so does the correction end: by then somebody was told.
    """
    drifts = _drifts(links, CORRECTED_AFTER_S)
    if not drifted or len(drifts) < CORRECTED_BY:
        return 0.0
    return max(-MOST_CORRECTED_DB, min(-median(drifts), MOST_CORRECTED_DB))


def drift_news(receiver: str, drift: float, *, was: bool) -> tuple[bool, tuple[Fact, ...]]:
    """Whether a receiver has drifted now, and the fact if that is news."""
    drifted = abs(drift) >= (BACK_DB if was else DRIFTED_DB)
    if drifted == was:
        return was, ()
    data = ReceiverDrifted(receiver=receiver, drift_db=round(drift, 1), drifted=drifted)
    return drifted, (Fact(f"receivers/{receiver}", data),)


def _fact(
    kind: type[ReferenceSilent] | type[ReferenceHeard], beacon: str, receiver: str, silent_s: float
) -> Fact:
    data = kind(beacon=beacon, receiver=receiver, silent_s=round(silent_s, 1))
    return Fact(f"beacons/{beacon}", data)


def _drifts(links: Iterable[Link], learned_s: float) -> list[float]:
    return [link.level - link.usual for link in links if link.learned_s >= learned_s]


def _silent(link: Link, listening_since: float, now: float) -> bool:
    return now - max(link.heard_at, listening_since) >= limit_s(link)


def _share(gap: float, memory: float) -> float:
    return 1 - math.exp(-gap / memory)
