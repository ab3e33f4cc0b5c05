"""The bus and an independent implementation of D-Bus, dbus-fast, in one event loop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from dbus_fast.constants import NameFlag, ReleaseNameReply, RequestNameReply

from simulators.dbus import PrivateBus
from simulators.dbus import connection as bus_connection
from simulators.dbus.message import signal

DBUS = "org.freedesktop.DBus"
NAME = "store.test.Lamp"


@pytest.fixture
async def bus(tmp_path: Path) -> AsyncIterator[PrivateBus]:
    async with PrivateBus(tmp_path / "bus") as running:
        yield running


Connect = Callable[..., Awaitable[MessageBus]]


@pytest.fixture
async def connect(bus: PrivateBus) -> AsyncIterator[Connect]:
    clients: list[MessageBus] = []

    async def connected(*, descriptors: bool = False) -> MessageBus:
        async with asyncio.timeout(20):
            client = await MessageBus(bus.address, negotiate_unix_fd=descriptors).connect()
        clients.append(client)
        return client

    yield connected
    for each in clients:
        each.disconnect()
        with suppress(EOFError):
            await each.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast


async def _ask(client: MessageBus, member: str, *arguments: str) -> Message:
    call = Message(
        destination=DBUS,
        path="/org/freedesktop/DBus",
        interface=DBUS,
        member=member,
        signature="s" * len(arguments),
        body=list(arguments),
    )
    async with asyncio.timeout(20):
        return await client.call(call)


def _signals(client: MessageBus) -> "asyncio.Queue[Message]":
    received: asyncio.Queue[Message] = asyncio.Queue()

    def take(message: Message) -> None:
        if message.message_type is MessageType.SIGNAL:
            received.put_nowait(message)

    client.add_message_handler(take)
    return received


async def test_clients_get_unique_names_with_and_without_descriptors(connect: Connect) -> None:
    one, other = await connect(), await connect(descriptors=True)
    assert one.unique_name != other.unique_name
    listed = await _ask(one, "ListNames")
    assert {one.unique_name, other.unique_name, DBUS} <= set(listed.body[0])


async def test_a_name_has_one_owner_and_changes_are_announced(connect: Connect) -> None:
    owner, watcher = await connect(), await connect()
    announced = _signals(watcher)
    await _ask(watcher, "AddMatch", f"type='signal',member='NameOwnerChanged',arg0='{NAME}'")
    assert await owner.request_name(NAME, NameFlag.NONE) is RequestNameReply.PRIMARY_OWNER
    assert await owner.request_name(NAME, NameFlag.NONE) is RequestNameReply.ALREADY_OWNER
    assert await watcher.request_name(NAME, NameFlag.NONE) is RequestNameReply.EXISTS
    assert (await _ask(watcher, "GetNameOwner", NAME)).body == [owner.unique_name]
    assert await watcher.release_name(NAME) is ReleaseNameReply.NOT_OWNER
    assert await owner.release_name(NAME) is ReleaseNameReply.RELEASED
    assert await owner.release_name(NAME) is ReleaseNameReply.NON_EXISTENT
    async with asyncio.timeout(20):
        assert (await announced.get()).body == [NAME, "", owner.unique_name]
        assert (await announced.get()).body == [NAME, owner.unique_name, ""]


async def test_a_client_that_hangs_up_loses_its_names(connect: Connect) -> None:
    owner, watcher = await connect(), await connect()
    announced = _signals(watcher)
    await _ask(watcher, "AddMatch", f"member='NameOwnerChanged',arg0='{NAME}'")
    await owner.request_name(NAME)
    owner.disconnect()
    async with asyncio.timeout(20):
        await announced.get()
        assert (await announced.get()).body[2] == ""
    assert (await _ask(watcher, "NameHasOwner", NAME)).body == [False]


async def test_calls_are_routed_with_the_sender_stamped(connect: Connect) -> None:
    caller, callee = await connect(), await connect()
    await callee.request_name(NAME)

    def switch(message: Message) -> Message | bool:
        if message.member != "Switch":
            return False
        return Message.new_method_return(message, "s", [str(message.sender)])

    callee.add_message_handler(switch)
    call = Message(destination=NAME, path="/lamp", interface=NAME, member="Switch", sender=":9.9")
    async with asyncio.timeout(20):
        answer = await caller.call(call)
    assert answer.body == [caller.unique_name]
    assert answer.sender == callee.unique_name


async def test_signals_reach_those_who_asked_and_nobody_else(
    bus: PrivateBus, connect: Connect
) -> None:
    peer = bus.join(lambda _: None, lambda _: None)
    peer.own(NAME)
    asked, silent = await connect(), await connect()
    heard, unheard = _signals(asked), _signals(silent)
    rule = f"type='signal',sender='{NAME}',member='Lit'"
    await _ask(asked, "AddMatch", rule)
    await _ask(silent, "AddMatch", "type='signal',sender='store.test.Other',member='Lit'")
    peer.emit(signal("/lamp", NAME, "Lit", "u", 1))
    await _ask(asked, "RemoveMatch", rule)
    peer.emit(signal("/lamp", NAME, "Lit", "u", 2))
    await _ask(silent, "ListNames")
    await _ask(asked, "ListNames")
    assert [heard.get_nowait().body for _ in range(heard.qsize())] == [[1]]
    assert unheard.empty()


@pytest.mark.parametrize(
    ("member", "arguments", "error"),
    [
        ("GetNameOwner", ["store.test.Nobody"], "NameHasNoOwner"),
        ("AddMatch", ["type='nonsense'"], "MatchRuleInvalid"),
        ("RemoveMatch", ["member='Never'"], "MatchRuleInvalid"),
        ("Reboot", [], "UnknownMethod"),
        ("AddMatch", [], "InvalidArgs"),
        ("ListNames", ["too", "many"], "InvalidArgs"),
    ],
)
async def test_what_the_bus_cannot_do_is_answered_with_an_error(
    connect: Connect, member: str, arguments: list[str], error: str
) -> None:
    answer = await _ask(await connect(), member, *arguments)
    assert answer.error_name == f"{DBUS}.Error.{error}"


async def test_a_call_to_nobody_is_answered_with_service_unknown(connect: Connect) -> None:
    client = await connect()
    call = Message(destination=NAME, path="/lamp", interface=NAME, member="Switch")
    async with asyncio.timeout(20):
        answer = await client.call(call)
    assert answer.error_name == f"{DBUS}.Error.ServiceUnknown"


@pytest.mark.parametrize(
    "junk", [b"GET / HTTP/1.1\r\n", b"\0AUTH EXTERNAL 30\r\nBEGIN\r\nB" + bytes(40)]
)
async def test_a_client_that_talks_nonsense_is_dropped_alone(
    bus: PrivateBus, connect: Connect, junk: bytes
) -> None:
    client = await connect()
    reader, writer = await asyncio.open_unix_connection(bus.address.removeprefix("unix:path="))
    writer.write(junk)
    async with asyncio.timeout(20):
        with suppress(ConnectionResetError):
            while await reader.read(100):
                pass
    writer.close()
    assert (await _ask(client, "ListNames")).message_type is MessageType.METHOD_RETURN


async def test_a_client_that_does_not_read_loses_signals_and_they_are_counted(
    bus: PrivateBus, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_connection, "MAX_UNSENT_BYTES", 100_000)
    peer = bus.join(lambda _: None, lambda _: None)
    client = await connect()
    heard = _signals(client)
    await _ask(client, "AddMatch", "type='signal',member='Lit'")
    for number in range(10_000):
        peer.emit(signal("/lamp", NAME, "Lit", "u", number))
    assert bus.signals_dropped > 0
    await _ask(client, "ListNames")
    assert heard.qsize() + bus.signals_dropped == 10_000


async def test_a_bus_that_was_shut_can_be_opened_again(bus: PrivateBus, connect: Connect) -> None:
    client = await connect()
    await bus.shut()
    async with asyncio.timeout(20):
        with pytest.raises(EOFError):
            await client.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast
    with pytest.raises(OSError, match="No such file"):
        await connect()
    await bus.listen()
    assert (await connect()).connected


def test_a_path_too_long_for_a_socket_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shorter"):
        PrivateBus(tmp_path / ("x" * 108))
