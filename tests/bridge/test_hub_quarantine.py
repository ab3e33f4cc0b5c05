"""What the hub cannot take: set aside at its place, with its reason; nothing else waits for it."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import msgspec
import pytest

from cloud_bridge.hub import alarms, boots, epochs, quarantine
from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.database import Database, Tx
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.ingest import drive_again, ingest
from cloud_bridge.hub.quarantine import QuarantineFull
from cloud_bridge.hub.reading import check_batch, read_batch
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.wire.batch import MalformedBatch
from cloud_bridge.wire.envelope import Event, chain_hash
from cloud_bridge.wire.messages import Ack, Hello
from tests.bridge.test_hub_store_contract import hub, values
from tests.bridge.test_ingest import NOW, STORE, fact, hello

__all__ = ["hub"]

pytestmark = pytest.mark.timeout(60)

UNREADABLE = fact(2, subject="x" * 1000)


async def take(
    hub: Database, *facts: dict[str, Any], effects: Mapping[str, Effect] = EFFECTS
) -> Ack:
    lane = facts[0]["lane"]
    batch = check_batch(lane, read_batch(msgspec.json.encode(facts)))
    return await hub.run(lambda tx: ingest(tx, STORE, batch, NOW, effects))


async def lying(hub: Database) -> list[tuple[str, int]]:
    return [(each.id, each.sequence) for each in await hub.read(quarantine.held)]


async def test_a_fact_that_cannot_be_read_lies_at_its_sequence_and_the_others_go_in(
    hub: Database,
) -> None:
    word = (await take(hub, fact(1), UNREADABLE, fact(3))).lanes["pickup"]
    assert (word.cursor, word.quarantined) == (3, ["id-2"])
    assert await values(hub, "SELECT sequence AS it FROM fact ORDER BY sequence") == [1, 3]
    [held] = await hub.read(quarantine.held)
    assert (held.sequence, held.lane, "subject" in held.reason) == (2, "pickup", True)
    assert msgspec.json.decode(held.raw) == UNREADABLE
    [told] = await hub.read(stores.overview)
    assert (told.facts, told.quarantined) == (2, 1)


async def test_the_chain_goes_on_behind_a_fact_that_cannot_be_read(hub: Database) -> None:
    await take(hub, fact(1), UNREADABLE, fact(3))
    chain = ""
    for each in (fact(1), UNREADABLE, fact(3)):
        chain = chain_hash(chain, each["id"], msgspec.json.encode(each["data"]))
    assert await values(hub, "SELECT hash AS it FROM cursor") == [chain]


async def test_another_fact_in_the_place_of_one_in_quarantine_is_a_restored_database(
    hub: Database,
) -> None:
    await take(hub, fact(1), UNREADABLE)
    assert (await take(hub, UNREADABLE, fact(3))).lanes["pickup"].cursor == 3
    assert (await take(hub, fact(2, id="id-other"), fact(3))).hello
    assert await values(hub, "SELECT doubted AS it FROM store") == [1]


async def test_a_chain_that_nobody_can_say_is_not_compared(hub: Database) -> None:
    await take(hub, fact(1), fact(2, id=7), fact(3))
    assert await values(hub, "SELECT hash AS it FROM cursor") == [""]
    said = hello(cursor=3, upto=3, chain="whatever")
    answer = await hub.run(lambda tx: epochs.answer_hello(tx, STORE, said, NOW))
    assert not answer.granted


async def test_text_that_the_database_refuses_is_set_aside_by_postgresql_and_kept_by_sqlite(
    hub: Database,
) -> None:
    word = (await take(hub, fact(1), fact(2, subject="or\0ders"), fact(3))).lanes["pickup"]
    assert word.cursor == 3
    assert word.quarantined == (["id-2"] if hub.shared else [])
    assert await values(hub, "SELECT facts AS it FROM store") == [2 if hub.shared else 3]


async def test_a_mistake_in_an_effect_stops_its_fact_alone_until_it_is_mended(
    hub: Database,
) -> None:
    async def fails(tx: Tx, store: str, event: Event, _now: str) -> None:
        await tx.execute("UPDATE store SET agent_version = $1 WHERE store = $2", event.id, store)
        if event.id == "id-2":
            raise KeyError(event.subject)

    effects = {"store.pickup.ready.v1": fails}
    word = (await take(hub, fact(1), fact(2), fact(3), effects=effects)).lanes["pickup"]
    assert (word.cursor, word.quarantined) == (3, ["id-2"])
    assert await values(hub, "SELECT agent_version AS it FROM store") == ["id-3"]
    with pytest.raises(Refused, match="still cannot be taken"):
        await hub.run(lambda tx: drive_again(tx, STORE, "id-2", NOW, effects))
    await hub.run(lambda tx: drive_again(tx, STORE, "id-2", NOW, EFFECTS))
    assert await values(hub, "SELECT sequence AS it FROM fact ORDER BY sequence") == [1, 2, 3]
    assert await lying(hub) == []
    with pytest.raises(Refused, match="no fact"):
        await hub.run(lambda tx: drive_again(tx, STORE, "id-2", NOW, EFFECTS))
    [told] = await hub.read(stores.overview)
    assert (told.facts, told.quarantined) == (3, 0)


async def test_what_was_taken_under_an_older_epoch_is_not_doubled_by_a_batch(
    hub: Database,
) -> None:
    await take(hub, fact(1), fact(2))
    await hub.run(lambda tx: epochs.set_online(tx, STORE, online=False, now=NOW))
    said = msgspec.structs.replace(hello(cursor=0, upto=1), boot="boot-2")
    answer = await hub.run(lambda tx: epochs.answer_hello(tx, STORE, said, NOW))
    assert answer.epoch == 2
    again = [fact(n, epoch=2, id=f"id-{n + 1}") for n in (1, 2, 3)]
    assert (await take(hub, *again)).lanes["pickup"].cursor == 3
    assert await values(hub, "SELECT id AS it FROM fact ORDER BY id") == [
        f"id-{n}" for n in range(1, 5)
    ]


async def test_facts_of_a_gateway_that_does_not_lead_are_set_aside_and_alarmed(
    hub: Database,
) -> None:
    foreign = f"/stores/{STORE}/gateways/gw-2"
    assert (await take(hub, fact(1, source=foreign))).fenced
    assert await lying(hub) == [("id-1", 1)]
    [alarm] = await hub.read(alarms.sounding)
    assert (alarm.kind, alarm.times) == ("second_gateway", 1)
    assert await hub.run(lambda tx: alarms.clear(tx, STORE, "second_gateway"))
    assert await hub.read(alarms.sounding) == []


async def test_what_another_gateway_numbered_ahead_of_the_leader_takes_no_place_of_its_facts(
    hub: Database,
) -> None:
    other = fact(2, id="of-the-clone", source=f"/stores/{STORE}/gateways/gw-2")
    assert (await take(hub, other)).fenced
    await take(hub, fact(1))
    with pytest.raises(Refused, match="still to come"):
        await hub.run(lambda tx: drive_again(tx, STORE, "of-the-clone", NOW, EFFECTS))
    word = (await take(hub, fact(2))).lanes["pickup"]
    assert (word.cursor, word.quarantined) == (2, [])


async def test_an_older_epoch_of_the_leader_itself_is_fenced_and_not_kept(hub: Database) -> None:
    assert (await take(hub, fact(1, epoch=0))).fenced
    assert await lying(hub) == []


async def test_a_quarantine_that_is_full_stops_the_lane_and_throws_nothing_away(
    hub: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quarantine, "MOST", 1)
    await take(hub, fact(1), UNREADABLE)
    with pytest.raises(QuarantineFull):
        await take(hub, fact(3), fact(4, subject="x" * 1000))
    assert await values(hub, "SELECT sequence AS it FROM cursor") == [2]
    await hub.run(lambda tx: quarantine.remove(tx, STORE, "id-2"))
    assert (await take(hub, fact(3), fact(4, subject="x" * 1000))).lanes["pickup"].cursor == 4


async def test_a_fact_that_covers_others_takes_their_place(hub: Database) -> None:
    def covering(first: int, last: int) -> dict[str, Any]:
        return fact(last, covers=first, type="store.presence.dropped.v1", lane="presence")

    def plain(n: int) -> dict[str, Any]:
        return fact(n, lane="presence")

    assert (await take(hub, plain(1), covering(2, 8), plain(9))).lanes["presence"].cursor == 9
    assert (await take(hub, covering(8, 12))).lanes["presence"].cursor == 12
    assert (await take(hub, covering(14, 20))).lanes["presence"].expected == 13
    found = await values(hub, "SELECT sequence AS it FROM fact ORDER BY sequence")
    assert found == [1, 8, 9, 12]
    anew = chain_hash("", "id-12", msgspec.json.encode(plain(12)["data"]))
    assert await values(hub, "SELECT hash AS it FROM cursor") == [anew]


@pytest.mark.parametrize(
    "facts",
    [
        [fact(2, covers=3)],
        [fact(1), fact(3, covers=3)],
        [fact(2, covers=0)],
        [{**fact(1), "sequence": "x"}],
        [{**fact(1), "epoch": -1}],
    ],
    ids=["covers what comes later", "hole", "covers nothing", "no sequence", "no epoch"],
)
def test_a_fact_that_has_no_place_refuses_its_batch(facts: list[dict[str, Any]]) -> None:
    with pytest.raises(MalformedBatch):
        check_batch("pickup", read_batch(msgspec.json.encode(facts)))


async def test_of_two_machines_with_one_identity_the_last_started_leads_and_the_other_is_alarmed(
    hub: Database,
) -> None:
    ids = count()

    async def say(boot: str, epoch: int) -> Ack:
        said: Hello = msgspec.structs.replace(hello(epoch=epoch), id=f"h-{next(ids)}", boot=boot)
        return await hub.run(lambda tx: epochs.answer_hello(tx, STORE, said, NOW))

    assert (await say("boot-2", 1)).hello, "it may have been late"
    epoch = (await say("boot-2", 1)).epoch
    for turn in range(3):
        assert (await say("boot-1", epoch)).fenced, "the start that is over"
        assert not (again := await say("boot-2", epoch)).fenced
        assert again.epoch == epoch, "no epoch in turn"
        sounding = await hub.read(alarms.sounding)
        assert len(sounding) == (turn + 1 >= boots.SURE), "the first may be a late message"
    [alarm] = await hub.read(alarms.sounding)
    assert "gw-1" in alarm.detail
    assert (await say("boot-3", epoch)).hello
    assert not (await say("boot-3", epoch)).fenced, "a restart"
    assert (await say("boot-2", epoch)).fenced
    assert (await say("boot-1", epoch)).fenced
