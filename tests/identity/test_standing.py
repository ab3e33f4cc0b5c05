"""What a revoked gateway says, the hub does not take."""

import msgspec
import pytest

from cloud_bridge.hub import told
from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.epochs import answer_hello, known_of
from cloud_bridge.hub.intake import ACK, Intake
from cloud_bridge.hub.snapshots import Snapshots
from cloud_bridge.wire.messages import Ack, Ask, Hello
from cloud_bridge.wire.topics import FromStore
from tests.identity.rig import ServedHub

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def hello(hub: ServedHub, gateway: str | None = None, store: str | None = None) -> Ack:
    name, of, now = gateway or hub.gateway, store or hub.store, stamp(hub.now)
    said = Hello(
        id=f"hello-of-{name}",
        gateway=name,
        agent_version="0.1.0",
        boot="boot-1",
        epoch=0,
        lanes={},
        streams={},
        commands=0,
    )

    async def work(tx: Tx) -> Ack:
        ack = await answer_hello(tx, of, said, now)
        if not ack.fenced:
            await told.begin(tx, of, said)
        return ack

    return await hub.database.run(work)


async def test_a_revoked_leader_leads_no_more_and_another_takes_over_at_once(
    hub: ServedHub,
) -> None:
    await hub.claim()
    assert (await hello(hub)).granted
    assert (await hello(hub, "another")).fenced, "the leader is there"
    await hub.revoke()

    async def leader(tx: Tx) -> str | None:
        return (await known_of(tx, hub.store, stamp(hub.now))).leader

    assert await hub.database.read(leader) is None
    assert (await hello(hub)).fenced
    assert (await hello(hub, "another")).granted
    assert (await hello(hub)).fenced


async def test_nobody_is_told_what_a_store_is_to_do_until_another_leads_it(
    hub: ServedHub,
) -> None:
    await hub.claim()
    await hello(hub)
    assert await is_told(hub)
    await hub.revoke()
    assert not await is_told(hub)
    await hello(hub, "another")
    assert await is_told(hub)


async def is_told(hub: ServedHub) -> bool:
    """Whether a worker may tell the store what is due."""

    async def work(tx: Tx) -> bool:
        return await told.lease(tx, hub.store, "worker", hub.now)

    return await hub.database.run(work)


async def test_a_gateway_claimed_for_one_store_leads_no_other(hub: ServedHub) -> None:
    await hub.claim()
    elsewhere = next(f"store-{n}" for n in range(2) if hub.store != f"store-{n}")
    assert (await hello(hub, store=elsewhere)).fenced
    assert (await hello(hub)).granted


async def test_revoking_twice_is_revoking_once_and_a_stranger_cannot_be(hub: ServedHub) -> None:
    await hub.claim()
    await hub.revoke()
    first = await hub.told()
    hub.later(days=1)
    await hub.revoke()
    assert await hub.told() == first
    assert first["state"] == "revoked"
    unknown = await hub.send("POST", "/stranger/revoke", {"reason": "?"})
    assert unknown.json()["code"] == "gateway_unknown"


async def test_what_a_deposed_gateway_asks_is_answered_by_asking_who_it_is(hub: ServedHub) -> None:
    await hub.claim()
    await hello(hub)
    intake = Intake(hub.database, {}, lambda: hub.now, Snapshots())
    question = msgspec.json.encode(Ask(id="ask-1", stream="coupons", above=0))
    source = FromStore(hub.store, "ask")
    assert ACK not in dict((await intake.take(source, question)).messages)
    await hub.revoke()
    [(stream, payload)] = (await intake.take(source, question)).messages
    assert stream == ACK
    assert msgspec.json.decode(payload, type=Ack).hello
