"""The judge finds every fact that is lost, doubled or altered."""

import json
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cloud_bridge.wire.envelope import EMPTY_HASH, chain_hash
from simulators.demo.judge.facts import LaneAccount, Stored, Waiting, compare

EPOCH = 1

payloads = st.lists(
    st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=8), max_size=3),
    min_size=1,
    max_size=12,
)


def raw(number: int, data: bytes) -> bytes:
    return b'{"specversion":"1.0","id":"id-%d","data":%s}' % (number, data)


def lane_of(datas: Sequence[bytes], *, cursor: int) -> LaneAccount:
    """The lane as the product keeps it: with the product's own chain."""
    running = EMPTY_HASH
    for number, data in enumerate(datas, start=1):
        running = chain_hash(running, f"id-{number}", data)
    return LaneAccount("pickup", len(datas) + 1, cursor, running, len(datas), cursor)


def stored(datas: Sequence[bytes]) -> list[Stored]:
    return [
        Stored(EPOCH, "pickup", number, raw(number, data))
        for number, data in enumerate(datas, start=1)
    ]


def encoded(payload: Sequence[object]) -> list[bytes]:
    return [json.dumps(each).encode() for each in payload]


@given(payloads, st.data())
def test_a_lane_that_arrived_or_waits_whole_has_nothing_lost_doubled_or_altered(
    payload: list[object], data: st.DataObject
) -> None:
    datas = encoded(payload)
    arrived = data.draw(st.integers(0, len(datas)))
    known = data.draw(st.integers(0, arrived))
    waiting = [
        Waiting("pickup", number, f"id-{number}", datas[number - 1])
        for number in range(known + 1, len(datas) + 1)
    ]
    account = compare(EPOCH, [lane_of(datas, cursor=known)], waiting, stored(datas[:arrived]))
    assert (account.lost, account.doubled, account.altered) == (0, 0, ())
    assert account.recorded == len(datas)
    assert account.acknowledged == known


@given(payloads, st.data())
def test_a_fact_that_vanished_at_the_hub_is_lost(
    payload: list[object], data: st.DataObject
) -> None:
    datas = encoded(payload)
    rows = stored(datas)
    del rows[data.draw(st.integers(0, len(rows) - 1))]
    account = compare(EPOCH, [lane_of(datas, cursor=len(datas))], [], rows)
    assert (account.lost, account.doubled) == (1, 0)


@given(payloads, st.data())
def test_a_fact_that_stands_twice_is_doubled(payload: list[object], data: st.DataObject) -> None:
    datas = encoded(payload)
    rows = stored(datas)
    again = data.draw(st.sampled_from(rows))
    rows.append(replace(again, sequence=again.sequence + 1_000_000))
    account = compare(EPOCH, [lane_of(datas, cursor=len(datas))], [], rows)
    assert (account.lost, account.doubled) == (0, 1)


@given(payloads, st.data())
def test_a_fact_whose_bytes_differ_is_altered(payload: list[object], data: st.DataObject) -> None:
    datas = encoded(payload)
    rows = stored(datas)
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place] = replace(rows[place], raw=raw(place + 1, b'{"forged": true}'))
    account = compare(EPOCH, [lane_of(datas, cursor=len(datas))], [], rows)
    assert account.altered == ("pickup",)


def test_facts_of_an_earlier_epoch_count_as_arrived() -> None:
    early = Stored(EPOCH, "pickup", 1, raw(77, b"{}"))
    datas = encoded([1, 2])
    later = [replace(row, epoch=2) for row in stored(datas)]
    lane = replace(lane_of(datas, cursor=2), recorded=3, acknowledged=3)
    account = compare(2, [lane], [], [early, *later])
    assert (account.lost, account.doubled, account.altered) == (0, 0, ())


@given(payloads, st.data())
def test_facts_that_were_renumbered_though_the_hub_had_them_count_once(
    payload: list[object], data: st.DataObject
) -> None:
    datas = encoded(payload)
    kept = data.draw(st.integers(0, len(datas)))
    older = [replace(row, sequence=row.sequence + 5) for row in stored(datas[:kept])]
    early = Stored(EPOCH, "pickup", 5, raw(77, b"{}"))
    later = [replace(row, epoch=2) for row in stored(datas)[kept:]]
    lane = replace(lane_of(datas, cursor=len(datas)), recorded=len(datas) + 1)
    account = compare(2, [lane], [], [early, *older, *later])
    assert (account.lost, account.doubled, account.altered) == (0, 0, ())
    rows = [*older, *later]
    rows.pop(data.draw(st.integers(0, len(rows) - 1)))
    assert compare(2, [lane], [], [early, *rows]).lost == 1
