import pytest

from cloud_bridge.wire.facts.shoppers import Purpose
from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.model import Enrolment
from edge_agent.capabilities.shoppers.service import Shoppers
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage
from tests.capabilities.world import StillClock, facts, names

BEACON = "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:1:7"
BOTH: frozenset[Purpose] = frozenset(("location", "advertising"))


def enrolment(beacon: str = BEACON, consents: frozenset[Purpose] = BOTH) -> Enrolment:
    return Enrolment(beacon, "ko", consents, "2026-10")


async def join_code(pseudonym: str) -> str:
    return f"code of {pseudonym}"


@pytest.fixture
def forgotten() -> list[str]:
    return []


@pytest.fixture
def shoppers(storage: Storage, clock: StillClock, forgotten: list[str]) -> Shoppers:
    return Shoppers(storage, clock, forget=forgotten.append, mint=join_code)


async def test_who_joins_is_known_by_a_pseudonym_that_says_nothing(
    shoppers: Shoppers, storage: Storage
) -> None:
    welcome = await shoppers.enrol(enrolment())
    pseudonym = welcome.shopper
    assert welcome.join_code == f"code of {pseudonym}"
    assert len(pseudonym) == 12
    assert shoppers.shopper_of(BEACON) == pseudonym
    recorded = await facts(storage)
    assert [name for name, _ in recorded] == [
        "shoppers.enrolled",
        "shoppers.consent_given",
        "shoppers.consent_given",
    ]
    assert BEACON not in str(recorded)
    assert recorded[1][1] == {
        "shopper": pseudonym,
        "purpose": "location",
        "text_version": "2026-10",
        "language": "ko",
    }


async def test_a_beacon_belongs_to_one_shopper(shoppers: Shoppers, storage: Storage) -> None:
    await shoppers.enrol(enrolment())
    with pytest.raises(Refused) as refusal:
        await shoppers.enrol(enrolment())
    assert refusal.value.code == "beacon_taken"
    assert (await names(storage)).count("shoppers.enrolled") == 1


async def test_without_consent_to_location_the_beacon_stays_a_strangers(
    shoppers: Shoppers,
) -> None:
    await shoppers.enrol(enrolment(consents=frozenset(("advertising",))))
    assert shoppers.shopper_of(BEACON) is None


async def test_withdrawing_location_takes_effect_before_the_answer(
    shoppers: Shoppers, storage: Storage, forgotten: list[str]
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    await shoppers.withdraw(pseudonym, "location")
    assert shoppers.shopper_of(BEACON) is None
    assert forgotten == [pseudonym]
    assert (await facts(storage))[-1] == (
        "shoppers.consent_withdrawn",
        {"shopper": pseudonym, "purpose": "location"},
    )
    assert await storage.run(lambda tx: store.agreed(tx, pseudonym, "advertising"))
    assert not await storage.run(lambda tx: store.agreed(tx, pseudonym, "location"))


async def test_saying_the_same_twice_is_one_consent_and_one_withdrawal(
    shoppers: Shoppers, storage: Storage, forgotten: list[str]
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    await shoppers.agree(pseudonym, "location")
    for _ in range(2):
        await shoppers.withdraw(pseudonym, "location")
    assert (await names(storage)).count("shoppers.consent_given") == 2
    assert (await names(storage)).count("shoppers.consent_withdrawn") == 1
    assert forgotten == [pseudonym]


async def test_the_record_of_a_withdrawn_consent_stays_and_a_new_one_begins(
    shoppers: Shoppers, storage: Storage, clock: StillClock
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    clock.advance(60)
    await shoppers.withdraw(pseudonym, "location")
    clock.advance(60)
    await shoppers.agree(pseudonym, "location")
    assert shoppers.shopper_of(BEACON) == pseudonym
    rows = await storage.read(
        "SELECT given_at, withdrawn_at FROM consent WHERE purpose = 'location' ORDER BY id"
    )
    assert rows[0]["withdrawn_at"] - rows[0]["given_at"] == 60_000_000
    assert rows[1]["withdrawn_at"] is None


async def test_a_restart_knows_the_same_beacons(
    shoppers: Shoppers, storage: Storage, clock: StillClock
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    await shoppers.enrol(enrolment("eddystone:00:01", frozenset()))
    again = Shoppers(storage, clock, forget=lambda _: None, mint=join_code)
    await again.load()
    assert again.shopper_of(BEACON) == pseudonym
    assert again.shopper_of("eddystone:00:01") is None


async def test_nobody_can_consent_for_a_pseudonym_that_does_not_exist(shoppers: Shoppers) -> None:
    with pytest.raises(Refused) as refusal:
        await shoppers.agree("nobody", "location")
    assert refusal.value.code == "shopper_unknown"
