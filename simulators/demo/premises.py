"""The simulated store in the supervisor's own process: air, adapters, gateways, locker bank."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path

from paho.mqtt.client import Client

from simulators.bluez import Advert, SimulatedBluez
from simulators.demo.directory import TROLLEY
from simulators.demo.journal import Journal, wall_time
from simulators.locker.bank import SimulatedBank
from simulators.receiver.espresense import Node
from simulators.receiver.omg import Form, Gateway
from simulators.receiver.uplink import uplinks
from simulators.world.chance import seeded
from simulators.world.crowd import add_crowd, add_phones, random_address
from simulators.world.fixtures import add_fixtures
from simulators.world.plan import FloorPlan, Receiver
from simulators.world.rotating import EphemeralId
from simulators.world.world import Heard, Transmitter, World

BEAT_S = 0.05
"""How often the world is lived on: adverts reach the adapters in bunches of this length."""

PASSERS_BY = 5
"""Phones that are nobody's business; enough for the counts of what was ignored to mean it."""

PASSING_CROWD = 40
"""Phones that come along with crowded air. The rest of that crowd is heard only as interference:
a tenth of a core is what the demo may spend on it."""

FAR_KINDS = ("omg", "espresense")
"""Kinds of receiver that report over the store broker."""

CLOCK_ERROR_S = 3600.0
"""How far a lying clock is ahead: an ESP32 that takes a time zone for UTC."""

TROLLEY_INTERVAL_S = 1.0


@dataclass
class Air:
    """What went through the air in the second that is being counted."""

    sent_before: int = 0
    heard: Counter[str] = field(default_factory=Counter)


