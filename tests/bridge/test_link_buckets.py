"""A stream that is not what the hub holds is found by its digest, and only what differs travels."""

import sqlite3
from collections.abc import Iterator

import msgspec
import pytest

from cloud_bridge.hub import streams, told
from cloud_bridge.hub.database.schema import migrate
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.link.downlink import ASK_AGAIN_S, Apply, Compare, Downlink, Replace
from cloud_bridge.link.ports import InboxPositions
from cloud_bridge.wire.digests import BUCKETS, Buckets, bucket_of, digest
from cloud_bridge.wire.messages import (
    REMOVED,
    Ask,
    Change,
    Chunk,
    Delta,
    Differs,
    Hello,
    StreamMessage,
)

STORE = "store-1"

Held = dict[str, bytes]


@pytest.fixture
def tx() -> Iterator[SqliteTx]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    tx = SqliteTx(connection)
    complete(migrate(tx, "sqlite"))
    complete(stores.add(tx, STORE))
    yield tx
    connection.close()


def item(key: str, text: str = "") -> bytes:
    return msgspec.json.encode({"id": key, "text": text})


def publish(tx: SqliteTx, stream: str, count: int) -> Held:
    """Items in one version; as the store holds them."""
    held = {f"key-{number}": item(f"key-{number}") for number in range(count)}
    changes = [Change(key=key, item=msgspec.Raw(raw)) for key, raw in held.items()]
    complete(streams.change(tx, STORE, stream, changes))
    return held


def change(tx: SqliteTx, stream: str, key: str, raw: msgspec.Raw) -> None:
    complete(streams.change(tx, STORE, stream, [Change(key=key, item=raw)]))


def downlink(stream: str, version: int, held: Held) -> Downlink:
    digests = {stream: digest(Buckets.of(held.items()))}
    return Downlink(InboxPositions(0, {stream: version}, digests))


def said(tx: SqliteTx, down: Downlink) -> list[StreamMessage]:
    """What the hub has to say to a store that says hello."""
    hello = Hello(
        id="hello-1",
        gateway="gw-1",
        boot="boot-1",
        agent_version="0",
        epoch=0,
        lanes={},
        streams=dict(down.positions.streams),
        digests=dict(down.positions.digests),
        commands=0,
    )
    complete(told.begin(tx, STORE, hello))
    messages = complete(told.owed(tx, STORE)).messages
    return [msgspec.json.decode(payload, type=StreamMessage) for _, payload in messages]


def answered(tx: SqliteTx, ask: Ask) -> Chunk:
    piece = streams.differing(
        tx,
        STORE,
        ask.stream,
        Buckets.read(ask.buckets),
        version=ask.version,
        number=ask.chunk,
    )
    return msgspec.json.decode(complete(piece), type=Chunk)


def mended(tx: SqliteTx, down: Downlink, held: Held, differs: Differs) -> Replace:
    """Ask and answer until it is whole."""
    assert down.stream(differs, 0.0) == Compare("shoppers")
    step: object = down.compare("shoppers", Buckets.of(held.items()).hashes, 0.0)
    while isinstance(step, Ask):
        step = down.stream(answered(tx, step), 0.0)
    assert isinstance(step, Replace)
    return step


def test_of_a_large_stream_only_the_buckets_that_differ_travel(tx: SqliteTx) -> None:
    wanted = publish(tx, "shoppers", 2000)
    astray = wanted | {"key-7": item("key-7", "another word"), "key-new": item("key-new")}
    del astray["key-9"]
    down = downlink("shoppers", 1, astray)
    [differs] = said(tx, down)
    assert isinstance(differs, Differs)
    step = mended(tx, down, astray, differs)
    assert step.buckets == sorted({bucket_of(key) for key in ("key-7", "key-9", "key-new")})
    assert len(step.items) < 2000 * 3 * 3 / BUCKETS
    assert step.buckets is not None
    kept = {key: raw for key, raw in astray.items() if bucket_of(key) not in step.buckets}
    come = {msgspec.json.decode(raw)["id"]: bytes(raw) for raw in step.items}
    assert kept | come == wanted


