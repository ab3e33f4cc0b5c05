"""The store's own beacons: silence is a symptom, levels a calibration, readings and batteries."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from device_profiles.beacons import BTHome, EddystoneTlm
from device_profiles.sighting import Sighting
from edge_agent.capabilities.beacons.decide.references import MOST_CORRECTED_DB
from edge_agent.capabilities.beacons.model import Beacon, Place, Role
from edge_agent.capabilities.beacons.service import IGNORED, Beacons
from edge_agent.storage import Storage
from tests.capabilities.world import StillClock, facts

REFERENCE = Beacon(id="ref-1", role=Role.REFERENCE, identity="ibeacon:ref:0:1")
SECOND = Beacon(id="ref-2", role=Role.REFERENCE, identity="ibeacon:ref:0:2")
SENSOR = Beacon(id="fridge", role=Role.SENSOR, identity="sensor:fridge", key_tag="bthome:one")
TROLLEY = Beacon(id="trolley", role=Role.ASSET, identity="ibeacon:asset:0:1", located=True)
BADGE = Beacon(id="badge", role=Role.STAFF, identity="ibeacon:staff:0:1", located=True)
REFUSING = Beacon(id="shy", role=Role.STAFF, identity="ibeacon:staff:0:2")
EVERYTHING = (REFERENCE, SECOND, SENSOR, TROLLEY, BADGE, REFUSING)


class Somewhere:
    """A locator that says what it is told to."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.at: dict[str, Place] = {}

    def hear(self, thing: str, _sighting: Sighting) -> None:
        self.heard.append(thing)

    def where(self, things: Iterable[str], _now: float) -> Mapping[str, Place]:
        return {thing: self.at[thing] for thing in things if thing in self.at}


class Shop:
    """The room between a clock and a database."""

    def __init__(
        self, storage: Storage, clock: StillClock, beacons: Iterable[Beacon] = EVERYTHING
    ) -> None:
        self.storage = storage
        self.clock = clock
        self.locator = Somewhere()
        self.corrections: dict[str, float] = {}
        self.room = Beacons(
            storage, clock, beacons, self.locator, calibrate=self.corrections.__setitem__
        )

    def hear(self, beacon: Beacon, receiver: str = "door", rssi: float = -60.0) -> bool:
        at = self.clock.now().monotonic
        return self.room.heard(Sighting(receiver, beacon.identity, rssi, -59, at))

    async def live(
        self, seconds: int, heard: Mapping[Beacon, Mapping[str, float]], *, step: int = 1
    ) -> None:
        """Time in which each beacon is heard each `step` by each receiver at its dBm."""
        for _ in range(0, seconds, step):
            self.clock.advance(step)
            for beacon, receivers in heard.items():
                for receiver, rssi in receivers.items():
                    self.hear(beacon, receiver, rssi)
            await self.room.tick()

    async def facts(self) -> list[tuple[str, dict[str, Any]]]:
        return await facts(self.storage, "store.beacons.")


@pytest.fixture
async def shop(storage: Storage, clock: StillClock) -> Shop:
    made = Shop(storage, clock)
    await made.room.load()
    for receiver in ("door", "till"):
        made.room.receiver_health(receiver, hearing=True)
    return made


BOTH = {REFERENCE: {"door": -60.0, "till": -70.0}}


async def test_a_receiver_that_alone_loses_a_reference_is_told_once_and_so_is_its_return(
    shop: Shop,
) -> None:
    await shop.live(200, BOTH)
    await shop.live(60, {REFERENCE: {"till": -70.0}})
    await shop.live(5, BOTH)
    (silent, heard) = await shop.facts()
    assert silent[0] == "beacons.reference_silent"
    assert silent[1]["receiver"] == "door"
    assert 30 <= silent[1]["silent_s"] <= 32
    assert heard == (
        "beacons.reference_heard",
        {"beacon": "ref-1", "receiver": "door", "silent_s": 61.0},
    )


async def test_a_reference_that_nobody_hears_any_more_is_the_beacons_own_fault(
    shop: Shop,
) -> None:
    await shop.live(200, BOTH)
    await shop.live(90, {})
    ((kind, data),) = await shop.facts()
    assert kind == "beacons.reference_silent"
    assert data["receiver"] == ""
    await shop.live(2, BOTH)
    assert [kind for kind, _ in await shop.facts()][-1] == "beacons.reference_heard"


