"""From a packet to sightings of whom the store knows; strangers leave nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device_profiles.beacons import (
    Advert,
    BeaconKey,
    BTHome,
    EddystoneEid,
    EddystoneEtlm,
    EddystoneTlm,
    Frame,
    IBeacon,
    examine,
    key_identity,
)
from device_profiles.beacons.eid import eid, temporary_key
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Instant
from edge_agent.radio import Heard, Identities, Ignored
from edge_agent.radio.audience import COPY, Audience
from edge_agent.radio.copies import PROVEN_AFTER
from tests.capabilities.world import StillClock
from tests.identities.test_private_addresses import address, irk

KEY = bytes.fromhex("7c91330e61dfea4606b5b3ecb4457d76")
ETLM = EddystoneEtlm(1, "d24c40a57311c1b33e3744e4", "beef", "9e9a")
ETLM_AT_S = 70_000
CARD = IBeacon("e2c56db5-dffb-48d2-b060-d0f5a71096e0", 7, 1, -59)
TLM = EddystoneTlm(0, 2900, 21.5, 10, 60.0)
PUBLIC = "C0:01:02:03:04:05"
OTHER = "C0:01:02:03:04:06"


class Store:
    """An audience and what it was told."""

    def __init__(self, clock: StillClock) -> None:
        self.clock = clock
        self.sightings: list[Sighting] = []
        self.telemetry: list[tuple[str, Frame]] = []
        self.counters = Heard()
        self.identities = Identities()
        self.refusal: str | None = None
        self.audience = Audience(
            clock=clock,
            heard=self.sightings.append,
            health_changed=lambda _: None,
            counters=self.counters,
            identities=self.identities,
            told=self._told,
        )

    def _told(self, identity: str, frame: Frame, _now: Instant) -> str | None:
        self.telemetry.append((identity, frame))
        return self.refusal

    def report(self, *frames: Frame, address: str | None = PUBLIC) -> list[str]:
        """One packet at the door; the identities of its sightings."""
        before = len(self.sightings)
        self.audience.report("door", frames, -60, self.clock.now(), address=address)
        return [one.identity for one in self.sightings[before:]]


@pytest.fixture
def clock() -> StillClock:
    return StillClock(Instant(datetime(2026, 11, 22, 9, tzinfo=UTC), 1000.0))


@pytest.fixture
async def store(clock: StillClock) -> AsyncIterator[Store]:
    made = Store(clock)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(made.identities.run(clock))
        yield made
        running.cancel()


def rotating(clock: StillClock, beacon_s: int, *, own: bool = False) -> BeaconKey:
    utc_s = clock.now().wall.timestamp()
    return BeaconKey(
        identity=key_identity("eid", KEY),
        eid_key=KEY,
        clock_offset_s=beacon_s - utc_s,
        clock_read_at_s=utc_s,
        own=own,
    )


def eid_frame(beacon_s: int) -> EddystoneEid:
    return EddystoneEid(-20, eid(temporary_key(KEY, beacon_s), 10, beacon_s).hex())


TURNS = 10_000
"""Of the event loop within which a handful of beacons are reckoned."""


async def until_heard(store: Store, *frames: Frame, address: str = PUBLIC) -> list[str]:
    for _ in range(TURNS):
        if heard := store.report(*frames, address=address):
            return heard
        await asyncio.sleep(0)
    pytest.fail("still a stranger")


async def test_a_rotating_beacon_enrolled_at_run_time_is_a_sighting(store: Store) -> None:
    assert store.report(eid_frame(5000)) == []
    store.identities.enrol(rotating(store.clock, 5000))
    assert await until_heard(store, eid_frame(5000)) == [key_identity("eid", KEY)]
    assert store.sightings[-1].power == -61


async def test_strangers_rotating_beacons_are_counted(store: Store) -> None:
    store.report(eid_frame(1))
    assert store.counters.ignored == {Ignored("identifier of a stranger", "eddystone_eid"): 1}


async def test_a_phone_is_a_sighting_by_its_address_whatever_it_sends(store: Store) -> None:
    store.identities.enrol(BeaconKey(identity="irk:1", irk=irk(1)))
    assert await until_heard(store, address=address(1)) == ["irk:1"]
    assert store.report(address=address(1).lower()) == ["irk:1"]
    store.identities.withdraw("irk:1")
    assert store.report(address=address(1)) == []


async def test_a_stranger_whose_address_a_key_seems_to_have_made_does_not_move_its_holder(
    store: Store, clock: StillClock
) -> None:
    store.identities.enrol(BeaconKey(identity="irk:1", irk=irk(1)))
    phone, stranger = address(1, prand=1), address(1, prand=2)
    await until_heard(store, address=phone)
    await until_heard(store, address=stranger)
    for _ in range(1 + PROVEN_AFTER):
        clock.advance(1)
        assert store.report(address=phone) == ["irk:1"]
        clock.advance(1)
        store.report(address=stranger)
    assert store.report(address=stranger) == []
    assert store.report(address=phone) == ["irk:1"]


async def test_a_phones_next_address_is_believed_at_once(store: Store, clock: StillClock) -> None:
    store.identities.enrol(BeaconKey(identity="irk:1", irk=irk(1)))
    for prand in range(1, 9):
        await until_heard(store, address=address(1, prand=prand))
        clock.advance(1)
        assert store.report(address=address(1, prand=prand)) == ["irk:1"]
    assert store.counters.ignored[COPY] == 0


async def test_a_phone_that_is_known_is_no_stranger_for_what_it_sends(
    store: Store, clock: StillClock
) -> None:
    store.identities.enrol(BeaconKey(identity="irk:1", irk=irk(1)))
    await until_heard(store, address=address(1))
    clock.advance(86_400)
    assert store.report(CARD, address=address(1)) == ["irk:1", CARD.identity]
    assert store.counters.strangers.today(clock.now()) == 0


async def test_a_copy_of_a_bound_card_is_counted_and_moves_nobody(store: Store) -> None:
    store.identities.enrol(BeaconKey(identity=CARD.identity, address=PUBLIC))
    assert store.report(CARD, address=OTHER) == []
    assert store.report(CARD, address=PUBLIC) == [CARD.identity]
    assert store.counters.ignored == {COPY: 1}


async def test_a_receiver_that_tells_no_address_is_believed(store: Store) -> None:
    store.identities.enrol(BeaconKey(identity=CARD.identity, address=PUBLIC))
    assert store.report(CARD, address=None) == [CARD.identity]


async def test_what_is_not_enrolled_is_never_judged(store: Store) -> None:
    for _ in range(20):
        assert store.report(CARD, address=PUBLIC)
        assert store.report(CARD, address=OTHER)
    assert store.identities.shared(store.clock.now()) == 0


async def test_telemetry_is_its_beacons_beside_its_identity_or_from_its_address(
    store: Store,
) -> None:
    store.identities.enrol(BeaconKey(identity=CARD.identity, own=True))
    store.report(TLM)
    assert store.telemetry == []
    store.report(CARD, TLM)
    store.report(TLM)
    store.report(TLM, address=OTHER)
    assert store.telemetry == [(CARD.identity, TLM)] * 2


async def test_shoppers_telemetry_stays_closed(store: Store) -> None:
    store.identities.enrol(BeaconKey(identity=CARD.identity))
    store.report(CARD, TLM)
    assert store.telemetry == []


async def test_encrypted_telemetry_is_opened_with_the_beacons_key_and_clock(store: Store) -> None:
    store.identities.enrol(rotating(store.clock, ETLM_AT_S, own=True))
    await until_heard(store, eid_frame(ETLM_AT_S))
    store.report(ETLM)
    assert store.telemetry == [(key_identity("eid", KEY), EddystoneTlm(0, 3000, 21.5, 10, 10.0))]


async def test_a_sensor_named_by_its_address_is_opened_with_its_key(store: Store) -> None:
    bindkey = bytes.fromhex("231d39c1d7cc1ab1aee224cd096db932")
    where = "54:48:E6:8F:80:A5"
    store.identities.enrol(
        BeaconKey(identity="sensor:shelf", bindkey=bindkey, address=where, own=True)
    )
    payload = bytes.fromhex("41e445f3c9962b332211006c7c4519")
    service = "0000fcd2-0000-1000-8000-00805f9b34fb"
    (sealed,) = examine(Advert(service_data={service: payload})).frames
    store.report(sealed, address=where)
    ((identity, frame),) = store.telemetry
    assert identity == "sensor:shelf"
    assert isinstance(frame, BTHome)
    assert frame.measurements == {"temperature": 25.06, "humidity": 50.55}
    assert frame.encryption_counter == 0x00112233


async def test_plain_text_from_an_encrypted_sensor_is_not_believed(store: Store) -> None:
    store.identities.enrol(
        BeaconKey(identity="sensor:shelf", bindkey=KEY, address=PUBLIC, own=True)
    )
    service = "0000fcd2-0000-1000-8000-00805f9b34fb"
    (plain,) = examine(Advert(service_data={service: bytes.fromhex("4002ca09")})).frames
    store.report(plain)
    ((_, frame),) = store.telemetry
    assert isinstance(frame, BTHome)
    assert frame.downgrade_rejected
    assert frame.measurements == {}


async def test_telemetry_that_is_refused_is_counted_with_its_reason(store: Store) -> None:
    store.identities.enrol(BeaconKey(identity=CARD.identity, own=True))
    store.refusal = "replayed"
    store.report(CARD, TLM)
    assert store.counters.ignored == {Ignored("replayed", "eddystone_tlm"): 1}


async def test_a_wall_clock_that_is_set_finds_beacons_anew(store: Store, clock: StillClock) -> None:
    store.identities.enrol(rotating(clock, 5000))
    await until_heard(store, eid_frame(5000))
    clock.at = Instant(clock.at.plus(30 * 86_400).wall, clock.at.monotonic)
    assert await until_heard(store, eid_frame(5000 + 30 * 86_400))


def test_no_module_of_the_radio_logs_what_it_hears() -> None:
    package = Path(__file__).parents[2] / "edge_agent/radio"
    for name in ("identities", "eid_windows", "private_addresses", "copies", "own", "audience"):
        text = (package / f"{name}.py").read_text("utf-8")
        assert "structlog" not in text
        assert "logging" not in text
