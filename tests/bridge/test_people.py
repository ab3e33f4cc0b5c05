"""Keys of people at the hub: facts open with them, and close for ever when their person leaves."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from typing_extensions import override

from cloud_bridge.hub.affecting import Effect
from cloud_bridge.hub.database import Tx, Work, open_database
from cloud_bridge.hub.effects import EFFECTS, joined
from cloud_bridge.hub.ingest import ingest, take_keys
from cloud_bridge.hub.reading import check_batch
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.hub.rooms.stores.store import newest_facts
from cloud_bridge.link import Link
from cloud_bridge.wire.batch import decode_batch
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.shoppers import Left, Paused
from cloud_bridge.wire.messages import PersonKey
from cloud_bridge.wire.sealing import seal
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import ClockQuality, Fact
from edge_agent.keyring import HubKeyring
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, open_storage
from tests.bridge.conftest import Seam
from tests.bridge.fakes import FakeInbox
from tests.bridge.rig import (
    DEADLINE_S,
    DiesAfterCommit,
    Hub,
    Killed,
    R,
    make_bridge,
    running,
    running_hub,
    until_row,
)
from tests.bridge.test_ingest import NOW, STORE, fact, hello, take, tx
from tests.sealing.people import ANNA, paused, redeemed

__all__ = ["hello", "tx"]

KEY = PersonKey(id="k1", key=bytes(range(32)))

Seen = list[str]


@pytest.fixture
def name() -> str:
    return f"store-{uuid.uuid4().hex[:8]}"


def sealed(sequence: int, payload: Any, *, lane: str = "record") -> dict[str, Any]:  # noqa: ANN401 - any payload
    fact_id = f"sealed-{sequence}"
    data = seal(
        payload, KEY.id, AESGCM(KEY.key), fact_id=fact_id, nonce=bytes(11) + b"%d" % sequence
    )
    return fact(
        sequence,
        id=fact_id,
        type=payload.TYPE,
        subject=f"people/{KEY.id}",
        lane=lane,
        data=msgspec.json.decode(data),
    )


def left(sequence: int) -> dict[str, Any]:
    data = {"key": KEY.id, "hash": "ab" * 32, "left_at": "2026-11-22T09:00:00Z"}
    return fact(sequence, id=f"left-{sequence}", type=Left.TYPE, lane="record", data=data)


@pytest.fixture
def seen() -> Seen:
    """The shoppers whom `noting` was told of, in order."""
    return []


@pytest.fixture
def noting(seen: Seen) -> Mapping[str, Effect]:
    async def note(_tx: Tx, _store: str, event: Event, _now: str) -> None:
        seen.append(msgspec.json.decode(event.data, type=Paused).shopper)

    return joined(EFFECTS, {Paused.TYPE: note})


async def take_with(tx: Tx, effects: Mapping[str, Effect], *facts: dict[str, Any]) -> None:
    batch = check_batch("record", decode_batch(msgspec.json.encode(facts)))
    await ingest(tx, STORE, batch, NOW, effects)


async def shown(tx: Tx) -> list[tuple[str, Any]]:
    """Seal and data of the newest facts, as the pages get them."""
    return [(each.seal, msgspec.json.decode(each.data)) for each in await newest_facts(tx)]


async def values(tx: Tx, sql: str) -> list[Any]:
    return [row["it"] for row in await tx.rows(sql)]


async def test_a_fact_is_kept_as_it_came_and_shown_open(tx: Tx) -> None:
    await take_keys(tx, STORE, [KEY], NOW, EFFECTS)
    await take(tx, sealed(1, Paused(shopper=ANNA)), lane="record")
    assert await shown(tx) == [("opened", {"shopper": ANNA})]
    [row] = await tx.rows("SELECT raw FROM fact")
    assert ANNA not in row["raw"]


async def test_a_fact_that_comes_before_its_key_opens_when_the_key_comes(
    tx: Tx, noting: Mapping[str, Effect], seen: Seen
) -> None:
    await take_with(tx, noting, sealed(1, Paused(shopper=ANNA)), sealed(2, Paused(shopper=ANNA)))
    assert ([seal for seal, _ in await shown(tx)], seen) == (["closed", "closed"], [])
    await take_keys(tx, STORE, [KEY], NOW, noting)
    assert ([seal for seal, _ in await shown(tx)], seen) == (["opened", "opened"], [ANNA, ANNA])


async def test_the_effects_of_a_key_take_place_once(
    tx: Tx, noting: Mapping[str, Effect], seen: Seen
) -> None:
    await take_with(tx, noting, sealed(1, Paused(shopper=ANNA)))
    for _ in range(2):
        await take_keys(tx, STORE, [KEY], NOW, noting)
    await take_with(tx, noting, sealed(1, Paused(shopper=ANNA)), sealed(2, Paused(shopper="ben")))
    assert seen == [ANNA, "ben"]


async def test_an_effect_that_needs_only_open_fields_waits_for_no_key(tx: Tx) -> None:
    await tx.execute("INSERT INTO campaign (campaign, raw) VALUES ('autumn', '{}')")
    await take(tx, sealed(1, redeemed().data, lane="coupon"), lane="coupon")
    await take_keys(tx, STORE, [KEY], NOW, EFFECTS)
    assert await values(tx, "SELECT redeemed AS it FROM campaign_tally") == [1]


async def test_who_leaves_is_closed_for_ever_even_if_the_key_comes_again(
    tx: Tx, noting: Mapping[str, Effect], seen: Seen
) -> None:
    await take_keys(tx, STORE, [KEY], NOW, noting)
    await take_with(tx, noting, sealed(1, Paused(shopper=ANNA)), left(2))
    await take_keys(tx, STORE, [KEY], NOW, noting)
    await take_with(tx, noting, sealed(3, Paused(shopper=ANNA)))
    assert [seal for seal, _ in await shown(tx)] == ["closed", "none", "closed"]
    assert seen == [ANNA]
    assert await values(tx, "SELECT key AS it FROM person_key") == [None]


async def test_who_leaves_before_the_key_came_has_no_effect_that_waits(
    tx: Tx, noting: Mapping[str, Effect], seen: Seen
) -> None:
    await take_with(tx, noting, sealed(1, Paused(shopper=ANNA)), left(2))
    await take_keys(tx, STORE, [KEY], NOW, noting)
    assert seen == []
    assert await values(tx, "SELECT fact AS it FROM awaiting_key") == []


async def test_a_key_opens_facts_of_its_own_store_only(tx: Tx) -> None:
    await stores.add(tx, "store-2")
    await take_keys(tx, "store-2", [KEY], NOW, EFFECTS)
    await take(tx, sealed(1, Paused(shopper=ANNA)), lane="record")
    assert [seal for seal, _ in await shown(tx)] == ["closed"]


async def test_a_text_that_was_moved_to_another_fact_stays_closed(tx: Tx) -> None:
    await take_keys(tx, STORE, [KEY], NOW, EFFECTS)
    await take(tx, sealed(1, Paused(shopper=ANNA)) | {"id": "another"}, lane="record")
    assert [seal for seal, _ in await shown(tx)] == ["closed"]


@asynccontextmanager
async def sealing_store(
    path: Path, seam: Seam, name: str
) -> AsyncIterator[tuple[Storage, PersonKeys, Link]]:
    """A store with its own database and its link, which the caller runs."""
    keys, clock = PersonKeys(), SystemClock()
    async with open_storage(
        path, gateway="gw-1", clock=clock, quality=lambda: ClockQuality.SYNCED, sealer=keys
    ) as storage:
        link = Link(
            broker=seam.broker(),
            store=name,
            gateway="gw-1",
            agent_version="0.1.0",
            boot=storage.boot,
            outbox=storage.log,
            inbox=FakeInbox(),
            keyring=HubKeyring(storage, keys),
            clock=clock,
            random=Random(7),  # noqa: S311 - jitter, repeatable
            longest_wait_s=0.2,
        )
        yield storage, keys, link


async def enrol(storage: Storage, keys: PersonKeys, *facts: Fact) -> str:
    now = SystemClock().now()

    def work(tx: Any) -> str:  # noqa: ANN401 - a Tx
        key_id = keys.mint(tx, ANNA)
        for each in facts:
            tx.record(each, now)
        return key_id

    return await storage.run(work)


async def withdraw(storage: Storage, keys: PersonKeys) -> None:
    now = SystemClock().now()

    def work(tx: Any) -> None:  # noqa: ANN401 - a Tx
        key_id = keys.destroy(tx, ANNA)
        assert key_id is not None
        tx.record(Fact(f"people/{key_id}", Left(key=key_id, hash="ab", left_at=now.wall)), now)

    await storage.run(work)


async def seals(hub: Hub, store: str) -> list[str]:
    """Of the hub's facts, oldest first."""
    found = await hub.database.read(lambda tx: newest_facts(tx, store=store))
    return [each.seal for each in reversed(found)]


