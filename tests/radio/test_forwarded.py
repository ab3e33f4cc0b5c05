"""Another gateway of ours: a simulated BlueZ there, the real device bus, sightings here."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from device_profiles.beacons import BTHome, Frame, IBeacon
from device_profiles.beacons.keys import BeaconKey
from device_profiles.sighting import Sighting
from edge_agent.devices.bus import DeviceBus
from edge_agent.devices.keys import device_keys, enrol
from edge_agent.devices.messages import (
    LETTER_BYTES,
    MOST_ADVERTS,
    Adverts,
    FromDevice,
    HeardAdvert,
    RadioState,
    encode,
)
from edge_agent.kernel.clock import Clock, Instant, SystemClock
from edge_agent.radio import Heard, Reason, ReceiverHealth, ReceiverState
from edge_agent.radio.audience import Audience
from edge_agent.radio.forwarded import DEADLINE_S, ForwardedReceivers
from edge_agent.radio.forwarding import MOST_WAITING, Forwarder
from edge_agent.radio.identities import Identities
from edge_agent.receiver_role import lend
from simulators.bluez import Advert, SimulatedBluez
from tests.radio.scene import DEADLINE, HEADPHONES, IBEACON, IDENTITY, FakeClock

IRK = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")
PRIVATE = "70:81:94:0D:FB:AA"
"""The specification's own key and address (Core 5.4, vol 3 part H, D.7)."""


SHELF = "54:48:E6:8F:80:A5"
BINDKEY = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
SEALED = bytes.fromhex("020106" + "1216d2fc" + "41e445f3c9962b332211006c7c4519")
"""The format's own example (bthome.io/encryption), as advertising data."""


@dataclass
class Leader:
    """The gateway that leads, as far as radios concern it."""

    clock: Clock = field(default_factory=SystemClock)
    counters: Heard = field(default_factory=Heard)
    sightings: list[Sighting] = field(default_factory=list)
    healths: list[ReceiverHealth] = field(default_factory=list)
    identities: Identities = field(default_factory=Identities)
    telemetry: list[tuple[str, Frame]] = field(default_factory=list)

    def told(self, identity: str, frame: Frame, _now: Instant) -> None:
        self.telemetry.append((identity, frame))

    def audience(self) -> Audience:
        return Audience(
            clock=self.clock,
            heard=self.sightings.append,
            health_changed=self.healths.append,
            counters=self.counters,
            identities=self.identities,
            told=self.told,
        )

    def is_blind(self, reason: Reason) -> bool:
        return bool(self.healths) and self.healths[-1].reason is reason

    async def until(self, holds: Callable[[], bool], each: Callable[[], object] = int) -> None:
        async with asyncio.timeout(DEADLINE):
            while not holds():
                each()
                await asyncio.sleep(0.01)


def heard(stamp_ms: int, address: str = "", rssi: int = -60) -> HeardAdvert:
    return HeardAdvert(stamp_ms, address, rssi, (IBeacon("u", 1, 2, -59),))


@asynccontextmanager
async def leading(leader: Leader, keys: Path) -> AsyncIterator[DeviceBus]:
    async with DeviceBus("tcp://127.0.0.1:*", keys, leader.clock) as bus:
        radios = ForwardedReceivers([("store", "back")], clock=leader.clock, age_of=bus.age_s)

        async def said(device: str, message: FromDevice) -> None:
            if isinstance(message, Adverts | RadioState):
                radios.offer(device, message)

        async def seen(device: str, present: bool) -> None:  # noqa: FBT001 - a handler
            radios.attend(device, present=present)

        bus.on_message, bus.on_presence = said, seen
        async with asyncio.TaskGroup() as tasks:
            working = [
                tasks.create_task(radios.run(leader.audience())),
                tasks.create_task(leader.identities.run(leader.clock)),
            ]
            try:
                yield bus
            finally:
                for task in working:
                    task.cancel()


@asynccontextmanager
async def lending(bus: DeviceBus, keys: Path) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        lent = tasks.create_task(
            lend(
                [("store", "hci0")],
                bus=bus.address,
                keys=device_keys(keys, "back"),
                clock=SystemClock(),
            )
        )
        try:
            yield
        finally:
            lent.cancel()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    directory = tmp_path / "keys"
    enrol(directory, "back")
    return directory


@pytest.fixture
async def bluez(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SimulatedBluez]:
    async with SimulatedBluez(tmp_path / "bus") as simulated:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", simulated.address)
        yield simulated


