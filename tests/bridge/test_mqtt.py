"""The adapter around paho, over real brokers."""

import asyncio
import contextlib
import socket
import threading
import uuid
from random import Random

import pytest

from cloud_bridge.mqtt import (
    Broker,
    BrokerRefused,
    BrokerUnreachable,
    Connection,
    ConnectionLost,
    Message,
    Will,
    backoff,
    connect,
)
from cloud_bridge.mqtt.dialling import LARGEST_PACKET
from cloud_bridge.mqtt.inbox import Inbox
from tests.bridge.conftest import Seam
from tests.bridge.rig import running, until
from tests.support.brokers import free_port


@pytest.fixture
def topic() -> str:
    return f"test/{uuid.uuid4().hex}"


async def heard(connection: Connection) -> Message:
    """The next message of these tests; amqtt adds retained ones that nobody subscribed here."""
    async with asyncio.timeout(10):
        async for message in connection.messages:
            message.ack()
            if message.topic.startswith("test/"):
                return message
    raise AssertionError


async def test_more_messages_than_the_window_arrive_in_order(seam: Seam, topic: str) -> None:
    async with connect(seam.broker()) as connection:
        await connection.subscribe(topic)
        async with asyncio.TaskGroup() as tasks:
            for number in range(500):
                tasks.create_task(connection.publish(topic, b"%d" % number))
            got = [int((await heard(connection)).payload) for _ in range(500)]
        assert got == list(range(500))
        assert connection.dropped == 0


async def test_qos_0_is_done_when_it_is_written(seam: Seam, topic: str) -> None:
    async with connect(seam.broker()) as connection:
        await connection.subscribe(topic)
        await connection.publish(topic, b"once", qos=0)
        assert (await heard(connection)).payload == b"once"


async def test_a_payload_larger_than_the_socket_buffer_goes_through(seam: Seam, topic: str) -> None:
    payload = Random(1).randbytes(LARGEST_PACKET - 1024)  # noqa: S311 - any bytes
    async with connect(seam.broker()) as connection:
        await connection.subscribe(topic)
        await connection.publish(topic, payload)
        assert (await heard(connection)).payload == payload


async def test_the_last_will_speaks_for_a_connection_that_was_cut(seam: Seam, topic: str) -> None:
    async with connect(seam.broker()) as watcher:
        await watcher.subscribe(topic)
        async with connect(seam.broker(), will=Will(topic, b"gone")) as cut:
            sock = cut._client.socket()
            assert sock is not None
            with socket.socket(fileno=socket.dup(sock.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
            assert (await heard(watcher)).payload == b"gone"


async def test_an_orderly_end_leaves_the_last_will_unsaid(seam: Seam, topic: str) -> None:
    if seam.process.kind == "amqtt":
        pytest.skip("amqtt may see the end of the stream before the DISCONNECT in front of it")
    async with connect(seam.broker()) as watcher:
        await watcher.subscribe(topic)
        async with connect(seam.broker(), will=Will(topic, b"gone")):
            pass
        await watcher.publish(topic, b"next")
        assert (await heard(watcher)).payload == b"next"


async def test_a_killed_broker_ends_everything_that_waits(own_seam: Seam, topic: str) -> None:
    async with connect(own_seam.broker()) as connection:
        await connection.subscribe(topic)
        own_seam.process.kill()
        with pytest.raises(ConnectionLost, match=f"127.0.0.1:{own_seam.process.port}"):
            await heard(connection)
        with pytest.raises(ConnectionLost):
            await connection.publish(topic, b"late")
        with pytest.raises(ConnectionLost):
            await connection.subscribe(topic)


async def test_a_broker_that_hangs_is_given_up_by_keep_alive() -> None:
    """A listener that answers CONNECT and then nothing is the far end of a half-open connection."""

    async def answer_connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"\x20\x02\x00\x00")
        while await reader.read(100):
            pass
        writer.close()

    async with await asyncio.start_server(answer_connect, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        broker = Broker(host="127.0.0.1", port=port, mqtt5=False, keepalive_s=1)
        async with connect(broker) as connection:
            with pytest.raises(ConnectionLost, match=r"[Kk]eep"):
                await heard(connection)


async def test_nobody_there_is_said_with_host_and_port_and_without_the_password() -> None:
    port = free_port()
    broker = Broker(host="127.0.0.1", port=port, username="hub", password="s3cret")  # noqa: S106
    assert "s3cret" not in repr(broker)
    with pytest.raises(BrokerUnreachable, match=f"127.0.0.1:{port}") as caught:
        async with connect(broker):
            pass
    assert "s3cret" not in str(caught.value)


async def test_a_host_that_does_not_exist_is_unreachable() -> None:
    with pytest.raises(BrokerUnreachable, match=r"nowhere\.invalid:1883"):
        async with connect(Broker(host="nowhere.invalid", port=1883)):
            pass


def test_a_stop_does_not_wait_for_a_network_that_swallows_packets() -> None:
    def dialling() -> list[threading.Thread]:
        return [each for each in threading.enumerate() if each.name == f"dials {broker.where}"]

    async def give_up() -> None:
        async with running(_stay(broker)):
            await until(lambda: bool(dialling()), "it dials")

    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf, contextlib.ExitStack() as stack:
        broker = Broker(host="127.0.0.1", port=deaf.getsockname()[1])
        for _ in range(3):  # one more than its queue takes: from here it answers no SYN
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0)
            caller.connect_ex(deaf.getsockname())
        asyncio.run(give_up())
        assert len(dialling()) == 1


async def _stay(broker: Broker) -> None:
    async with connect(broker):
        await asyncio.Event().wait()


async def test_a_refused_connection_says_what_the_broker_said() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"\x20\x02\x00\x05")
        await reader.read(100)
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(BrokerRefused, match="Not authorized"):
            async with connect(Broker(host="127.0.0.1", port=port, mqtt5=False)):
                pass


async def test_a_full_inbox_refuses_the_newest_and_counts_it() -> None:
    inbox: Inbox[int] = Inbox(most=2)
    assert [inbox.put(number) for number in range(4)] == [True, True, False, False]
    inbox.fail(ConnectionLost("gone"))
    assert [await anext(inbox), await anext(inbox)] == [0, 1]
    with pytest.raises(ConnectionLost):
        await anext(inbox)
    assert inbox.dropped == 2


def test_waits_are_jittered_over_their_whole_range_and_capped() -> None:
    random = Random(3)  # noqa: S311 - repeatable
    ceilings = [1, 2, 4, 8, 16, 32, 64, 120, 120]
    for attempt, ceiling in enumerate(ceilings):
        waits = [backoff(attempt, random) for _ in range(1000)]
        assert 0 <= min(waits) < ceiling * 0.02
        assert ceiling * 0.98 < max(waits) <= ceiling
    assert backoff(10**6, random, 5.0) <= 5.0
