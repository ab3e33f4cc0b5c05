"""Which enrolled beacon sent what was heard: a dictionary hit per advertisement.

What makes it one is done beforehand or besides, by `run`, in slices between which the event loop
turns: identifiers that rotate (`eid_windows`) and addresses that change (`private_addresses`).
Everything is on the event loop, nothing is shared with other threads.

Of strangers nothing is kept but, for a bounded number of addresses, that no key made them; under
a hash that differs in each process.
"""

import asyncio
from secrets import token_hex

from device_profiles.beacons import EddystoneEid, Frame
from device_profiles.beacons.keys import BeaconKey
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.copies import Copies
from edge_agent.radio.eid_windows import EidWindows
from edge_agent.radio.own import OwnBeacons
from edge_agent.radio.private_addresses import PrivateAddresses

JUMP_S = 2.0
"""The wall clock was set when it moved this far against the monotonic one; a slew of 500 ppm,
the most that NTP does, takes an hour for it."""

LOOK_S = 1.0
"""Between two looks at the wall clock while nothing is due."""


class Identities:
    """The beacons that the store knows, and how each is recognised."""

    def __init__(self) -> None:
        self._salt = token_hex(8)
        self._enrolled: dict[str, BeaconKey] = {}
        self._eids = EidWindows()
        self._addresses = PrivateAddresses()
        self._copies = Copies()
        self._own = OwnBeacons()
        self._work = asyncio.Event()

    def enrol(self, key: BeaconKey) -> None:
        """Know a beacon from now on; one by an EID key from the work that `run` does for it.

        Enrolling an identity again replaces what was known of it.
        """
        self.withdraw(key.identity)
        self._enrolled[key.identity] = key
        self._eids.enrol(key)
        if key.irk is not None:
            self._addresses.enrol(key.identity, key.irk)
        hashed = self._hashed(key.address) if key.address else None
        if hashed is not None and key.irk is None:
            self._copies.bind(key.identity, hashed)
        if key.own:
            self._own.enrol(key, hashed)
        self._work.set()

    def withdraw(self, identity: str) -> None:
        """Forget a beacon, its keys, identifiers and addresses, at once; unknown ones too."""
        if self._enrolled.pop(identity, None) is None:
            return
        self._eids.withdraw(identity)
        self._addresses.withdraw(identity)
        self._copies.forget(identity)
        self._own.withdraw(identity)

    def __contains__(self, identity: str) -> bool:
        """Whether the store knows this beacon."""
        return identity in self._enrolled

    def of(self, frame: Frame, now: Instant) -> str | None:
        """The frame's identity: its own, or the enrolled one behind a rotating identifier."""
        if isinstance(frame, EddystoneEid):
            return self._eids.resolve(bytes.fromhex(frame.eid), now.wall.timestamp())
        return frame.identity

    def of_address(self, address: str) -> str | None:
        """Whose private address it is, as far as known; a new one is tried soon.

        `address` has colons between its bytes; the case does not matter.
        """
        if not self._addresses.keys:
            return None
        found = self._addresses.of(self._hashed(address), address)
        if found is None and self._addresses.waiting:
            self._work.set()
        return found

    def believed(self, identity: str, address: str | None, now: Instant) -> bool:
        """Whether a sighting counts: a stranger's copy of an enrolled identity does not."""
        if address is None or identity not in self._enrolled:
            return True
        hashed = self._hashed(address)
        believed = self._copies.believed(identity, hashed, now.monotonic)
        if believed:
            self._own.heard(identity, hashed)
        return believed

    def telemetry(
        self, frame: Frame, beside: str | None, address: str | None, now: Instant
    ) -> tuple[str, Frame] | None:
        """Which of the store's own beacons sent a telemetry frame, and what it says.

        `beside` is the identity in the same packet. None for strangers' frames, which stay closed.
        """
        identity = beside
        if identity is None and address is not None:
            identity = self._own.at(self._hashed(address))
        if identity is None or identity not in self._own:
            return None
        told = self._own.open(identity, frame, address, self._eids, now)
        return None if told is None else (identity, told)

    def shared(self, now: Instant) -> int:
        """How many enrolled identities are sent by several transmitters at this time."""
        return self._copies.shared(now.monotonic)

    async def run(self, clock: Clock) -> None:
        """Do what is due, for ever; no slice of it holds the event loop for 20 ms."""
        shift: float | None = None
        while True:
            now = clock.now()
            utc_s = now.wall.timestamp()
            if shift is None or abs(utc_s - now.monotonic - shift) > JUMP_S:
                if shift is not None:
                    self._eids.clock_jumped()
                shift = utc_s - now.monotonic
            if self._eids.work(utc_s) + self._addresses.work():
                await asyncio.sleep(0)
            else:
                await self._rest(self._eids.due_s(utc_s))

    async def _rest(self, due_s: float) -> None:
        self._work.clear()
        try:
            async with asyncio.timeout(min(due_s, LOOK_S)):
                await self._work.wait()
        except TimeoutError:
            return

    def _hashed(self, address: str) -> int:
        return hash(self._salt + address.upper())
