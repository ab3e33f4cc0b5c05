"""Which keys the hub is offered, out of the store's table."""

from pathlib import Path

import msgspec

from cloud_bridge.link.keys import LONGEST_WAIT_S, OFFER_AGAIN_S, KeyOffers
from cloud_bridge.wire.messages import PEOPLE, PersonKey, Taken
from edge_agent.keyring import HubKeyring
from tests.sealing.people import ANNA, BEN, destroy, mint, sealing_store

KEY = PersonKey(id="k1", key=bytes(32))


async def untold(keyring: HubKeyring) -> set[str]:
    return {each.id for each in await keyring.untold(10)}


async def test_a_key_is_offered_until_the_hub_has_it_and_again_under_another_epoch(
    tmp_path: Path,
) -> None:
    async with sealing_store(tmp_path / "a.db") as (storage, keys):
        await storage.log.renumber(1)
        keyring = HubKeyring(storage, keys)
        anna, ben = await mint(storage, keys), await mint(storage, keys, BEN)
        assert (keyring.minted, await untold(keyring)) == (2, {anna, ben})
        assert len(await keyring.untold(1)) == 1
        await keyring.told([anna, "somebody else's"])
        assert await untold(keyring) == {ben}
        await storage.log.renumber(2)
        assert await untold(keyring) == {anna, ben}


async def test_a_destroyed_key_is_offered_no_more(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, keys):
        await storage.log.renumber(1)
        await destroy(storage, keys)
        assert await HubKeyring(storage, keys).untold(10) == []


async def test_a_store_without_an_epoch_offers_nothing(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, keys):
        assert await HubKeyring(storage, keys).untold(10) == []


async def test_what_is_offered_names_nobody(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, keys):
        await storage.log.renumber(1)
        ask = KeyOffers().offer(await HubKeyring(storage, keys).untold(10), 0.0)
        assert ANNA not in repr(ask)


class AskOfBefore(msgspec.Struct, frozen=True, kw_only=True):
    """The question as a hub read it that knew nothing of keys."""

    id: str
    stream: str
    above: int
    version: int | None = None
    chunk: int = 0


def test_a_hub_of_before_reads_a_question_about_a_stream_that_it_does_not_have() -> None:
    wire = msgspec.json.encode(KeyOffers().offer([KEY], 0.0))
    read = msgspec.json.decode(wire, type=AskOfBefore)
    assert (read.stream, read.above, read.version) == (PEOPLE, 0, None)


def test_a_connection_looks_for_keys_once_and_then_when_one_was_made() -> None:
    offers = KeyOffers()
    assert offers.due(0, 0.0)
    offers.all_told(0)
    assert not offers.due(0, 1e9)
    assert offers.due(1, 0.0)


def test_an_answered_offer_is_followed_by_the_next() -> None:
    offers = KeyOffers()
    ask = offers.offer([KEY], 0.0)
    assert (ask.stream, ask.keys) == (PEOPLE, [KEY])
    assert not offers.due(1, OFFER_AGAIN_S - 0.1)
    assert offers.answered(Taken(stream=PEOPLE, answers=ask.id, keys=["k1"]))
    assert offers.due(1, 0.0)
    assert not offers.answered(Taken(stream=PEOPLE, answers=ask.id, keys=["k1"]))


def test_an_unanswered_offer_is_made_again_less_and_less_often() -> None:
    offers, now, waits = KeyOffers(), 0.0, []
    for _ in range(12):
        offers.offer([KEY], now)
        due = offers.due_at()
        assert due is not None
        waits.append(due - now)
        now = due
        assert offers.due(1, now)
    assert waits[:3] == [OFFER_AGAIN_S, 2 * OFFER_AGAIN_S, 4 * OFFER_AGAIN_S]
    assert waits[-1] == LONGEST_WAIT_S


def test_an_answer_to_an_older_offer_tells_nothing() -> None:
    offers = KeyOffers()
    older = offers.offer([KEY], 0.0)
    offers.offer([KEY], OFFER_AGAIN_S)
    assert not offers.answered(Taken(stream=PEOPLE, answers=older.id, keys=["k1"]))
