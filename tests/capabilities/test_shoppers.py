from datetime import timedelta

import msgspec
import pytest

from cloud_bridge.wire.facts.shoppers import Purpose
from device_profiles.beacons.keys import BeaconKey
from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.decide.consents import is_night
from edge_agent.capabilities.shoppers.service import Shoppers
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage
from tests.capabilities.shopper_world import (
    ALL,
    BADGE,
    CARD,
    NIGHT,
    TEXTS,
    Company,
    enrolment,
    korean,
)
from tests.capabilities.world import MORNING, StillClock, facts, names

NONE: frozenset[Purpose] = frozenset()
APP = BeaconKey(identity="irk:0123456789ab", irk=bytes(range(16)))


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def shoppers(company: Company, storage: Storage, clock: StillClock) -> Shoppers:
    return company.room(storage, clock)


async def agreed(storage: Storage, pseudonym: str) -> set[str]:
    return await storage.run(lambda tx: {each for each in ALL if store.agreed(tx, pseudonym, each)})


async def test_who_joins_is_known_by_a_pseudonym_that_says_nothing(
    shoppers: Shoppers, storage: Storage
) -> None:
    welcome = await shoppers.enrol(enrolment())
    pseudonym = welcome.shopper
    assert welcome.join_code == f"code of {pseudonym}"
    assert len(pseudonym) == 12
    assert shoppers.directory.shopper_of(CARD.identity) == pseudonym
    recorded = await facts(storage)
    assert [name for name, _ in recorded] == [
        "shoppers.enrolled",
        *["shoppers.consent_given"] * 3,
    ]
    assert CARD.identity not in str(recorded)


