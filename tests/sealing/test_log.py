"""The log keeps what it says about people, and forgets it with their key."""

import asyncio
from pathlib import Path

import pytest

from cloud_bridge.wire.facts.shoppers import Paused
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact, RecordedFact, Seal
from edge_agent.storage import Storage, Tx
from edge_agent.storage.dispatcher import Dispatcher, Flow
from tests.sealing.people import (
    ANNA,
    BEN,
    destroy,
    in_log,
    mint,
    on_disk,
    paused,
    record,
    redeemed,
    sealing_store,
)
from tests.storage.support import SOLD, HandClock, chain_over, opened


async def test_no_pseudonym_stands_in_the_bytes_of_the_log(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, keys):
        await record(storage, paused())
        await record(storage, redeemed())
        rows = await storage.read("SELECT * FROM fact")
        assert not any(ANNA in str(bytes(cell) if isinstance(cell, bytes) else cell)
                       for row in rows for cell in row)  # fmt: skip
        key_id = await storage.view(lambda reads: keys.key_id(reads, ANNA))
        assert [row["subject"] for row in rows] == [f"people/{key_id}", "coupons/C0FFEE"]


async def test_who_looks_while_the_key_lives_sees_it_open(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, _):
        await record(storage, paused())
        await record(storage, SOLD)
        said, sold = await in_log(storage)
        assert (said.seal, said.data) == (Seal.OPENED, b'{"shopper":"%s"}' % ANNA.encode())
        assert sold.seal is Seal.NONE


async def test_the_chain_runs_over_what_is_written_and_sent(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, _):
        for _ in range(3):
            await record(storage, paused())
        sent = await storage.log.waiting("record", 0, 10, 100_000)
        assert {fact.seal for fact in sent} == {Seal.CLOSED}
        lane = (await storage.log.state()).lanes["record"]
        assert lane.hash == chain_over([(fact.id, fact.data) for fact in sent])


async def test_after_withdrawal_nothing_opens_and_nothing_is_recorded(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA, BEN) as (storage, keys):
        await record(storage, paused())
        await record(storage, paused(BEN))
        key_id = await destroy(storage, keys)
        assert await record(storage, paused()) is None
        assert await record(storage, redeemed()) is None
        first, second = await in_log(storage)
        assert (first.seal, first.subject) == (Seal.CLOSED, f"people/{key_id}")
        assert second.seal is Seal.OPENED
        counted = await storage.read("SELECT type, facts FROM withheld ORDER BY type")
        assert [tuple(row) for row in counted] == [
            ("store.coupon.redeemed.v1", 1),
            ("store.shoppers.paused.v1", 1),
        ]