class Premises:
    """World, radios and locker bank; made by `open_premises`.

    Attributes:
        fixtures: the store's own beacons, by id.
        clocks: those of them whose identifier changes by their clock.
        passing: the crowd that is on the air while it is crowded.
        offline: ids of the far receivers that are without power.
        lying: those whose clock is wrong.
        garbling: those that send what nobody can read.
    """

    def __init__(
        self,
        world: World,
        bluez: SimulatedBluez,
        bank: SimulatedBank,
        radio: Journal,
        *,
        fixtures: Mapping[str, Transmitter],
        clocks: Mapping[str, EphemeralId],
        passing: Sequence[Transmitter],
    ) -> None:
        self.world = world
        self.fixtures = fixtures
        self.clocks = clocks
        self.passing = passing
        self.offline: set[str] = set()
        self.lying: set[str] = set()
        self.garbling: set[str] = set()
        self.bluez = bluez
        self.bank = bank
        self._adapters = {
            receiver.id: bluez.adapter(receiver.unit)
            for receiver in world.plan.receivers
            if receiver.kind == "bluez"
        }
        self._gateways: dict[str, tuple[Gateway | Node, Client]] = {}
        self._radio = radio
        self._air = Air()
        self._closed = False

    def close(self) -> None:
        """Closing time: the air falls silent, and nothing new happens while books are closed."""
        self._closed = True

    def power(self, receiver: str, *, on: bool) -> None:
        """Switch a far receiver off or on; off, the broker tells what its will said."""
        (self.offline.discard if on else self.offline.add)(receiver)
        if receiver in self._gateways:
            gateway, client = self._gateways[receiver]
            client.publish(gateway.status_topic, "online" if on else "offline", retain=True)

    def lie(self, receiver: str, *, on: bool) -> None:
        """Set a far receiver's clock wrong, or right again."""
        (self.lying.add if on else self.lying.discard)(receiver)
        gateway, _ = self._gateways.get(receiver, (None, None))
        if isinstance(gateway, Gateway):
            gateway.epoch_s = self._epoch_s() + CLOCK_ERROR_S * on

    async def live(self) -> None:
        """Let time pass in the world as it does outside, until closing time."""
        start = time.monotonic() - self.world.now
        for second in count(int(self.world.now) + 1):
            while self.world.now < second:
                if self._closed:
                    self._count()
                    return
                for heard in self.world.step(time.monotonic() - start):
                    self._deliver(heard)
                await asyncio.sleep(BEAT_S)
            self._count()

    @contextmanager
    def gateways(self, store_broker: int) -> Iterator[None]:
        """Have the far receivers report to the broker on this port of loopback, while inside."""
        far = [each for each in self.world.plan.receivers if each.kind in FAR_KINDS]
        forms = cycle((Form.DECODED, Form.RAW))
        radios = [self._far_radio(each, form) for each, form in zip(far, forms, strict=False)]
        with uplinks("127.0.0.1", store_broker, [each.status_topic for each in radios]) as clients:
            self._gateways = {
                receiver.id: (radio, client)
                for receiver, radio, client in zip(far, radios, clients, strict=True)
            }
            try:
                yield
            finally:
                self._gateways = {}

    def _far_radio(self, receiver: Receiver, form: Form) -> Gateway | Node:
        if receiver.kind == "espresense":
            return Node(receiver.unit)
        return Gateway(receiver.unit, form, self._epoch_s())

    def _epoch_s(self) -> float:
        """Seconds since 1970 at second 0 of the world."""
        return wall_time().timestamp() - self.world.now

    def _deliver(self, heard: Heard) -> None:
        self._air.heard[heard.receiver] += 1
        if heard.receiver in self._adapters:
            advert = Advert(heard.address, heard.rssi, heard.ad)
            self._adapters[heard.receiver].advertise(advert)
        elif heard.receiver in self._gateways and heard.receiver not in self.offline:
            gateway, client = self._gateways[heard.receiver]
            report = gateway.report(heard.address, heard.rssi, heard.ad, heard.at)
            if report is not None:
                topic, payload = report
                garbled = heard.receiver in self.garbling
                client.publish(topic, payload[: len(payload) // 2] if garbled else payload)

    def _count(self) -> None:
        sent = self.world.sent - self._air.sent_before
        self._radio.note("air", sent=sent, heard=dict(self._air.heard))
        self._air = Air(self.world.sent)


@asynccontextmanager
async def open_premises(
    plan: FloorPlan,
    *,
    seed: int,
    socket: Path,
    locker: Path,
    doors: Path,
    radio: Journal,
    trolley: EphemeralId | None = None,
) -> AsyncIterator[Premises]:
    """Build the store around `plan`.

    Args:
        plan: receivers name their adapter or gateway.
        seed: of noise, crowd and latches.
        socket: where the private D-Bus listens; at most 107 bytes.
        locker: the name that the bank's serial port gets.
        doors: the bank's own journal.
        radio: gets a line per second.
        trolley: what the store's trolley sends, if it has one.
    """
    world = World(plan, seed)
    add_crowd(world, seeded(seed, "crowd"), phones=PASSERS_BY)
    passing = add_phones(world, seeded(seed, "passing"), PASSING_CROWD)
    for each in passing:
        each.silent = True
    fixtures = add_fixtures(world, seed)
    clocks = {} if trolley is None else {TROLLEY: trolley}
    fixtures |= {name: _park(world, each, seed) for name, each in clocks.items()}
    adapters = sum(receiver.kind == "bluez" for receiver in plan.receivers)
    async with AsyncExitStack() as stack:
        bluez = await stack.enter_async_context(SimulatedBluez(socket, adapters=adapters))
        bank = await stack.enter_async_context(SimulatedBank(seed=seed, log=doors, link=locker))
        yield Premises(world, bluez, bank, radio, fixtures=fixtures, clocks=clocks, passing=passing)


def _park(world: World, beacon: EphemeralId, seed: int) -> Transmitter:
    """Leave the trolley by the entrance."""
    place = world.ways.reachable(world.plan.zones[0].centre)
    return world.transmit(
        random_address(seeded(seed, "fixture", TROLLEY)),
        beacon.compose,
        lambda: place,
        power_1m=beacon.power_1m,
        interval_s=TROLLEY_INTERVAL_S,
    )
