"""The hub's end of "facts, once", on its database."""

import sqlite3
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_bridge.hub import epochs
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.database.schema import migrate
from cloud_bridge.hub.database.sqlite_tx import SqliteTx
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.epochs import Known, Position, Verdict, judge
from cloud_bridge.hub.ingest import ingest
from cloud_bridge.hub.reading import check_batch
from cloud_bridge.hub.rooms.orders.decide import STATES, moved_on
from cloud_bridge.hub.rooms.orders.model import ENDED, State
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.wire.batch import MalformedBatch, decode_batch
from cloud_bridge.wire.messages import Ack, Hello, LaneHello, Status

STORE = "store-1"
NOW = "2026-11-22T09:00:01.000000+00:00"


@pytest.fixture
async def tx() -> AsyncIterator[Tx]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    tx = SqliteTx(connection)
    await migrate(tx, "sqlite")
    await stores.add(tx, STORE)
    answer = await epochs.answer_hello(tx, STORE, hello(epoch=0), NOW)
    assert (answer.epoch, answer.granted) == (1, True)
    yield tx
    connection.close()


def hello(
    *, epoch: int = 1, gateway: str = "gw-1", cursor: int = 0, upto: int = 0, chain: str = ""
) -> Hello:
    lanes = {"pickup": LaneHello(next_sequence=upto + 1, cursor=cursor, hash=chain)}
    return Hello(
        id=f"hello-{epoch}-{gateway}",
        gateway=gateway,
        boot="boot-1",
        agent_version="0",
        epoch=epoch,
        lanes=lanes,
        streams={},
        commands=0,
    )


def fact(sequence: int, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "specversion": "1.0",
        "id": f"id-{sequence}",
        "source": f"/stores/{STORE}/gateways/gw-1",
        "type": "store.pickup.ready.v1",
        "subject": "orders/W-1",
        "time": "2026-11-22T09:00:00.000001Z",
        "datacontenttype": "application/json",
        "lane": "pickup",
        "epoch": 1,
        "sequence": sequence,
        "boot": "boot-1",
        "monotonic": 1.5,
        "clockquality": "synced",
        "data": {"order": "W-1"},
    } | changes


async def take(tx: Tx, *facts: dict[str, Any], lane: str = "pickup") -> Ack:
    batch = check_batch(lane, decode_batch(msgspec.json.encode(facts)))
    return await ingest(tx, STORE, batch, NOW, EFFECTS)


def cursor_in(ack: Ack, lane: str = "pickup") -> int:
    return ack.lanes[lane].cursor


async def count(tx: Tx) -> int:
    row = await tx.row("SELECT count(*) AS n FROM fact")
    assert row is not None
    return int(row["n"])


async def test_doubles_are_dropped_and_the_new_rest_is_taken(tx: Tx) -> None:
    assert cursor_in(await take(tx, fact(1), fact(2))) == 2
    assert cursor_in(await take(tx, fact(1), fact(2), fact(3))) == 3
    assert cursor_in(await take(tx, fact(2))) == 3
    assert await count(tx) == 3


async def test_a_gap_inserts_nothing_and_names_what_is_expected(tx: Tx) -> None:
    await take(tx, fact(1))
    ack = await take(tx, fact(3), fact(4))
    assert (ack.lanes["pickup"].cursor, ack.lanes["pickup"].expected) == (1, 2)
    assert await count(tx) == 1


async def test_an_unknown_type_and_unknown_fields_are_kept_whole(tx: Tx) -> None:
    strange = fact(1, type="store.future.thing.v7", traceparent="00-ab", data=[1, {"é": None}])
    assert cursor_in(await take(tx, strange)) == 1
    [row] = await tx.rows("SELECT raw FROM fact")
    assert msgspec.json.decode(row["raw"]) == strange


async def test_a_lane_that_this_version_does_not_know_is_kept_too(tx: Tx) -> None:
    ack = await take(tx, fact(1, lane="weather"), lane="weather")
    assert cursor_in(ack, "weather") == 1


async def test_another_gateway_and_an_older_epoch_are_fenced(tx: Tx) -> None:
    assert (await take(tx, fact(1, source=f"/stores/{STORE}/gateways/gw-2"))).fenced
    assert (await take(tx, fact(1, epoch=0))).fenced
    assert (await take(tx, fact(1, epoch=2))).fenced
    assert await count(tx) == 0


async def test_another_story_about_the_same_sequence_asks_for_a_hello_and_grants_an_epoch(
    tx: Tx,
) -> None:
    await take(tx, fact(1), fact(2))
    assert (await take(tx, fact(2, id="other"), fact(3))).hello
    assert await count(tx) == 2
    ack = await epochs.answer_hello(tx, STORE, hello(cursor=1, upto=3), NOW)
    assert (ack.granted, ack.epoch) == (True, 2)
    assert cursor_in(await take(tx, fact(1, epoch=2, id="other"), fact(2, epoch=2, id="id-2"))) == 2
    assert await count(tx) == 3