async def test_who_withdraws_is_in_no_byte_on_the_disk_within_seconds(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    async with sealing_store(database, ANNA) as (storage, keys):
        (row,) = await storage.read("SELECT key FROM person_key")
        for _ in range(50):
            await record(storage, paused())
        assert row["key"] in on_disk(database)
        await destroy(storage, keys)
        await emptied(database)
        assert row["key"] not in on_disk(database)
        assert ANNA.encode() not in on_disk(database)


async def emptied(database: Path) -> None:
    """Wait until the WAL is empty, with a deadline."""
    async with asyncio.timeout(20):
        while database.with_name(f"{database.name}-wal").stat().st_size:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_key_that_was_never_kept_seals_nothing(tmp_path: Path) -> None:
    """The enrolment is undone after its first fact: nothing may be sealed with its key later."""

    async with sealing_store(tmp_path / "a.db") as (storage, keys):

        def enrol(tx: Tx) -> None:
            keys.mint(tx, ANNA)
            tx.record(paused(), HandClock().now())
            raise LookupError

        with pytest.raises(LookupError):
            await storage.run(enrol)
        assert await record(storage, paused()) is None
        await mint(storage, keys)
        await record(storage, paused())
        assert [fact.seal for fact in await in_log(storage)] == [Seal.OPENED]


async def test_a_withdrawal_that_is_undone_leaves_the_key(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, keys):

        def withdraw(tx: Tx) -> None:
            keys.destroy(tx, ANNA)
            raise LookupError

        await record(storage, paused())
        with pytest.raises(LookupError):
            await storage.run(withdraw)
        await record(storage, paused())
        assert [fact.seal for fact in await in_log(storage)] == [Seal.OPENED, Seal.OPENED]


async def test_who_joins_again_after_leaving_gets_another_key(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, keys):
        assert await mint(storage, keys) == await mint(storage, keys)
        await record(storage, paused())
        before = await destroy(storage, keys)
        assert await destroy(storage, keys) is None
        assert await mint(storage, keys) != before
        await record(storage, paused())
        assert [fact.seal for fact in await in_log(storage)] == [Seal.CLOSED, Seal.OPENED]


async def test_a_restart_opens_what_was_sealed_before(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db", ANNA) as (storage, _):
        await record(storage, paused())
    async with sealing_store(tmp_path / "a.db") as (storage, _):
        await record(storage, paused())
        assert [fact.seal for fact in await in_log(storage)] == [Seal.OPENED, Seal.OPENED]


class Heard:
    """A flow that notes the data that it gets, and refuses when told to."""

    def __init__(self) -> None:
        self.data: list[bytes] = []
        self.refuses = False

    def __call__(self, _tx: Tx, fact: RecordedFact, _now: Instant) -> None:
        if self.refuses:
            msg = f"no place for {ANNA}"
            raise LookupError(msg)
        self.data.append(fact.data)


def dispatcher(storage: Storage, flow: Heard) -> Dispatcher:
    return Dispatcher(storage, [Flow("hear", Paused.TYPE, 60, flow)], HandClock())


async def test_flows_get_facts_open_and_skip_those_of_who_has_left(tmp_path: Path) -> None:
    heard = Heard()
    async with sealing_store(tmp_path / "a.db", ANNA, BEN) as (storage, keys):
        await record(storage, paused(ANNA))
        await record(storage, paused(BEN))
        await destroy(storage, keys)
        assert await dispatcher(storage, heard).step() == 2
        assert heard.data == [b'{"shopper":"%s"}' % BEN.encode()]
        (counts,) = await storage.read("SELECT done, stale, parked, sealed FROM flow")
        assert tuple(counts) == (1, 0, 0, 1)


async def test_what_is_parked_of_who_leaves_is_dropped_with_its_reason(tmp_path: Path) -> None:
    heard = Heard()
    heard.refuses = True
    async with sealing_store(tmp_path / "a.db", ANNA, BEN) as (storage, keys):
        await record(storage, paused(ANNA))
        await record(storage, paused(BEN))
        await dispatcher(storage, heard).step()
        await destroy(storage, keys)
        (left,) = await storage.read("SELECT position FROM parked")
        heard.refuses = False
        await dispatcher(storage, heard).again(left["position"], "hear")
        assert heard.data == [b'{"shopper":"%s"}' % BEN.encode()]
        with pytest.raises(LookupError):
            await dispatcher(storage, heard).again(1, "hear")


async def test_facts_of_a_store_that_sealed_nothing_yet_are_read_as_before(tmp_path: Path) -> None:
    heard = Heard()
    async with opened(tmp_path / "a.db") as storage:
        await record(storage, paused())
    async with sealing_store(tmp_path / "a.db") as (storage, _):
        await dispatcher(storage, heard).step()
        assert heard.data == [b'{"shopper":"%s"}' % ANNA.encode()]
        assert [fact.seal for fact in await in_log(storage)] == [Seal.NONE]


async def test_only_a_bounded_number_of_keys_is_held_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.sealing.MOST_CIPHERS", 3)
    people = [f"pseudonym-{number}" for number in range(8)]
    async with sealing_store(tmp_path / "a.db", *people) as (storage, _):
        for shopper in [*people, *people]:
            await record(storage, paused(shopper))
        facts = await in_log(storage)
        assert [fact.data for fact in facts] == [
            b'{"shopper":"%s"}' % shopper.encode() for shopper in [*people, *people]
        ]


async def test_a_fact_about_nobody_needs_no_key(tmp_path: Path) -> None:
    async with sealing_store(tmp_path / "a.db") as (storage, _):
        fact = await record(storage, Fact("articles/1", SOLD.data))
        assert fact is not None
        assert fact.seal is Seal.NONE