async def test_the_link_brings_the_keys_and_the_hub_opens(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    async with (
        running_hub(tmp_path, seam.broker(), name) as hub,
        sealing_store(tmp_path / "store.db", seam, name) as (storage, keys, link),
        running(link.run()),
    ):
        key_id = await enrol(storage, keys, paused(), redeemed())
        await until_row(hub, "two facts", "SELECT 1 FROM store WHERE facts = 2")
        row = await until_row(hub, "the key", "SELECT id FROM person_key WHERE key IS NOT NULL")
        assert row["id"] == key_id
        assert await seals(hub, name) == ["opened", "opened"]
        await withdraw(storage, keys)
        await until_row(hub, "the key dropped", "SELECT id FROM person_key WHERE key IS NULL")
        assert await seals(hub, name) == ["closed", "closed", "none"]


async def test_who_withdraws_offline_is_never_opened_by_the_hub(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    """Facts wait, the key is destroyed, the cloud comes back: it gets them sealed for ever."""
    async with sealing_store(tmp_path / "store.db", seam, name) as (storage, keys, link):
        await enrol(storage, keys, paused(), redeemed())
        await withdraw(storage, keys)
        async with running_hub(tmp_path, seam.broker(), name) as hub, running(link.run()):
            await until_row(hub, "three facts", "SELECT 1 FROM store WHERE facts = 3")
            assert await seals(hub, name) == ["closed", "closed", "none"]
            rows = await hub.rows("SELECT id FROM person_key WHERE key IS NOT NULL")
            assert rows == []
            (raw,) = await hub.rows("SELECT group_concat(raw) AS raw FROM fact")
            assert ANNA not in raw["raw"]


async def until_told(storage: Storage) -> None:
    async with asyncio.timeout(DEADLINE_S):
        generation = storage.generation
        while not (await storage.read("SELECT told FROM person_key"))[0]["told"]:
            generation = await storage.changed(generation)


class DiesAfterKeys(DiesAfterCommit):
    """A hub's database whose process ends right after the COMMIT that took the first key."""

    @override
    async def run(self, work: Work[R]) -> R:
        result = await self._real.run(work)
        if await self._real.read(lambda tx: tx.row("SELECT 1 FROM person_key")):
            raise Killed
        return result


@pytest.mark.parametrize("seam", ["amqtt-3.1.1"], indirect=True)  # it is the hub that dies
async def test_a_hub_that_dies_between_its_commit_and_its_word_is_told_again(
    seam: Seam, tmp_path: Path, name: str
) -> None:
    async with sealing_store(tmp_path / "store.db", seam, name) as (storage, keys, link):
        key_id = await enrol(storage, keys, paused())
        async with running(link.run()):
            async with open_database(tmp_path / "hub.db") as database:
                await database.run(lambda tx: stores.add(tx, name))
                bridge = make_bridge(DiesAfterKeys(database), seam.broker(), name)
                with pytest.raises(ExceptionGroup) as death:
                    await bridge.run()
            assert death.group_contains(Killed)
            (untold,) = await storage.read("SELECT told FROM person_key")
            assert untold["told"] == 0
            async with running_hub(tmp_path, seam.broker(), name) as hub:
                await until_told(storage)
                (row,) = await hub.rows("SELECT id FROM person_key")
                assert row["id"] == key_id
                await until_row(hub, "the fact", "SELECT 1 FROM store WHERE facts = 1")
                assert await seals(hub, name) == ["opened"]
