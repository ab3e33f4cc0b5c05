"""How many were in each zone within an hour, without knowing who.

A shopper leaves a mark in a zone: a hash under a salt of the hour that is never stored. With the
hour the salt and the marks go; what is said is a number, and none below `at_least`.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Final

from cloud_bridge.wire.facts.presence import ZoneCounted
from edge_agent.kernel.facts import Fact

MARK_BYTES: Final = 8
"""Two of a thousand shoppers get the same mark once in 10^13 hours."""


def mark(who: str, salt: bytes) -> bytes:
    """What is kept of `who` within the hour of `salt` (16 to 64 bytes)."""
    return blake2b(who.encode(), key=salt, digest_size=MARK_BYTES).digest()


class HourOfZones:
    """The marks of one hour, by zone; bounded by the shoppers of an hour."""

    def __init__(self, zones: Iterable[str], since: datetime) -> None:
        self._since = since
        self._marks: dict[str, set[bytes]] = {zone: set() for zone in zones}

    def add(self, zone: str, who: bytes) -> None:
        """Somebody, by mark, was in `zone`."""
        self._marks[zone].add(who)

    def forget(self, who: bytes) -> None:
        """Take somebody's marks back: consent was withdrawn."""
        for marks in self._marks.values():
            marks.discard(who)

    def close(
        self, until: datetime, unknown_s: dict[str, float], *, at_least: int
    ) -> tuple[Fact, ...]:
        """What the hour comes to, a fact for each zone."""
        return tuple(
            Fact(
                f"zones/{zone}",
                ZoneCounted(
                    zone=zone,
                    since=self._since,
                    until=until,
                    shoppers=len(marks) if len(marks) >= at_least else None,
                    at_least=at_least,
                    unknown_s=round(unknown_s.get(zone, 0.0), 1),
                ),
            )
            for zone, marks in self._marks.items()
        )
