"""What the wire says of facts that stand for others, of quarantine, of rates and of buckets."""

from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_bridge.wire.batch import decode_batch, encode_batch
from cloud_bridge.wire.digests import BUCKETS, BadBuckets, Buckets, bucket_of, digest, item_hash
from cloud_bridge.wire.envelope import Event, Lane
from cloud_bridge.wire.messages import Ack, Ask, Chunk, Differs, Hello, LaneAck, StreamMessage
from tests.bridge.fakes import START

ITEMS = st.dictionaries(st.text(max_size=8), st.binary(max_size=16), max_size=20)


def event(sequence: int, covers: int | msgspec.UnsetType = msgspec.UNSET) -> Event:
    return Event(
        id=f"fact-{sequence}",
        source="/stores/store-1/gateways/gw-1",
        type="store.presence.summed.v1",
        subject="zones/1",
        time=START,
        lane=Lane.PRESENCE,
        epoch=1,
        sequence=sequence,
        boot="boot-1",
        monotonic=0.0,
        clockquality="synced",
        data=msgspec.Raw(b"{}"),
        covers=covers,
    )


def test_a_fact_that_stands_for_others_says_from_where_and_any_other_says_nothing() -> None:
    summed, plain = (fact.event for fact in decode_batch(encode_batch([event(9, 4), event(10)])))
    assert (summed.first, summed.sequence) == (4, 9)
    assert (plain.first, plain.sequence) == (10, 10)
    assert b"covers" not in encode_batch([event(10)])


def test_what_the_hub_did_not_say_before_costs_no_byte_and_is_read_as_nothing() -> None:
    wire = msgspec.json.encode(Ack(epoch=1, lanes={"stock": LaneAck(cursor=3)}))
    assert wire == b'{"epoch":1,"lanes":{"stock":{"cursor":3}}}'
    ack = msgspec.json.decode(wire, type=Ack)
    assert (ack.rate, ack.lanes["stock"].quarantined) == (None, [])
    assert msgspec.json.encode(Ask(id="a", stream="coupons", above=1)).count(b"buckets") == 0


def test_a_hello_of_a_store_that_knows_no_digests_is_a_hello() -> None:
    wire = (
        b'{"id":"h","gateway":"g","boot":"b","agent_version":"0","epoch":1,"lanes":{},'
        b'"streams":{"shoppers":3},"commands":0}'
    )
    assert msgspec.json.decode(wire, type=Hello).digests == {}


@pytest.mark.parametrize(
    "message",
    [
        Differs(stream="shoppers", version=3, digest="d"),
        Chunk(stream="s", version=1, chunk=0, chunks=1, sha256="", text="[]", buckets=[]),
        Chunk(stream="s", version=1, chunk=0, chunks=1, sha256="", text="[]"),
    ],
)
def test_what_comes_down_is_told_apart_by_its_kind(message: StreamMessage) -> None:
    assert msgspec.json.decode(msgspec.json.encode(message), type=StreamMessage) == message


@given(ITEMS, st.randoms(use_true_random=False))
def test_a_digest_depends_on_what_is_held_and_not_on_the_way_there(
    items: dict[str, bytes], random: Random
) -> None:
    shuffled = list(items.items())
    random.shuffle(shuffled)
    straight, roundabout = Buckets.of(items.items()), Buckets.of(shuffled)
    passing = item_hash("passing", b"{}")
    roundabout.toggle("passing", passing)
    assert roundabout.differing(straight) == [bucket_of("passing")]
    roundabout.toggle("passing", passing)
    assert digest(roundabout) == digest(straight)
    assert roundabout.hashes == straight.hashes
    assert Buckets.read(straight.hashes).differing(straight) == []


@given(ITEMS, ITEMS)
def test_only_the_buckets_of_items_that_differ_do(
    ours: dict[str, bytes], theirs: dict[str, bytes]
) -> None:
    stray = {key for key, _ in ours.items() ^ theirs.items()}
    found = Buckets.of(ours.items()).differing(Buckets.of(theirs.items()))
    assert found == sorted({bucket_of(key) for key in stray})


@pytest.mark.parametrize("hashes", [[], [""] * (BUCKETS - 1), ["g"] * BUCKETS])
def test_what_is_no_list_of_bucket_hashes_is_not_taken_for_one(hashes: list[str]) -> None:
    with pytest.raises(BadBuckets, match="bucket"):
        Buckets.read(hashes)