async def test_what_another_gateway_hears_is_a_sighting_here_and_its_absence_blindness(
    keys: Path, bluez: SimulatedBluez
) -> None:
    leader = Leader()

    def advertise() -> None:
        bluez.adapter("hci0").advertise(Advert("C0:00:00:00:00:01", -60, IBEACON))
        bluez.adapter("hci0").advertise(Advert("C0:00:00:00:00:02", -50, HEADPHONES))

    async with leading(leader, keys) as bus:
        async with lending(bus, keys):
            await leader.until(lambda: bool(leader.sightings), advertise)
            sighting = leader.sightings[0]
            assert (sighting.receiver, sighting.identity) == ("store", IDENTITY)
            assert 0 <= leader.clock.now().monotonic - sighting.at < DEADLINE_S
            await leader.until(lambda: leader.healths[-1].state is ReceiverState.HEARING)
            bluez.adapter("hci0").power(on=False)
            await leader.until(lambda: leader.is_blind(Reason.POWERED_OFF))
        await leader.until(lambda: leader.is_blind(Reason.OFFLINE))


async def test_a_private_address_is_resolved_where_the_key_is(
    keys: Path, bluez: SimulatedBluez
) -> None:
    leader = Leader()
    leader.identities.enrol(BeaconKey(identity="irk:badge", irk=IRK))

    def advertise() -> None:
        bluez.adapter("hci0").advertise(Advert(PRIVATE, -60, HEADPHONES))

    async with leading(leader, keys) as bus, lending(bus, keys):
        await leader.until(lambda: bool(leader.sightings), advertise)
    assert {each.identity for each in leader.sightings} == {"irk:badge"}


async def test_an_encrypted_sensor_is_opened_where_the_key_is(
    keys: Path, bluez: SimulatedBluez
) -> None:
    leader = Leader()
    leader.identities.enrol(
        BeaconKey(identity="sensor:shelf", bindkey=BINDKEY, address=SHELF, own=True)
    )

    def advertise() -> None:
        bluez.adapter("hci0").advertise(Advert(SHELF, -60, SEALED))

    async with leading(leader, keys) as bus, lending(bus, keys):
        await leader.until(lambda: bool(leader.telemetry), advertise)
    identity, frame = leader.telemetry[0]
    assert identity == "sensor:shelf"
    assert isinstance(frame, BTHome)
    assert frame.measurements == {"temperature": 25.06, "humidity": 50.55}


def test_a_phone_without_a_private_address_stays_where_it_was_heard() -> None:
    clock = FakeClock()
    forwarder = Forwarder(clock)
    audience = forwarder.audience()
    audience.report("store", (), -60, clock.now(), address="C0:00:00:00:00:02")
    assert [*forwarder.batches()] == []
    audience.report("store", (), -60, clock.now(), address=PRIVATE)
    (batch,) = forwarder.batches()
    assert [advert.address for advert in batch.heard] == [PRIVATE]


def test_batches_are_bounded_and_the_oldest_gives_way_counted() -> None:
    forwarder = Forwarder(FakeClock())
    for stamp in range(MOST_WAITING + 7):
        forwarder.take("store", heard(stamp))
    batches = [*forwarder.batches()]
    assert batches[0].heard[0].heard_ms == 7
    assert batches[-1].lost == 7
    assert max(len(batch.heard) for batch in batches) == MOST_ADVERTS
    assert [*forwarder.batches()] == []


def test_a_batch_of_long_frames_is_split_to_fit_a_letter() -> None:
    forwarder = Forwarder(FakeClock())
    long = HeardAdvert(1, "", -60, (IBeacon("u" * 2000, 1, 2, -59),))
    for _ in range(MOST_ADVERTS):
        forwarder.take("store", long)
    forwarder.take("store", HeardAdvert(2, "", -60, (IBeacon("u" * LETTER_BYTES, 1, 2, -59),)))
    batches = [*forwarder.batches()]
    assert sum(len(batch.heard) for batch in batches) == MOST_ADVERTS
    assert all(len(encode_of(batch)) < LETTER_BYTES for batch in batches)


def encode_of(batch: Adverts) -> bytes:
    from edge_agent.devices.messages import DeviceLetter  # noqa: PLC0415 - beside its one use

    return encode(DeviceLetter("s" * 16, 2**53, batch))


async def test_what_was_too_long_on_its_way_is_dropped_and_counted() -> None:
    leader = Leader(clock=FakeClock())
    ages = {1000: DEADLINE_S + 1, 2000: 1.5}
    radios = ForwardedReceivers(
        [("store", "back")], clock=leader.clock, age_of=lambda _, stamp_ms: ages.get(stamp_ms)
    )
    radios.offer("back", Adverts("store", (heard(1000), heard(2000), heard(3000)), lost=4))
    radios.offer("front", Adverts("store", (heard(2000),)))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(radios.run(leader.audience()))
        await leader.until(lambda: bool(leader.counters.troubles["front", "unknown receiver"]))
        running.cancel()
    (sighting,) = leader.sightings
    assert sighting.at == leader.clock.now().monotonic - 1.5
    assert leader.counters.troubles["store", "too late"] == 2
    assert leader.counters.troubles["store", "lost there"] == 4
