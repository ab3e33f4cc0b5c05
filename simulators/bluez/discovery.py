"""Discovery: who asked for it, and which adverts it lets through to D-Bus, by BlueZ version.

Seen with a real bluetoothd 5.66 and 5.82 on an LE-only controller, read in the source for later
versions: a *filtered* discovery reports the RSSI of every advert, a *regular* one only changes of
`RSSI_THRESHOLD`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulators.bluez.objects import BluezError
from simulators.dbus import Variant

RSSI_THRESHOLD = 8
"""dB, bluez src/adapter.h."""

Version = tuple[int, int]

LE_DEFAULT_IS_REGULAR: Version = (5, 67)
"""bluez de8e7cfce (2023-03): the default filter of an LE-only adapter is no filter."""

ONLY_SIGNAL_FILTERS_COUNT: Version = (5, 88)
"""bluez e004414a1 (2026-07): only RSSI or Pathloss make a discovery filtered, dual-mode too."""

A_REJECTED_STOP_IS_MENDED: Version = (5, 88)
"""From here on a StopDiscovery that the kernel rejects leaves no "discovering" flag behind
(bluez#807, as bleak's `_recover_from_rejected_stop` describes it)."""

KERNEL_SCAN_WINDOW = 10.24
"""Seconds for which the kernel goes on scanning after bluetoothd was killed (DISCOV_LE_TIMEOUT);
until then StartDiscovery of the new bluetoothd answers InProgress."""

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


class Discovery:
    """The discovery of one adapter: its clients' sessions, and how it can be stuck.

    Attributes:
        reporting: what the running sessions together ask of an advert.
        phantom: bluetoothd believes that the kernel scans, and it does not.
        rejected_stops: how many calls of StopDiscovery the kernel will reject from now on.
    """

    def __init__(self, version: Version, *, dual_mode: bool) -> None:
        self.reporting = Reporting(every_rssi=False, duplicate_data=False)
        self.phantom = False
        self.rejected_stops = 0
        self._version = version
        self._dual_mode = dual_mode
        self._sessions: dict[str, Session] = {}
        self._kernel_scans_until = float("-inf")

    @property
    def active(self) -> bool:
        """Whether any client discovers."""
        return any(each.discovering for each in self._sessions.values())

    def lets_through(self, rssi: int) -> bool:
        """Whether an advert of `rssi` dBm is strong enough for one client at least."""
        return any(each.discovering and each.lets_through(rssi) for each in self._sessions.values())

    def set_filter(self, client: str, filters: Mapping[str, Variant]) -> None:
        """SetDiscoveryFilter."""
        session = self._sessions.setdefault(client, Session())
        session.filters = {name: variant.value for name, variant in filters.items()}
        self._combine()

    def start(self, client: str, now: float) -> None:
        """StartDiscovery; raises `BluezError`."""
        session = self._sessions.setdefault(client, Session())
        if session.discovering or now < self._kernel_scans_until:
            error = "InProgress"
            raise BluezError(error, "Operation already in progress")
        session.discovering = True
        self._combine()

    def stop(self, client: str) -> None:
        """StopDiscovery; raises `BluezError`.

        One that the kernel rejects has ended the session all the same. Until 5.88 bluetoothd then
        starts the next scan without asking the kernel, and it hears nothing.
        """
        session = self._sessions.get(client)
        if session is None or not session.discovering:
            error = "Failed"
            raise BluezError(error, "No discovery started")
        session.discovering = False
        self._combine()
        if self.rejected_stops:
            self.rejected_stops -= 1
            self.phantom = self._version < A_REJECTED_STOP_IS_MENDED
            error = "InProgress"
            raise BluezError(error, "Operation already in progress")
        if not self.active:
            self.phantom = False

    def left(self, client: str) -> bool:
        """A client's connection ended; whether that ended a session of its."""
        session = self._sessions.pop(client, None)
        self._combine()
        return session is not None and session.discovering

    def end(self) -> None:
        """Every session is over: no power, no adapter, no daemon."""
        self._sessions.clear()
        self._combine()

    def reset(self) -> None:
        """The radio itself begins anew: nothing is stuck any more."""
        self.phantom = False
        self.rejected_stops = 0
        self._kernel_scans_until = float("-inf")

    def orphan(self, now: float) -> None:
        """The daemon was killed; the kernel finishes a scan that runs."""
        if self.active:
            self._kernel_scans_until = now + KERNEL_SCAN_WINDOW
        self.phantom = False
        self.end()

    def _combine(self) -> None:
        running = [each for each in self._sessions.values() if each.discovering]
        self.reporting = combined(running, self._version, dual_mode=self._dual_mode)
