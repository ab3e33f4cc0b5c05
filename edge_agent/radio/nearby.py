"""What a shopper's phone hears: the store's fixed beacons, told over HTTP.

An iPhone does not advertise in a way that a receiver can read, but it hears beacons. Turned round,
each fixed beacon is a receiver that heard the phone: loss on the way is the same both ways.
"""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import Refused
from edge_agent.radio.packets import RSSI_RANGE

BURST: Final = 5
"""Reports at once: what a phone kept while its screen was off."""

REPORT_EVERY_S: Final = 1.0
"""And one more each second, which is how often phones hand beacons to an app (iOS: once a second,
"Determining the Proximity to an iBeacon Device")."""

OLDEST_S: Final = 10.0
"""A shopper has walked across a zone since; older entries say where somebody was."""

MOST_PHONES: Final = 1000
"""Whose rate is remembered; a store holds fewer at a time, the one unheard for longest goes."""


@dataclass(frozen=True, slots=True)
class HeardBeacon:
    """One entry of a phone's report.

    Attributes:
        identity: canonical.
        rssi: dBm at the phone.
        age_s: since the phone heard it, by the phone's own clock.
    """

    identity: str
    rssi: float
    age_s: float


class Nearby:
    """Takes phones' reports in; on the event loop, never waits."""

    def __init__(
        self,
        references: Mapping[str, str],
        *,
        located: Callable[[str], str | None],
        heard: Callable[[Sighting], None],
        clock: Clock,
    ) -> None:
        """Nobody has reported yet.

        Args:
            references: ids of the store's fixed beacons by identity.
            located: the shopper behind an identity, while they may be located.
            heard: called for each entry of use.
            clock: of the agent.
        """
        self._references = references
        self._located = located
        self._heard = heard
        self._clock = clock
        self._allowance: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def report(self, shopper: str, beacons: Iterable[HeardBeacon]) -> int:
        """Take in what the shopper's phone heard; how many entries are of use.

        Raises:
            Refused: `location_off` without consent to location, `too_often` beyond the rate.
        """
        phone = f"phone:{shopper}"
        if self._located(phone) is None:
            text = "This phone may only say what it hears once its owner agrees to being located."
            raise Refused("location_off", text, status=403)
        now = self._clock.now().monotonic
        self._spend(shopper, now)
        used = 0
        for one in beacons:
            beacon = self._references.get(one.identity)
            if beacon is None or one.age_s > OLDEST_S or round(one.rssi) not in RSSI_RANGE:
                continue
            used += 1
            at = now - max(0.0, one.age_s)
            self._heard(Sighting(f"beacon:{beacon}", phone, one.rssi, None, at))
        return used

    def forget(self, shopper: str) -> None:
        """Forget that a shopper's phone ever reported."""
        self._allowance.pop(shopper, None)

    def _spend(self, shopper: str, now: float) -> None:
        """Take one of the shopper's reports; a bucket that fills by one each `REPORT_EVERY_S`."""
        left, filled_at = self._allowance.pop(shopper, (float(BURST), now))
        left = min(BURST, left + (now - filled_at) / REPORT_EVERY_S)
        allowed = left >= 1
        self._allowance[shopper] = (left - allowed, now)
        if len(self._allowance) > MOST_PHONES:
            self._allowance.popitem(last=False)
        if not allowed:
            wait_s = math.ceil((1 - left) * REPORT_EVERY_S)
            text = f"One report a second is enough; try again in {wait_s} s."
            raise Refused("too_often", text, status=429, retry_after_s=wait_s)