async def test_the_silence_of_a_blind_receiver_is_not_told_a_second_time(shop: Shop) -> None:
    await shop.live(200, BOTH)
    shop.room.receiver_health("door", hearing=False)
    await shop.live(90, {REFERENCE: {"till": -70.0}})
    assert await shop.facts() == []


async def test_a_reference_that_was_never_heard_steadily_is_not_expected(shop: Shop) -> None:
    for _ in range(10):
        shop.hear(REFERENCE, "door")
        await shop.live(40, {REFERENCE: {"till": -70.0}})
    await shop.live(120, {REFERENCE: {"till": -70.0}})
    assert await shop.facts() == []
    assert shop.room.canary("door") is None


async def test_a_receiver_that_hears_again_is_given_time_to_hear_its_reference(shop: Shop) -> None:
    await shop.live(200, BOTH)
    shop.room.receiver_health("door", hearing=False)
    await shop.live(600, {REFERENCE: {"till": -70.0}})
    shop.room.receiver_health("door", hearing=True)
    await shop.live(20, {REFERENCE: {"till": -70.0}})
    await shop.live(60, BOTH)
    assert await shop.facts() == []


async def test_when_all_receivers_hear_again_no_reference_is_called_dead(shop: Shop) -> None:
    await shop.live(200, BOTH)
    for receiver in ("door", "till"):
        shop.room.receiver_health(receiver, hearing=False)
    await shop.live(600, {})
    for receiver in ("door", "till"):
        shop.room.receiver_health(receiver, hearing=True)
    await shop.live(20, {})
    assert await shop.facts() == []
    await shop.live(20, {})
    assert [kind for kind, _ in await shop.facts()] == ["beacons.reference_silent"]


async def test_a_receiver_that_hears_again_is_no_sign_of_a_dead_reference(shop: Shop) -> None:
    await shop.live(200, BOTH)
    await shop.live(90, {})
    shop.room.receiver_health("door", hearing=False)
    shop.room.receiver_health("till", hearing=False)
    await shop.live(60, {})
    shop.room.receiver_health("door", hearing=True)
    await shop.live(60, {})
    assert [kind for kind, _ in await shop.facts()] == ["beacons.reference_silent"]


async def test_a_gateway_that_reports_in_bursts_is_not_called_silent(shop: Shop) -> None:
    for _ in range(20):
        await shop.live(10, BOTH)
        await shop.live(20, {REFERENCE: {"till": -70.0}})
    assert await shop.facts() == []


async def test_the_watchdog_learns_when_a_receiver_last_heard_its_canary(shop: Shop) -> None:
    await shop.live(200, BOTH)
    found = shop.room.canary("door")
    assert found is not None
    heard_at, every_s = found
    assert heard_at == shop.clock.now().monotonic
    assert every_s <= 1
    assert shop.room.canary("elsewhere") is None


async def test_a_dead_reference_is_no_canary_any_more(shop: Shop) -> None:
    await shop.live(200, BOTH)
    await shop.live(90, {})
    assert shop.room.canary("door") is None


async def test_a_receiver_whose_references_all_grow_weaker_has_drifted(shop: Shop) -> None:
    usual = {REFERENCE: {"door": -60.0}, SECOND: {"door": -70.0}}
    await shop.live(4000, usual, step=5)
    assert abs(shop.room.drift_db("door")) < 0.1
    await shop.live(900, {REFERENCE: {"door": -72.0}, SECOND: {"door": -82.0}}, step=5)
    assert shop.room.drift_db("door") < -6
    ((kind, data),) = await shop.facts()
    assert kind == "beacons.receiver_drifted"
    assert data["receiver"] == "door"
    assert data["drifted"] is True


DAY_S = 86_400


async def test_what_a_drifted_receiver_reports_is_corrected_until_it_is_mended(shop: Shop) -> None:
    usual = {REFERENCE: {"door": -60.0}, SECOND: {"door": -70.0}}
    await shop.live(2 * DAY_S, usual, step=25)
    assert shop.corrections == {"door": 0.0, "till": 0.0}
    await shop.live(900, {REFERENCE: {"door": -70.0}, SECOND: {"door": -80.0}}, step=5)
    assert shop.corrections["door"] == pytest.approx(-shop.room.drift_db("door"))
    assert shop.corrections["door"] > 6
    await shop.live(900, {REFERENCE: {"door": -110.0}, SECOND: {"door": -120.0}}, step=5)
    assert shop.corrections["door"] == MOST_CORRECTED_DB
    await shop.live(1800, usual, step=5)
    assert shop.corrections == {"door": 0.0, "till": 0.0}


