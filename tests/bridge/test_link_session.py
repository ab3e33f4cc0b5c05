"""One connection after another: kicked, or beside a gateway that leads."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs

from cloud_bridge.hub import commands
from cloud_bridge.hub.database import Tx
from cloud_bridge.mqtt import Broker
from tests.bridge.rig import Store, running, running_hub, until
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