def test_a_store_that_holds_little_of_a_large_stream_gets_it_whole_and_piece_by_piece(
    tx: SqliteTx,
) -> None:
    wanted = publish(tx, "shoppers", 2000)
    down = downlink("shoppers", 1, {})
    [differs] = said(tx, down)
    assert isinstance(differs, Differs)
    step = mended(tx, down, {}, differs)
    assert step.buckets is None
    assert {msgspec.json.decode(raw)["id"]: bytes(raw) for raw in step.items} == wanted


def test_a_small_stream_that_is_unlike_comes_whole_at_the_same_version(tx: SqliteTx) -> None:
    held = publish(tx, "coupons", 5)
    del held["key-3"]
    down = downlink("coupons", 1, held)
    [chunk] = said(tx, down)
    assert isinstance(chunk, Chunk)
    step = down.stream(chunk, 0.0)
    assert isinstance(step, Replace)
    assert len(step.items) == 5


@pytest.mark.parametrize("stream", ["coupons", "shoppers"])
def test_a_stream_that_is_alike_is_not_spoken_of(tx: SqliteTx, stream: str) -> None:
    held = publish(tx, stream, 5)
    assert said(tx, downlink(stream, 1, held)) == []


def test_a_store_that_is_only_behind_gets_the_deltas(tx: SqliteTx) -> None:
    held = publish(tx, "shoppers", 5)
    change(tx, "shoppers", "key-1", REMOVED)
    change(tx, "shoppers", "key-2", msgspec.Raw(item("key-2", "new")))
    down = downlink("shoppers", 1, held)
    assert [type(each) for each in said(tx, down)] == [Delta, Delta]


def test_hashes_that_an_older_hub_left_behind_are_made_anew(tx: SqliteTx) -> None:
    held = publish(tx, "shoppers", 5) | {"key-9": item("key-9")}
    complete(
        tx.execute("INSERT INTO stream_item VALUES ($1, 'shoppers', 'key-9', $2)", STORE,
                   item("key-9").decode())
    )  # fmt: skip
    complete(tx.execute("UPDATE stream_version SET version = 2"))
    assert said(tx, downlink("shoppers", 2, held)) == []
    change(tx, "shoppers", "key-9", REMOVED)
    del held["key-9"]
    assert said(tx, downlink("shoppers", 3, held)) == []


def test_a_delta_that_overtakes_a_snapshot_makes_it_void() -> None:
    held = {"key-1": item("key-1")}
    down = downlink("coupons", 1, held)
    text = "[" + item("key-2").decode() + "]"
    parts = [text[:5], text[5:]]
    first, last = (
        Chunk(stream="coupons", version=1, chunk=number, chunks=2, sha256="", text=part, digest="x")
        for number, part in enumerate(parts)
    )
    assert isinstance(down.stream(first, 0.0), Ask)
    delta = Delta(stream="coupons", version=2, changes=[])
    step = down.stream(delta, 0.0)
    assert step == Apply(delta)
    down.done(Apply(delta))
    assert down.stream(last, 0.0) is None
    assert down.due_at() is None


def test_a_word_that_is_said_twice_is_asked_about_once_until_it_is_late() -> None:
    down = downlink("shoppers", 1, {})
    differs = Differs(stream="shoppers", version=1, digest="x")
    assert down.stream(differs, 0.0) == Compare("shoppers")
    down.compare("shoppers", Buckets().hashes, 0.0)
    assert down.stream(differs, 1.0) is None
    assert down.stream(differs, ASK_AGAIN_S) == Compare("shoppers")


def test_what_moved_while_the_disk_was_read_is_compared_by_its_version_alone() -> None:
    down = downlink("shoppers", 2, {})
    down.read(InboxPositions(0, {"shoppers": 1}, {"shoppers": "of version 1"}))
    assert down.positions.digests == {}
    assert down.positions.streams == {"shoppers": 2}
