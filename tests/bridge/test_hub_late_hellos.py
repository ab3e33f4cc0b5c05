"""Hellos that a broker delivers twice, or long after they were said: no start loses by them."""

from datetime import datetime
from itertools import count

import msgspec

from cloud_bridge.hub import boots, epochs
from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.messages import Ack, Hello
from tests.bridge.test_ingest import NOW, STORE, fact, hello, take, tx

__all__ = ["tx"]

IDS = count()


def said(boot: str = "boot-1", *, epoch: int = 1, cursor: int = 0, upto: int = 0) -> Hello:
    return msgspec.structs.replace(
        hello(epoch=epoch, cursor=cursor, upto=upto), id=f"said-{next(IDS)}", boot=boot
    )


async def answer(tx: Tx, said: Hello) -> Ack:
    return await epochs.answer_hello(tx, STORE, said, NOW)


async def leads(tx: Tx) -> tuple[int, str]:
    row = await tx.row("SELECT epoch, boot FROM store")
    assert row is not None
    return row["epoch"], row["boot"]


async def test_a_hello_that_is_delivered_again_is_answered_as_before(tx: Tx) -> None:
    assert (await answer(tx, hello(epoch=0))).granted, "the one that the fixture said"
    first = said()
    assert not (await answer(tx, first)).granted
    await take(tx, fact(1), fact(2))
    again = await answer(tx, first)
    assert (again.answers, again.epoch, again.granted) == (first.id, 1, False)
    assert await leads(tx) == (1, "boot-1")


async def test_a_grant_that_was_not_heard_is_given_again_and_no_other(tx: Tx) -> None:
    for _ in range(3):
        again = await answer(tx, said(epoch=0))
        assert (again.epoch, again.granted) == (1, True)


async def test_a_late_hello_of_the_start_that_leads_changes_nothing_and_asks_for_another(
    tx: Tx,
) -> None:
    before, newer = said(epoch=0), said(upto=1)
    await take(tx, fact(1), fact(2))
    for late in (before, newer):
        word = await answer(tx, late)
        assert (word.hello, word.answers, word.epoch) == (True, None, 1)
        assert not (await answer(tx, said(cursor=2, upto=2))).hello, "who is there says more"
    assert await leads(tx) == (1, "boot-1")


async def test_a_late_hello_of_a_start_that_nobody_knew_does_not_fence_the_one_that_lives(
    tx: Tx,
) -> None:
    late = said("boot-0")
    for _ in range(2):
        assert (await answer(tx, late)).hello
    assert await boots.superseded(tx, STORE) == frozenset()
    assert not (await answer(tx, said())).fenced
    assert await leads(tx) == (1, "boot-1")


async def test_a_start_that_says_hello_twice_leads_though_the_one_before_was_not_heard_to_end(
    tx: Tx,
) -> None:
    await take(tx, fact(1))
    assert (await answer(tx, said("boot-2", cursor=1, upto=1))).hello
    word = await answer(tx, said("boot-2", cursor=1, upto=1))
    assert (word.granted, word.epoch) == (True, 2)
    assert await boots.superseded(tx, STORE) == {"boot-1"}


async def test_a_start_on_an_old_database_is_granted_an_epoch_at_its_second_hello_at_the_latest(
    tx: Tx,
) -> None:
    await take(tx, fact(1), fact(2))
    answers = [await answer(tx, said(cursor=0, upto=1)) for _ in range(2)]
    assert [(each.hello, each.granted) for each in answers] == [(True, False), (False, True)]


async def test_a_start_that_a_late_hello_superseded_leads_again_when_that_says_no_more(
    tx: Tx,
) -> None:
    """The late one comes while the living start is offline, so nobody is there to be asked."""
    await answer(tx, said("living", epoch=0))
    await answer(tx, said("living", epoch=0))
    epoch, _ = await leads(tx)
    await epochs.set_online(tx, STORE, online=False, now=NOW)
    await answer(tx, said("ended", epoch=epoch))
    assert await leads(tx) == (epoch, "ended")
    assert (await answer(tx, said("living", epoch=epoch))).fenced
    later = (datetime.fromisoformat(NOW) + epochs.SILENT_AFTER).isoformat()
    asked = await epochs.answer_hello(tx, STORE, said("living", epoch=epoch), later)
    assert (asked.hello, asked.fenced) == (True, False)
    assert (await epochs.answer_hello(tx, STORE, said("living", epoch=epoch), later)).granted
    assert await leads(tx) == (epoch + 1, "living")
    assert not (await epochs.answer_hello(tx, STORE, said("living", epoch=epoch + 1), later)).fenced
    assert (await epochs.answer_hello(tx, STORE, said("ended", epoch=epoch), later)).fenced