async def test_each_purpose_is_a_consent_of_its_own_with_wording_time_and_retention(
    shoppers: Shoppers, storage: Storage
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    given = [data for name, data in await facts(storage) if name == "shoppers.consent_given"]
    assert [data["purpose"] for data in given] == ["location", "advertising", "night_advertising"]
    until = MORNING.wall + timedelta(days=730)
    assert given[0] == {
        "shopper": pseudonym,
        "purpose": "location",
        "text_version": TEXTS,
        "language": "ko",
        "given_at": msgspec.to_builtins(MORNING.wall),
        "until": msgspec.to_builtins(until),
        "evidence": "",
    }
    held = await storage.view(lambda reads: store.find(reads, pseudonym))
    assert held is not None
    assert held.consents["night_advertising"].until == until


async def test_a_consent_to_words_that_are_not_shown_any_more_is_refused(
    shoppers: Shoppers,
) -> None:
    with pytest.raises(Refused) as refusal:
        await shoppers.enrol(enrolment(texts="2019-01"))
    assert refusal.value.code == "text_outdated"


async def test_a_beacon_belongs_to_one_shopper_and_the_stores_own_to_none(
    shoppers: Shoppers, storage: Storage
) -> None:
    await shoppers.enrol(enrolment())
    for taken in (CARD, BeaconKey(identity=BADGE)):
        with pytest.raises(Refused) as refusal:
            await shoppers.enrol(enrolment(taken))
        assert refusal.value.code == "beacon_taken"
    assert (await names(storage)).count("shoppers.enrolled") == 1


async def test_a_phone_that_was_invited_agrees_for_itself_once(
    shoppers: Shoppers, company: Company, storage: Storage
) -> None:
    pseudonym = (await shoppers.join("guest:1", enrolment(APP))).shopper
    assert company.admitted == {"guest:1": pseudonym}
    assert company.radio.known == {APP.identity: APP}
    with pytest.raises(Refused) as refusal:
        await shoppers.join(pseudonym, enrolment())
    assert refusal.value.code == "already_joined"
    assert (await names(storage)).count("shoppers.enrolled") == 1


async def test_without_consent_to_location_the_beacon_stays_a_strangers_and_its_key_unknown(
    shoppers: Shoppers, company: Company
) -> None:
    await shoppers.enrol(enrolment(APP, consents=frozenset(("advertising",))))
    assert shoppers.directory.shopper_of(APP.identity) is None
    assert company.radio.known == {}


async def test_withdrawing_location_takes_effect_before_the_answer(
    shoppers: Shoppers, company: Company, storage: Storage
) -> None:
    pseudonym = (await shoppers.enrol(enrolment(APP))).shopper
    await shoppers.withdraw(pseudonym, "location")
    assert shoppers.directory.shopper_of(APP.identity) is None
    assert shoppers.directory.shopper_of(f"phone:{pseudonym}") is None
    assert company.radio.known == {}
    assert company.forgotten == [pseudonym]
    assert (await facts(storage))[-1] == (
        "shoppers.consent_withdrawn",
        {"shopper": pseudonym, "purpose": "location"},
    )
    assert await agreed(storage, pseudonym) == {"advertising", "night_advertising"}


async def test_saying_the_same_twice_is_one_consent_and_one_withdrawal(
    shoppers: Shoppers, company: Company, storage: Storage
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    await shoppers.agree(pseudonym, "location")
    for _ in range(2):
        await shoppers.withdraw(pseudonym, "location")
    assert (await names(storage)).count("shoppers.consent_given") == 3
    assert (await names(storage)).count("shoppers.consent_withdrawn") == 1
    assert company.forgotten == [pseudonym]


async def test_the_record_of_a_withdrawn_consent_stays_and_a_new_one_begins(
    shoppers: Shoppers, storage: Storage, clock: StillClock
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    clock.advance(60)
    await shoppers.withdraw(pseudonym, "location")
    clock.advance(60)
    await shoppers.agree(pseudonym, "location")
    assert shoppers.directory.shopper_of(CARD.identity) == pseudonym
    rows = await storage.read(
        "SELECT given_at, ended_at, ended_by FROM consent WHERE purpose = 'location' ORDER BY id"
    )
    assert rows[0]["ended_at"] - rows[0]["given_at"] == 60_000_000
    assert [row["ended_by"] for row in rows] == ["withdrawn", None]


async def test_who_pauses_is_neither_located_nor_offered_anything_and_everything_comes_back(
    shoppers: Shoppers, company: Company, storage: Storage
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    for _ in range(2):
        await shoppers.pause(pseudonym)
    assert shoppers.directory.shopper_of(CARD.identity) is None
    assert company.forgotten == [pseudonym]
    assert await agreed(storage, pseudonym) == set()
    await shoppers.resume(pseudonym)
    assert shoppers.directory.shopper_of(CARD.identity) == pseudonym
    assert await agreed(storage, pseudonym) == set(ALL)
    assert (await names(storage))[-2:] == ["shoppers.paused", "shoppers.resumed"]


async def test_a_restart_knows_the_same_beacons_keys_and_phones(
    shoppers: Shoppers, storage: Storage, clock: StillClock
) -> None:
    pseudonym = (await shoppers.enrol(enrolment(CARD, APP))).shopper
    await shoppers.enrol(enrolment(BeaconKey(identity="eddystone:00:01"), consents=NONE))
    later = Company()
    again = later.room(storage, clock)
    await again.load()
    for identity in (CARD.identity, APP.identity, f"phone:{pseudonym}"):
        assert again.directory.shopper_of(identity) == pseudonym
    assert again.directory.shopper_of("eddystone:00:01") is None
    assert later.radio.known == {CARD.identity: CARD, APP.identity: APP}


async def test_nobody_can_consent_for_a_pseudonym_that_does_not_exist(shoppers: Shoppers) -> None:
    with pytest.raises(Refused) as refusal:
        await shoppers.agree("nobody", "location")
    assert refusal.value.code == "shopper_unknown"


@pytest.mark.parametrize(
    ("hour", "minute", "night"),
    [(20, 59, False), (21, 0, True), (0, 0, True), (7, 59, True), (8, 0, False), (12, 0, False)],
)
def test_the_night_is_that_of_the_network_act_on_the_stores_clock(
    hour: int,
    minute: int,
    night: bool,  # noqa: FBT001 - a table
) -> None:
    assert is_night(NIGHT, korean(hour, minute)) is night
