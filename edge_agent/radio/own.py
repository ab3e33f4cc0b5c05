"""Telemetry of the store's own beacons: which of them sent it, and what it says when opened.

Telemetry frames name nobody. They are their beacon's when they come in one packet with its
identity, or from the address that its identity was last heard from.
"""

from device_profiles.beacons import BeaconKey, BTHome, EddystoneEtlm, EddystoneTlm, Frame
from device_profiles.beacons.bthome import opened
from edge_agent.kernel.clock import Instant
from edge_agent.radio.eid_windows import EidWindows

TELEMETRY = (EddystoneTlm, EddystoneEtlm, BTHome)
"""Frames that say how a beacon is, and not which it is."""

ADDRESSES = 1024
"""Addresses remembered, under hashes. A store has some hundred beacons, and few of those change
their address; the one that was learned first makes room."""


class OwnBeacons:
    """The store's own beacons and the addresses that they were heard from."""

    def __init__(self) -> None:
        self._keys: dict[str, BeaconKey] = {}
        self._by_address: dict[int, str] = {}

    def __contains__(self, identity: str) -> bool:
        return identity in self._keys

    def enrol(self, key: BeaconKey, hashed: int | None) -> None:
        """Know a beacon, and where it is heard from if that is fixed."""
        self._keys[key.identity] = key
        if hashed is not None:
            self._by_address[hashed] = key.identity

    def withdraw(self, identity: str) -> None:
        """Forget a beacon and its addresses."""
        if self._keys.pop(identity, None) is not None:
            for hashed in [h for h, one in self._by_address.items() if one == identity]:
                del self._by_address[hashed]

    def heard(self, identity: str, hashed: int) -> None:
        """Learn that a beacon is heard from an address."""
        if identity not in self._keys or self._by_address.get(hashed) == identity:
            return
        self._by_address[hashed] = identity
        if len(self._by_address) > ADDRESSES:
            del self._by_address[next(iter(self._by_address))]

    def at(self, hashed: int) -> str | None:
        """Whose address it is."""
        return self._by_address.get(hashed)

    def open(
        self, identity: str, frame: Frame, address: str | None, eids: EidWindows, now: Instant
    ) -> Frame | None:
        """What a telemetry frame of that beacon says; None when it cannot be its."""
        key = self._keys[identity]
        if isinstance(frame, EddystoneEtlm):
            return eids.open(identity, frame, now.wall.timestamp())
        if isinstance(frame, BTHome) and key.bindkey is not None:
            return opened(frame, address or key.address, key.bindkey)
        return frame
