"""Facts of the lanes that may be rolled up, summed: what is counted, by what. Pure.

What is about people is counted by zone, and given only where enough different people were in it
(docs/concepts/privacy.md): fewer would point at them. Where less is given, neither the zone nor the
type is named, so that no subtraction brings it back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec

from cloud_bridge.wire.facts.beacons import AssetMoved, SensorRead
from cloud_bridge.wire.facts.mirrors import ItemShown, OfferShown, SessionEnded, SessionStarted
from cloud_bridge.wire.facts.presence import (
    StoreEntered,
    StoreLeft,
    ZoneDwelled,
    ZoneEntered,
    ZoneLeft,
)
from cloud_bridge.wire.facts.storage import GAPS, MOST_SERIES, ROLL_UPS, RolledUp, Series, Spread
from edge_agent.kernel.facts import RecordedFact, Seal


@dataclass(frozen=True, slots=True)
class Rule:
    """How facts of one type are summed.

    Attributes:
        by: the field that names the thing that they are counted by; empty for none.
        person: the field with the pseudonym of whom they are about; empty for nobody.
        measures: fields of numbers, of which least, most and sum are kept. Never of a person's:
            the least and the most are one person's own.
    """

    by: str = ""
    person: str = ""
    measures: tuple[str, ...] = ()


RULES: Final = {
    SessionStarted.TYPE: Rule(by="mirror"),
    ItemShown.TYPE: Rule(by="mirror"),
    OfferShown.TYPE: Rule(by="mirror"),
    SessionEnded.TYPE: Rule(by="mirror"),
    StoreEntered.TYPE: Rule(person="shopper"),
    StoreLeft.TYPE: Rule(person="shopper"),
    ZoneEntered.TYPE: Rule(by="zone", person="shopper"),
    ZoneDwelled.TYPE: Rule(by="zone", person="shopper"),
    ZoneLeft.TYPE: Rule(by="zone", person="shopper"),
    SensorRead.TYPE: Rule(
        by="beacon",
        measures=("temperature_c", "humidity_percent", "battery_v", "battery_percent"),
    ),
    AssetMoved.TYPE: Rule(by="beacon"),
}
"""A type that is not named here is counted in the roll-up's `facts` alone."""

ROLL_UP_TYPES: Final = {kind.TYPE: kind for kind in ROLL_UPS.values()}
GAP_TYPES: Final = {kind.TYPE: kind for kind in GAPS.values()}

_FIELDS: Final = msgspec.json.Decoder(dict[str, Any])


@dataclass(slots=True)
class _Tally:
    """One series while it is added up."""

    facts: int = 0
    people: set[str] = field(default_factory=set)
    values: dict[str, list[float]] = field(default_factory=dict)

    def measure(self, name: str, number: float, least: float, most: float, total: float) -> None:
        spread = self.values.get(name)
        if spread is None:
            self.values[name] = [number, least, most, total]
            return
        spread[0] += number
        spread[1] = min(spread[1], least)
        spread[2] = max(spread[2], most)
        spread[3] += total

    def spreads(self) -> dict[str, Spread]:
        return {
            name: Spread(number=int(number), least=least, most=most, total=total)
            for name, (number, least, most, total) in self.values.items()
        }


def _count(tally: _Tally, rule: Rule, data: Mapping[str, Any]) -> None:
    tally.facts += 1
    if rule.person:
        tally.people.add(str(data[rule.person]))
    for name in rule.measures:
        if (value := data.get(name)) is not None:
            tally.measure(name, 1, value, value, value)


class Sums:
    """Adds up facts of one lane, in order; roll-ups are facts like others."""

    def __init__(self, lane: str, *, window_s: int, at_least: int) -> None:
        """For a roll-up by `window_s`; fewer than `at_least` people are not told."""
        self._kind = ROLL_UPS[lane]
        self._window_s = window_s
        self._at_least = at_least
        self._tallies: dict[tuple[str, str], _Tally] = {}
        self._given: dict[tuple[str, str], _Tally] = {}
        self._facts = 0
        self._times: list[datetime] = []

    def add(self, fact: RecordedFact) -> bool:
        """Count `fact`, open as far as it can be; one whose key is gone says only that it was.

        False, and nothing is counted, when it would make more than `MOST_SERIES` series.
        """
        kind = ROLL_UP_TYPES.get(fact.type)
        if kind is not None:
            return self._add_sums(msgspec.json.decode(fact.data, type=kind))
        rule = RULES.get(fact.type)
        if rule is not None and fact.seal is not Seal.CLOSED:
            data = _FIELDS.decode(fact.data)
            key = fact.type, str(data.get(rule.by) or "") if rule.by else ""
            if not self._has_room([key]):
                return False
            _count(self._tallies.setdefault(key, _Tally()), rule, data)
        self._facts += 1
        self._times += (fact.time, fact.time)
        return True

    def _has_room(self, keys: Iterable[tuple[str, str]]) -> bool:
        return len({*self._tallies, *self._given, *keys}) <= MOST_SERIES

    def _add_sums(self, sums: RolledUp) -> bool:
        if not self._has_room((series.type, series.of) for series in sums.series):
            return False
        self._facts += sums.facts
        self._times += (sums.since, sums.until)
        for series in sums.series:
            tally = self._given.setdefault((series.type, series.of), _Tally())
            tally.facts += series.facts
            for name, one in series.values.items():
                tally.measure(name, one.number, one.least, one.most, one.total)
        return True

    def result(self) -> RolledUp:
        """The roll-up of what was added."""
        together: dict[tuple[str, str], _Tally] = {}
        for key, tally in (*self._given.items(), *self._told()):
            whole = together.setdefault(key, _Tally())
            whole.facts += tally.facts
            for name, (number, least, most, total) in tally.values.items():
                whole.measure(name, number, least, most, total)
        return self._kind(
            window_s=self._window_s,
            since=min(self._times),
            until=max(self._times),
            facts=self._facts,
            at_least=self._at_least,
            series=[
                Series(type=kind, of=of, facts=tally.facts, values=tally.spreads())
                for (kind, of), tally in sorted(together.items())
            ],
        )

    def _told(self) -> list[tuple[tuple[str, str], _Tally]]:
        """The series that may be told."""
        return [
            (key, tally)
            for key, tally in self._tallies.items()
            if not RULES[key[0]].person or len(tally.people) >= self._at_least
        ]
