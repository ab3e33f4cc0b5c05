"""What the hub knows of where its stores cannot see."""

from typing import Any

import msgspec

from cloud_bridge.hub import epochs
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.rooms.stores.store import StoreView, overview
from cloud_bridge.wire.facts.presence import (
    ReceiverBlind,
    ReceiverRecovered,
    ZoneKnown,
    ZoneUnknown,
)
from tests.bridge.test_ingest import NOW, STORE, fact, hello, take, tx

__all__ = ["tx"]

BLIND = ReceiverBlind(receiver="ceiling", reason="deaf")
RECOVERED = ReceiverRecovered(receiver="ceiling", blind_s=4.0)
UNKNOWN = ZoneUnknown(zone="shoes", blind=["ceiling"])
KNOWN = ZoneKnown(zone="shoes", unknown_s=4.0)


def said(sequence: int, payload: Any, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    data = msgspec.to_builtins(payload)
    return fact(sequence, type=payload.TYPE, lane="record", data=data, **changes)


async def seen(tx: Tx) -> StoreView:
    (view,) = await overview(tx)
    return view


async def test_a_store_cannot_see_what_its_facts_said_and_did_not_take_back(
    tx: Tx,
) -> None:
    await take(tx, said(1, BLIND), said(2, UNKNOWN), lane="record")
    assert ((await seen(tx)).blind, (await seen(tx)).unknown) == (["ceiling"], ["shoes"])
    await take(tx, said(3, KNOWN), lane="record")
    assert ((await seen(tx)).blind, (await seen(tx)).unknown) == (["ceiling"], [])
    await take(tx, said(4, RECOVERED), said(5, BLIND), said(6, RECOVERED), lane="record")
    assert (await seen(tx)).blind == []


async def test_an_agent_that_starts_anew_says_again_what_still_is(tx: Tx) -> None:
    await take(tx, said(1, BLIND), said(2, UNKNOWN), lane="record")
    again = msgspec.structs.replace(hello(), boot="boot-2", epoch=0)
    await epochs.set_online(tx, STORE, online=False, now=NOW)
    granted = await epochs.answer_hello(tx, STORE, again, NOW)
    assert ((await seen(tx)).blind, (await seen(tx)).unknown) == ([], [])
    await take(tx, said(1, BLIND, id="new", boot="boot-2", epoch=granted.epoch), lane="record")
    assert ((await seen(tx)).blind, (await seen(tx)).unknown) == (["ceiling"], [])