async def test_one_reference_alone_corrects_nobody(shop: Shop) -> None:
    await shop.live(DAY_S + 3600, {REFERENCE: {"door": -60.0}}, step=25)
    await shop.live(900, {REFERENCE: {"door": -80.0}}, step=5)
    assert shop.room.drift_db("door") < -6
    assert shop.corrections["door"] == 0


async def test_what_was_learned_for_an_hour_corrects_nobody(shop: Shop) -> None:
    await shop.live(4000, {REFERENCE: {"door": -60.0}, SECOND: {"door": -70.0}}, step=5)
    await shop.live(900, {REFERENCE: {"door": -80.0}, SECOND: {"door": -90.0}}, step=5)
    assert shop.room.drift_db("door") < -6
    assert shop.corrections["door"] == 0


async def test_a_shelf_before_one_of_several_references_is_no_drift(shop: Shop) -> None:
    third = {SECOND: {"door": -70.0, "till": -70.0}}
    await shop.live(4000, {REFERENCE: {"door": -60.0}, **third}, step=5)
    await shop.live(900, {REFERENCE: {"door": -80.0}, **third}, step=5)
    assert shop.room.drift_db("till") == pytest.approx(0, abs=0.1)


async def test_what_references_taught_outlives_the_agent(
    shop: Shop, storage: Storage, clock: StillClock
) -> None:
    await shop.live(4000, {REFERENCE: {"door": -60.0}}, step=5)
    again = Shop(storage, clock)
    await again.room.load()
    again.room.receiver_health("door", hearing=True)
    await again.live(900, {REFERENCE: {"door": -75.0}}, step=5)
    assert again.room.drift_db("door") < -6


def telemetry(volts: float = 3.0, celsius: float = 20.0) -> EddystoneTlm:
    return EddystoneTlm(0, round(volts * 1000), celsius, 1, 1.0)


def message(counter: int | None, **measurements: float) -> BTHome:
    return BTHome(
        supported=True,
        bthome_version=2,
        encrypted=counter is not None,
        trigger_based=False,
        decrypted=None if counter is None else True,
        downgrade_rejected=False,
        measurements=dict(measurements),
        binary={},
        events={},
        encryption_counter=counter,
    )


async def test_a_sensors_climate_is_recorded_when_it_moves_and_else_rarely(shop: Shop) -> None:
    for second in range(600):
        celsius = 20.0 if second < 100 else 23.0
        shop.room.told(SENSOR.identity, telemetry(celsius=celsius), shop.clock.advance(1))
        await shop.room.tick()
    told = [data["temperature_c"] for _, data in await shop.facts()]
    assert told == [20.0, 23.0]


async def test_a_reading_without_a_value_keeps_the_one_before(shop: Shop) -> None:
    shop.room.told(SENSOR.identity, message(None, temperature=4.0, battery=80), shop.clock.now())
    shop.room.told(SENSOR.identity, message(None, humidity=55.5), shop.clock.now())
    await shop.room.tick()
    ((kind, data),) = await shop.facts()
    assert kind == "beacons.sensor_read"
    assert data == {
        "beacon": "fridge",
        "temperature_c": 4.0,
        "humidity_percent": 55.5,
        "battery_v": None,
        "battery_percent": 80,
    }


async def test_a_tired_battery_is_told_once_and_a_new_one_too(shop: Shop) -> None:
    for volts in (2.9, 2.3, 2.9, 2.3, 2.3, 2.3, 2.3, 2.45, 2.3, 2.5, 3.0, 3.0, 3.0, 3.0):
        shop.room.told(REFERENCE.identity, telemetry(volts), shop.clock.now())
    await shop.room.tick()
    alerts = [kind for kind, _ in await shop.facts() if "battery" in kind]
    assert alerts == ["beacons.battery_low", "beacons.battery_changed"]


async def test_a_low_battery_is_not_told_again_after_a_restart(
    shop: Shop, storage: Storage, clock: StillClock
) -> None:
    for _ in range(5):
        shop.room.told(SENSOR.identity, message(None, battery=3), clock.now())
    await shop.room.tick()
    again = Shop(storage, clock)
    await again.room.load()
    for _ in range(5):
        again.room.told(SENSOR.identity, message(None, battery=3), clock.now())
    await again.room.tick()
    assert [kind for kind, _ in await shop.facts()].count("beacons.battery_low") == 1


