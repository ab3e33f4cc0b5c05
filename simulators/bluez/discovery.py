"""Which adverts a discovery lets through to D-Bus, by BlueZ version.

Seen with a real bluetoothd 5.66 and 5.82 on an LE-only controller, read in the source for later
versions: a *filtered* discovery reports the RSSI of every advert, a *regular* one only changes of
`RSSI_THRESHOLD`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RSSI_THRESHOLD = 8
"""dB, bluez src/adapter.h."""

Version = tuple[int, int]

LE_DEFAULT_IS_REGULAR: Version = (5, 67)
"""bluez de8e7cfce (2023-03): the default filter of an LE-only adapter is no filter."""

ONLY_SIGNAL_FILTERS_COUNT: Version = (5, 88)
"""bluez e004414a1 (2026-07): only RSSI or Pathloss make a discovery filtered, dual-mode too."""

_SIGNAL_FILTERS = frozenset({"RSSI", "Pathloss"})
_CONTENT_FILTERS = frozenset({"UUIDs", "Pattern"})


@dataclass
class Session:
    """One client's filter and whether it discovers.

    Attributes:
        filters: the arguments of SetDiscoveryFilter, variants unpacked.
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    discovering: bool = False

    @property
    def duplicate_data(self) -> bool:
        """Whether each advert's data is signalled even when it is the same (bleak says False)."""
        return bool(self.filters.get("DuplicateData", True)) and bool(self.filters)

    def lets_through(self, rssi: int) -> bool:
        """Whether an advert of `rssi` dBm is strong enough for this client."""
        return rssi >= int(self.filters.get("RSSI", rssi))

    def reports_every_rssi(self, version: Version, *, dual_mode: bool) -> bool:
        """Whether this filter makes the discovery a filtered one."""
        if version >= ONLY_SIGNAL_FILTERS_COUNT:
            return not _SIGNAL_FILTERS.isdisjoint(self.filters)
        if version >= LE_DEFAULT_IS_REGULAR and not dual_mode:
            return not (_SIGNAL_FILTERS | _CONTENT_FILTERS).isdisjoint(self.filters)
        return bool(self.filters)


@dataclass(frozen=True, slots=True)
class Reporting:
    """What the running discoveries together ask of an advert."""

    every_rssi: bool
    duplicate_data: bool

    def rssi_is_news(self, previous: int | None, rssi: int) -> bool:
        """Whether `rssi` is signalled after `previous` (None: none since the scan began)."""
        return self.every_rssi or previous is None or abs(rssi - previous) >= RSSI_THRESHOLD


def combined(sessions: list[Session], version: Version, *, dual_mode: bool) -> Reporting:
    """One adapter scans once for all its clients: what any of them wants is signalled to all."""
    return Reporting(
        every_rssi=any(each.reports_every_rssi(version, dual_mode=dual_mode) for each in sessions),
        duplicate_data=any(each.duplicate_data for each in sessions),
    )