async def test_an_effect_that_cannot_be_read_does_not_hold_up_the_lane(tx: Tx) -> None:
    assert cursor_in(await take(tx, fact(1, data={"order": 7}), fact(2))) == 2


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ([], "without facts"),
        ([fact(1), fact(3)], "2 is due"),
        ([fact(1), fact(2, epoch=2)], "another lane, epoch or source"),
        ([fact(1, lane="stock")], "another lane"),
        ([fact(0)], "sequence 0"),
        ([fact(-1)], "not a JSON array"),
        ([fact(2**60)], "not a JSON array"),
        ([fact(1, subject="x" * 1000)], "not a JSON array"),
    ],
)
def test_a_batch_that_breaks_the_contract_is_refused_with_its_reason(
    facts: list[dict[str, Any]], why: str
) -> None:
    lane = "pickup" if not facts or facts[0]["lane"] == "pickup" else "coupon"
    with pytest.raises(MalformedBatch, match=why):
        check_batch(lane, decode_batch(msgspec.json.encode(facts)))


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda tail: b"\x78" + tail))
def test_no_payload_does_worse_than_a_refusal(payload: bytes) -> None:
    with pytest.raises(MalformedBatch):
        check_batch("pickup", decode_batch(payload))


def test_a_batch_nested_deeper_than_can_be_read_is_refused() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    with pytest.raises(MalformedBatch, match="not a JSON array"):
        decode_batch(zlib.compress(deep))


KNOWN = Known(
    epoch=3,
    leader="gw-1",
    session="",
    present=True,
    doubted=False,
    lanes={"pickup": Position(5, "chain")},
)


@pytest.mark.parametrize(
    ("said", "held", "verdict"),
    [
        (hello(epoch=3, cursor=5, upto=5, chain="chain"), KNOWN, Verdict.GOES_ON),
        (hello(epoch=3, cursor=3, upto=9), KNOWN, Verdict.GOES_ON),
        (hello(epoch=0), replace(KNOWN, epoch=0, leader=None, lanes={}), Verdict.GRANT),
        (hello(epoch=3, cursor=5, upto=5, chain="other"), KNOWN, Verdict.GRANT),
        (hello(epoch=3, cursor=2, upto=4), KNOWN, Verdict.GRANT),
        (hello(epoch=3, cursor=7, upto=9), KNOWN, Verdict.GRANT),
        (hello(epoch=2, cursor=5, upto=5, chain="chain"), KNOWN, Verdict.GRANT),
        (hello(epoch=9, cursor=5, upto=5, chain="chain"), KNOWN, Verdict.GRANT),
        (hello(epoch=3, cursor=3, upto=9), replace(KNOWN, doubted=True), Verdict.GRANT),
        (hello(epoch=0, gateway="gw-2"), KNOWN, Verdict.FENCE),
        (hello(epoch=0, gateway="gw-2"), replace(KNOWN, present=False), Verdict.GRANT),
        (hello(epoch=2, gateway="gw-2"), replace(KNOWN, present=False), Verdict.FENCE),
    ],
)
def test_a_hello_goes_on_is_granted_an_epoch_or_is_fenced(
    said: Hello, held: Known, verdict: Verdict
) -> None:
    assert judge(said, held) is verdict


async def test_a_leader_is_gone_when_it_said_so_or_was_not_heard_for_ten_minutes(
    tx: Tx,
) -> None:
    async def present(now: str) -> bool:
        return (await epochs.known_of(tx, STORE, now)).present

    await take(tx, fact(1))
    await epochs.set_online(tx, STORE, online=False, now=NOW)
    assert await present("2026-11-22T09:10:00.000000+00:00")
    assert not await present("2026-11-22T09:10:01.000000+00:00")
    await take(tx, fact(2))
    for gateway, still_there in (("gw-2", True), ("gw-1", False)):
        status = Status(online=False, gateway=gateway, agent_version="0", since=NOW)
        await epochs.take_status(tx, STORE, status, NOW)
        assert await present(NOW) is still_there
    await take(tx, fact(3))
    assert await present(NOW)


async def test_a_granted_epoch_is_above_whatever_either_side_has_seen(tx: Tx) -> None:
    assert (await epochs.answer_hello(tx, STORE, hello(epoch=41), NOW)).epoch == 42


def test_an_order_that_has_ended_stays_as_it_ended_whatever_comes_after() -> None:
    for state, kind in product(State, STATES):
        after = moved_on(state, kind)
        assert after is (state if state in ENDED else STATES[kind])