async def test_a_replayed_reading_is_refused_with_its_reason_also_after_a_restart(
    shop: Shop, storage: Storage, clock: StillClock
) -> None:
    assert shop.room.told(SENSOR.identity, message(5000, temperature=4.0), clock.now()) is None
    assert shop.room.told(SENSOR.identity, message(5000, temperature=4.0), clock.now()) is None
    refused = shop.room.told(SENSOR.identity, message(42, temperature=40.0), clock.now())
    assert refused == "replayed"
    await shop.room.tick()
    again = Shop(storage, clock)
    await again.room.load()
    assert again.room.told(SENSOR.identity, message(4999), clock.now()) == "replayed"
    await shop.room.tick()
    ((_, data),) = await shop.facts()
    assert data["temperature_c"] == 4.0


async def test_another_key_begins_another_count(
    shop: Shop, storage: Storage, clock: StillClock
) -> None:
    shop.room.told(SENSOR.identity, message(5000, temperature=4.0), clock.now())
    await shop.room.tick()
    rekeyed = Beacon(id="fridge", role=Role.SENSOR, identity="sensor:fridge", key_tag="bthome:two")
    again = Shop(storage, clock, [rekeyed])
    await again.room.load()
    assert again.room.told(rekeyed.identity, message(1, temperature=5.0), clock.now()) is None


async def test_every_refusal_has_words(shop: Shop) -> None:
    sealed = message(None)
    sealed = BTHome(**{**_fields(sealed), "encrypted": True, "decrypted": False})
    plain = BTHome(**{**_fields(sealed), "downgrade_rejected": True})
    now = shop.clock.now()
    assert shop.room.told(SENSOR.identity, sealed, now) in IGNORED.values()
    assert shop.room.told(SENSOR.identity, plain, now) in IGNORED.values()


def _fields(frame: BTHome) -> dict[str, Any]:
    return {name: getattr(frame, name) for name in frame.__struct_fields__}


async def test_a_trolley_is_recorded_where_it_goes_and_a_badge_never_is(shop: Shop) -> None:
    shop.hear(TROLLEY)
    shop.hear(BADGE)
    for zone, confidence in (("shelf", 0.4), ("shelf", 0.9), ("shelf", 0.9), (None, 0.9)):
        for thing in ("trolley", "badge"):
            shop.locator.at[thing] = Place(1.0, 2.0, zone, confidence)
        await shop.room.tick()
    moved = [(data["beacon"], data["zone"]) for _, data in await shop.facts()]
    assert moved == [("trolley", "shelf"), ("trolley", None)]


async def test_who_has_not_agreed_is_not_located(shop: Shop) -> None:
    assert shop.hear(REFUSING)
    assert shop.locator.heard == []


async def test_a_wearer_who_left_is_not_shown_and_a_trolley_stays_where_it_was(
    shop: Shop,
) -> None:
    shop.hear(TROLLEY)
    shop.hear(BADGE)
    shop.locator.at = dict.fromkeys(("trolley", "badge"), Place(1.0, 2.0, None, 0.9))
    await shop.room.tick()
    places = {one.beacon.id: one.place for one in shop.room.statuses()}
    assert places["badge"]
    shop.clock.advance(120)
    places = {one.beacon.id: one.place for one in shop.room.statuses()}
    assert places["badge"] is None
    assert places["trolley"]


async def test_a_shoppers_beacon_is_none_of_the_stores(shop: Shop) -> None:
    assert not shop.room.heard(Sighting("door", "ibeacon:somebody:0:1", -60.0, None, 0.0))


async def test_a_beacon_that_left_the_settings_leaves_the_database(
    shop: Shop, storage: Storage, clock: StillClock
) -> None:
    shop.room.told(SENSOR.identity, message(5000, temperature=4.0), clock.now())
    await shop.room.tick()
    await Shop(storage, clock, [REFERENCE]).room.load()
    rows = await storage.view(lambda reads: reads.execute("SELECT * FROM own_beacon").fetchall())
    assert rows == []


async def test_a_receiver_that_was_blind_for_long_is_expected_to_hear_again_at_once(
    shop: Shop,
) -> None:
    await shop.live(200, BOTH)
    shop.room.receiver_health("door", hearing=False)
    await shop.live(600, {REFERENCE: {"till": -70.0}})
    shop.room.receiver_health("door", hearing=True)
    await shop.live(10, BOTH)
    await shop.live(120, {REFERENCE: {"till": -70.0}})
    assert [data["receiver"] for _, data in await shop.facts()] == ["door"]
