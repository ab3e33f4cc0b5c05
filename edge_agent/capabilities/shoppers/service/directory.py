"""Whose identity is whose, of those only who may be followed; asked by every sighting."""

import asyncio
from typing import Final

from device_profiles.beacons.keys import BeaconKey
from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.model import Forget, Radio, Shopper
from edge_agent.storage import Storage

A_SLICE: Final = 100
"""Beacons taken in between two turns of the event loop at the start: a resolving key costs 0.1 ms
(measured), so that a slice stays below 20 ms on a machine half as fast."""


class Directory:
    """Follows the database after each commit, and only that.

    An identity stands here, and its keys at the radio, exactly while its owner has consented to
    location and has not paused. All of it runs on the event loop.
    """

    def __init__(self, radio: Radio, forget: Forget) -> None:
        """Empty until `load`; `forget` is told of each who may no longer be followed."""
        self._radio = radio
        self._forget = forget
        self._owner: dict[str, str] = {}
        self._beacons: dict[str, tuple[BeaconKey, ...]] = {}

    def shopper_of(self, identity: str) -> str | None:
        """The pseudonym behind an identity; None for a stranger and for who may not be located."""
        return self._owner.get(identity)

    async def load(self, storage: Storage) -> None:
        """Rebuild from the database; once, at the start."""
        phones, beacons = await storage.view(
            lambda reads: (store.located_phones(reads), store.located(reads))
        )
        self._owner = {_phone(pseudonym): pseudonym for pseudonym in phones}
        self._beacons = dict.fromkeys(phones, ())
        for number, (pseudonym, beacon) in enumerate(beacons, 1):
            self._beacons[pseudonym] += (beacon,)
            self._add(pseudonym, beacon)
            if number % A_SLICE == 0:
                await asyncio.sleep(0)

    def follow(self, shopper: Shopper) -> None:
        """Make what stands here that which the shopper has agreed to."""
        before = self._beacons.get(shopper.id)
        wanted = shopper.beacons if shopper.located else None
        if before == wanted:
            return
        self._remove(shopper.id)
        if wanted is None:
            self._forget(shopper.id)
            return
        self._beacons[shopper.id] = wanted
        self._owner[_phone(shopper.id)] = shopper.id
        for beacon in wanted:
            self._add(shopper.id, beacon)

    def drop(self, pseudonym: str) -> None:
        """Forget somebody who left."""
        self._remove(pseudonym)
        self._forget(pseudonym)

    def _add(self, pseudonym: str, beacon: BeaconKey) -> None:
        self._owner[beacon.identity] = pseudonym
        self._radio.enrol(beacon)

    def _remove(self, pseudonym: str) -> None:
        self._owner.pop(_phone(pseudonym), None)
        for beacon in self._beacons.pop(pseudonym, ()):
            self._owner.pop(beacon.identity, None)
            self._radio.withdraw(beacon.identity)


def _phone(pseudonym: str) -> str:
    """How sightings name the phone that hears fixed beacons itself (`POST /v1/nearby`)."""
    return f"phone:{pseudonym}"
