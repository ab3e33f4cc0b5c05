"""Who leaves is gone: rows, keys, traces; a fact without a name and a receipt are what stays."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.decide import leaving
from edge_agent.capabilities.shoppers.service import Shoppers
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage
from tests.capabilities.shopper_world import CARD, RECEIPT_KEY, Company, enrolment
from tests.capabilities.world import MORNING, StillClock, facts


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture
def shoppers(company: Company, storage: Storage, clock: StillClock) -> Shoppers:
    return company.room(storage, clock)


async def test_leaving_deletes_every_row_and_tells_everybody(
    shoppers: Shoppers, company: Company, storage: Storage
) -> None:
    traced: list[str] = []
    company.traces.append(lambda _, pseudonym: traced.append(pseudonym))
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    await shoppers.leave(pseudonym)
    for table in ("shopper", "shopper_beacon", "consent", "shopper_stay", "person_key"):
        assert await storage.read(f"SELECT * FROM {table}") == []  # noqa: S608 - our own names
    assert traced == company.gone == company.forgotten == [pseudonym]
    assert company.radio.known == {}
    assert shoppers.directory.shopper_of(CARD.identity) is None
    with pytest.raises(Refused) as refusal:
        await shoppers.leave(pseudonym)
    assert refusal.value.code == "shopper_unknown"


async def test_the_fact_and_the_receipt_say_the_same_and_neither_says_who(
    shoppers: Shoppers, storage: Storage
) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    one = await storage.view(lambda reads: store.find(reads, pseudonym))
    assert one is not None
    receipt = await shoppers.leave(pseudonym)
    told = shoppers.read_receipt(f" {receipt.text}\n")
    name, data = (await facts(storage))[-1]
    assert name == "shoppers.left"
    assert (data["key"], data["hash"]) == (told.key, told.hash) == (one.key, told.hash)
    assert told.store == "seongsu-1"
    assert told.left_at == MORNING.wall.replace(microsecond=0)
    assert pseudonym not in f"{receipt.text}{data}"
    assert told.concerns(pseudonym)
    assert not told.concerns("somebody")


async def test_the_salt_stands_in_the_receipt_only(shoppers: Shoppers, storage: Storage) -> None:
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    receipt = await shoppers.leave(pseudonym)
    salt = receipt.departure.salt
    dump = await storage.read("SELECT group_concat(hex(data)) AS all_facts FROM fact")
    assert salt.upper() not in dump[0]["all_facts"]
    assert salt.encode().hex().upper() not in dump[0]["all_facts"]


async def test_who_left_may_come_back_with_the_same_card_as_somebody_new(
    shoppers: Shoppers,
) -> None:
    first = (await shoppers.enrol(enrolment())).shopper
    await shoppers.leave(first)
    second = (await shoppers.enrol(enrolment())).shopper
    assert second != first
    assert shoppers.directory.shopper_of(CARD.identity) == second


def departure() -> leaving.Departure:
    salt = bytes(16)
    digest = leaving.salted_hash(salt, "anna")
    return leaving.Departure("seongsu-1", "0a1b", digest, salt.hex(), MORNING.wall)


@given(st.data())
def test_a_receipt_that_was_altered_anywhere_is_refused(data: st.DataObject) -> None:
    text = leaving.write(departure(), RECEIPT_KEY)
    place = data.draw(st.integers(0, len(text) - 2))
    other = data.draw(st.characters(codec="utf-8").filter(lambda each: each != text[place]))
    with pytest.raises(Refused, match="not signed"):
        leaving.read(f"{text[:place]}{other}{text[place + 1 :]}", RECEIPT_KEY.public_key())


@given(st.text(max_size=1100))
def test_what_is_no_receipt_is_refused_and_raises_nothing_else(text: str) -> None:
    with pytest.raises(Refused):
        leaving.read(text, RECEIPT_KEY.public_key())


def test_another_stores_receipt_is_not_this_stores() -> None:
    text = leaving.write(departure(), Ed25519PrivateKey.from_private_bytes(bytes(32)))
    with pytest.raises(Refused):
        leaving.read(text, RECEIPT_KEY.public_key())
