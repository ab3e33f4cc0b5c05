"""One connection after another: kicked, or beside a gateway that leads."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from structlog.testing import capture_logs
from typing_extensions import override

from cloud_bridge.hub import commands
from cloud_bridge.hub.database import Tx
from cloud_bridge.link.keys import OFFER_AGAIN_S
from cloud_bridge.link.uplink import QUIET_S
from cloud_bridge.mqtt import Broker, Connection, connect
from cloud_bridge.wire.messages import Ack, Hello
from cloud_bridge.wire.topics import StoreTopics
from tests.bridge.fakes import FakeLog, FakeOutbox, LoopClock, Moment
from tests.bridge.rig import Store, running, running_hub, until, until_row
from tests.support.brokers import BrokerProcess

KICKS = 6


async def test_who_is_kicked_after_every_connack_comes_back_ever_less_often() -> None:
    async def kick(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"\x20\x02\x00\x00")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(kick, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        store = Store("store-kicked", Broker(host="127.0.0.1", port=port, mqtt5=False))
        with capture_logs() as logs:
            async with running(store.link().run()):
                await until(lambda: len(_lost(logs)) >= KICKS, "kicked again and again")
    assert _lost(logs)[:KICKS] == list(range(KICKS))


def _lost(logs: Sequence[Mapping[str, Any]]) -> list[int]:
    """The attempts, from which the ceiling of the jittered wait follows (`mqtt.backoff`)."""
    return [each["attempt"] for each in logs if each["event"] == "link.lost"]


async def test_a_fact_that_fits_no_batch_stops_its_lane_and_no_other(
    amqtt: BrokerProcess, tmp_path: Path
) -> None:
    store = Store(
        f"store-{uuid.uuid4().hex[:8]}", Broker(host="127.0.0.1", port=amqtt.port, mqtt5=False)
    )
    noise = msgspec.json.encode(Random(7).randbytes(80_000))  # noqa: S311 - what does not shrink
    await store.outbox.record("coupon", data=noise)
    stocks = await store.outbox.record("stock", 3)
    async with running_hub(tmp_path, store.broker, store.name) as hub, running(store.link().run()):
        await until_row(hub, "the others", "SELECT 1 FROM store WHERE facts = 3")
        assert await hub.ids(store.name) == stocks


class _Leaping(LoopClock):
    """A clock of which the rest of a wait can be taken away."""

    leapt_s = 0.0

    @override
    def now(self) -> Moment:
        moment = super().now()
        return replace(moment, monotonic=moment.monotonic + self.leapt_s)


class _Counted(FakeOutbox):
    """Counts how often the link looks what waits."""

    looks = 0

    @override
    async def state(self) -> FakeLog:
        self.looks += 1
        return await super().state()


async def test_a_store_whose_hub_is_away_rests_although_keys_are_to_be_offered_again(
    amqtt: BrokerProcess,
) -> None:
    broker = Broker(host="127.0.0.1", port=amqtt.port, mqtt5=False)
    outbox, clock = _Counted(), _Leaping()
    store = Store(f"store-{uuid.uuid4().hex[:8]}", broker, outbox=outbox)
    store.keyring.keys["k1"], store.keyring.minted = bytes(32), 1
    topics = StoreTopics(store.name)
    async with connect(broker) as hub, running(store.link(clock).run()):
        await hub.subscribe(topics.hello, topics.ask)
        hello = await _heard(hub, topics.hello)
        answer = Ack(epoch=1, answers=msgspec.json.decode(hello, type=Hello).id, granted=True)
        await hub.publish(topics.ack, msgspec.json.encode(answer))
        await _heard(hub, topics.ask)
        clock.leapt_s = 2 * OFFER_AGAIN_S + QUIET_S
        await outbox.record("pickup")
        await _heard(hub, topics.hello)
        before = outbox.looks
        for _ in range(1000):
            await asyncio.sleep(0)
        assert outbox.looks - before < 10


async def _heard(connection: Connection, topic: str) -> bytes:
    async for message in connection.messages:
        message.ack()
        if message.topic == topic:
            return message.payload
    raise AssertionError


async def test_a_gateway_that_does_not_lead_passes_over_what_the_leader_is_told(
    amqtt: BrokerProcess, tmp_path: Path
) -> None:
    name = f"store-{uuid.uuid4().hex[:8]}"
    broker = Broker(host="127.0.0.1", port=amqtt.port, mqtt5=False)
    first, second = Store(name, broker), Store(name, broker, gateway="gw-2")

    async def order(tx: Tx) -> int:
        return await commands.append(
            tx,
            name,
            command_id=str(uuid.uuid4()),
            kind="hub.test.v1",
            subject="things/1",
            data={},
            now=datetime(2026, 11, 23, 9, tzinfo=UTC),
        )

    async with running_hub(tmp_path, broker, name) as hub, running(first.link().run()):
        await until(lambda: bool(first.states) and first.states[-1].online, "the first leads")
        async with running(second.link().run()):
            await until(lambda: any(s.fenced for s in second.states), "the second is fenced")
            with capture_logs() as logs:
                await hub.database.run(order)
                hub.bridge.poke(name)
                await until(lambda: len(first.inbox.commands) == 1, "the leader does it")
                heard = {"event": "link.not_for_us", "log_level": "debug"}
                await until(lambda: any(heard.items() <= each.items() for each in logs), "heard")
    assert second.inbox.commands == []
