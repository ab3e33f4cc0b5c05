"""What comes down, put in order, without I/O."""

import hashlib
from random import Random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cloud_bridge.link.downlink import ASK_AGAIN_S, Apply, Carry, Downlink, Replace, SayHello
from cloud_bridge.link.ports import InboxPositions
from cloud_bridge.wire.envelope import Command
from cloud_bridge.wire.messages import REMOVED, Ask, Change, Chunk, Delta, StreamMessage
from tests.bridge.fakes import START


def command(sequence: int) -> Command:
    return Command(
        id=f"c-{sequence}",
        type="hub.order.cancel.v1",
        subject="orders/W-1",
        time=START,
        sequence=sequence,
        data=msgspec.Raw(b"{}"),
    )


def delta(version: int) -> Delta:
    return Delta(stream="coupons", version=version, changes=[])


def chunks(items: list[object], version: int, size: int) -> list[Chunk]:
    text = msgspec.json.encode(items).decode()
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    digest = hashlib.sha256(text.encode()).hexdigest()
    return [
        Chunk(
            stream="coupons",
            version=version,
            chunk=number,
            chunks=len(parts),
            sha256=digest,
            text=part,
        )
        for number, part in enumerate(parts)
    ]


def test_a_line_slower_than_the_patience_carries_a_snapshot_hardly_twice() -> None:
    """Each chunk takes 6.5 s of the line, and waits for what is on the line before it."""
    parts, down = chunks(list(range(300)), 3, 30), downlink()
    down.stream(delta(3), 0.0)
    line, now, busy_until, sent = [0], 0.0, 0.0, 0
    done = None
    while not isinstance(done, Replace):
        sent += 1
        now = busy_until = max(now, busy_until) + 6.5
        while (due := down.due_at()) is not None and due <= now:
            line += [ask.chunk for ask in down.overdue(due)]
        done = down.stream(parts[line.pop(0)], now)
        line += [done.chunk] if isinstance(done, Ask) else []
    assert len(parts) > 30
    assert sent <= 1.2 * len(parts)


def downlink(commands: int = 0, **streams: int) -> Downlink:
    return Downlink(InboxPositions(commands, streams))


def test_the_next_command_is_carried_out_and_a_double_is_not() -> None:
    down = downlink(commands=4)
    assert down.command(command(4)) is None
    step = down.command(command(5))
    assert step == Carry(command(5))
    down.done(step)
    assert down.command(command(5)) is None


def test_a_missing_command_is_asked_for_by_hello() -> None:
    assert downlink(commands=4).command(command(6)) == SayHello()


def test_a_missing_delta_is_asked_for_until_it_comes() -> None:
    down = downlink(coupons=4)
    ask = down.stream(delta(7), 0.0)
    assert isinstance(ask, Ask)
    assert (ask.stream, ask.above, ask.version) == ("coupons", 4, None)
    assert down.overdue(ASK_AGAIN_S - 0.001) == []
    assert down.overdue(ASK_AGAIN_S) == [ask]
    step = down.stream(delta(5), 6.0)
    assert step == Apply(delta(5))
    down.done(step)
    assert down.due_at() is None


@given(
    items=st.lists(st.text(max_size=40), max_size=20),
    size=st.integers(1, 50),
    seed=st.integers(0, 1000),
)
def test_a_snapshot_is_put_together_from_chunks_that_come_doubled_and_out_of_order(
    items: list[object], size: int, seed: int
) -> None:
    random, pieces, down = Random(seed), chunks(items, 3, size), downlink(coupons=9)  # noqa: S311 - repeatable
    wanted, step = 0, None
    for _ in range(len(pieces)):
        for stray in random.choices(pieces[:wanted] + pieces[wanted + 1 :] or [pieces[-1]], k=2):
            if stray.chunk not in (0, wanted):
                assert down.stream(stray, 0.0) is None
        step = down.stream(pieces[wanted], 0.0)
        if isinstance(step, Ask):
            assert (step.version, step.chunk) == (3, wanted + 1)
            wanted += 1
    assert isinstance(step, Replace)
    assert [msgspec.json.decode(item) for item in step.items] == items


def test_a_newer_snapshot_takes_the_place_of_one_that_is_half_there() -> None:
    down = downlink()
    old, new = chunks(["a" * 40], 1, 16), chunks(["b" * 20], 2, 30)
    assert isinstance(down.stream(old[0], 0.0), Ask)
    assert down.stream(new[0], 0.0) == Replace("coupons", 2, _raws(["b" * 20]))
    assert down.stream(old[1], 0.0) is None


def test_a_damaged_snapshot_is_asked_for_again() -> None:
    down = downlink()
    [whole] = chunks(["a"], 1, 100)
    ask = down.stream(msgspec.structs.replace(whole, text='["b"]'), 0.0)
    assert isinstance(ask, Ask)
    assert (ask.version, ask.chunk) == (1, 0)


def test_a_change_survives_the_wire_whether_it_sets_or_removes() -> None:
    changes = [Change(key="a", item=msgspec.Raw(b'{"x":1}')), Change(key="b", item=REMOVED)]
    wire = msgspec.json.encode(Delta(stream="coupons", version=1, changes=changes))
    heard = msgspec.json.decode(wire, type=StreamMessage)
    assert isinstance(heard, Delta)
    assert [(each.key, each.removes) for each in heard.changes] == [("a", False), ("b", True)]
    assert bytes(heard.changes[0].item) == b'{"x":1}'


def _raws(items: list[object]) -> list[msgspec.Raw]:
    return msgspec.json.decode(msgspec.json.encode(items), type=list[msgspec.Raw])
