"""The agent's own classes around one simulated floor: radio's ears to presence to the log."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from bench.workers.heard import Record
from device_profiles.beacons.keys import BeaconKey, key_identity
from device_profiles.sighting import Sighting
from edge_agent.capabilities.presence import model
from edge_agent.capabilities.presence.service import Presence
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.counters import Heard
from edge_agent.radio.identities import Identities
from edge_agent.radio.packets import PacketEar
from edge_agent.radio.watchdog import ReceiverHealth
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, Tx, open_storage
from edge_agent.storage.reads import Reads
from simulators.world.plan import FloorPlan

BEGIN = dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)


class SetClock:
    """A clock that shows what it is set to."""

    def __init__(self) -> None:
        self._second = 0.0

    def set(self, second: float) -> None:
        """Show `second` since the beginning."""
        self._second = second

    def now(self) -> Instant:
        """What it is set to."""
        return Instant(BEGIN + dt.timedelta(seconds=self._second), self._second)


class People:
    """Who is enrolled: all have agreed to being located."""

    def __init__(self, shoppers: Mapping[str, str]) -> None:
        self._shoppers = shoppers

    def shopper_of(self, beacon: str, /) -> str | None:
        """The pseudonym behind an identity."""
        return self._shoppers.get(beacon)

    def location(self, _reads: Reads, _shopper: str, /) -> bool:
        """Whether they have agreed."""
        return True


@dataclass(frozen=True, slots=True)
class Store:
    """See the module.

    Attributes:
        ears: by receiver.
        audience: what the ears tell.
    """

    clock: Clock
    storage: Storage
    presence: Presence
    identities: Identities
    counters: Heard
    audience: Audience
    ears: Mapping[str, PacketEar]


@asynccontextmanager
async def open_store(
    path: Path,
    plan: FloorPlan,
    enrolled: list[dict[str, Any]],
    clock: Clock,
    *,
    watch: Callable[[str, Sighting], None] | None = None,
    between: Callable[[Storage], Storage] = lambda storage: storage,
) -> AsyncIterator[Store]:
    """A store whose shoppers are `enrolled` (`bench.mix.Enrolled`), with a fresh log at `path`.

    `watch` is told each sighting of a shopper before presence is; `between` may stand between
    presence and the storage.
    """
    identities = Identities()
    beacons = [_key(each) for each in enrolled]
    for beacon in beacons:
        identities.enrol(beacon)
    shoppers = {beacon.identity: f"s-{number:05d}" for number, beacon in enumerate(beacons)}
    people, keys = People(shoppers), PersonKeys()

    def mint(tx: Tx) -> None:
        for pseudonym in shoppers.values():
            keys.mint(tx, pseudonym)

    async with open_storage(path, gateway="bench", clock=clock, sealer=keys) as storage:
        await storage.run(mint)
        presence = Presence(
            between(storage),
            clock,
            model.Policy(),
            _floor(plan),
            directory=people,
            consents=people,
        )
        counters = Heard()

        def heard(sighting: Sighting) -> None:
            shopper = shoppers.get(sighting.identity)
            if watch is not None and shopper is not None:
                watch(shopper, sighting)
            presence.heard(sighting)

        audience = Audience(
            clock=clock,
            heard=heard if watch else presence.heard,
            health_changed=_unmoved,
            counters=counters,
            identities=identities,
        )
        ears = {each.id: PacketEar(each.id, audience, _unmoved) for each in plan.receivers}
        for each in plan.receivers:
            presence.receiver_health(each.id, model.Hearing.HEARING)
        yield Store(clock, storage, presence, identities, counters, audience, ears)


def callback(record: Record) -> tuple[BLEDevice, AdvertisementData]:
    """What bleak hands to its callback for a packet, with DuplicateData on."""
    path = f"/org/bluez/hci0/dev_{record.address.replace(':', '_')}"
    properties: dict[str, object] = {"RSSI": record.rssi}
    if record.manufacturer_data:
        properties["ManufacturerData"] = dict(record.manufacturer_data)
    if record.service_data:
        properties["ServiceData"] = dict(record.service_data)
    device = BLEDevice(record.address, None, {"path": path, "props": properties})
    advert = AdvertisementData(
        None,
        record.manufacturer_data,
        record.service_data,
        list(record.service_data),
        None,
        record.rssi,
        (path, properties),
    )
    return device, advert


def _key(person: dict[str, Any]) -> BeaconKey:
    if person["irk"]:
        irk = bytes.fromhex(person["irk"])
        return BeaconKey(identity=key_identity("irk", irk), irk=irk)
    if person["eid_key"]:
        key = bytes.fromhex(person["eid_key"])
        offset = person["clock_s"] - BEGIN.timestamp()
        return BeaconKey(
            identity=key_identity("eid", key),
            eid_key=key,
            rotation_exponent=person["rotation_exponent"],
            clock_offset_s=offset,
        )
    return BeaconKey(identity=person["identity"])


def _floor(plan: FloorPlan) -> model.Floor:
    return model.Floor(
        plan.width_m,
        plan.height_m,
        tuple(model.Zone(each.id, each.polygon, each.dwell_s or 5.0) for each in plan.zones),
        tuple(model.Receiver(each.id, each.position, each.height_m) for each in plan.receivers),
    )


def _unmoved(_news: ReceiverHealth | Instant) -> None:
    """Nobody is told."""
