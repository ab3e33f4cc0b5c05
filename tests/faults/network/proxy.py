"""A TCP proxy on loopback that is as bad a network as it is told to be, while it runs."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

A_READ = 4096
"""Bytes taken at once: on a slow line what is under way stays small."""

UNDER_WAY = 64
"""Reads that may be under way in one direction: 256 KiB; a sender beyond that is held back."""

RESET_AT_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: `close` sends RST instead of FIN."""


GARBLE = 0x5A
"""Flips half of a byte's bits: no record of TLS and no packet of MQTT survives it."""


class Cut(Exception):
    """The weather ends this connection."""


def never() -> int | None:
    """A connection that is not cut."""
    return None


@dataclass
class Weather:
    """What the network does to whoever goes through it; may be changed at any time.

    Attributes:
        bytes_per_s: of each connection and direction; None: as fast as it goes.
        latency_s: each way.
        swallows: bytes go in and nothing comes out, with no word to either end; new connections
            are accepted by the network and heard by nobody.
        garbles: bytes arrive changed: plain MQTT is then malformed, TLS broken.
        kicks: both ends are closed after the broker's first word, its CONNACK.
        resets_after: asked for each new connection and direction: the bytes after which it is
            reset, in the middle of whatever they are; None for never.
    """

    bytes_per_s: float | None = None
    latency_s: float = 0.0
    swallows: bool = False
    garbles: bool = False
    kicks: bool = False
    resets_after: Callable[[], int | None] = never


@dataclass
class Proxy:
    """Made by `proxy`.

    Attributes:
        upstreams: the broker's ports; each connection goes to the next that answers.
        accepted: connections so far.
        carried: bytes that came out on either side.
    """

    upstreams: Sequence[int]
    weather: Weather = field(default_factory=Weather)
    port: int = 0
    accepted: int = 0
    carried: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its accept to its end."""
        self.accepted += 1
        try:
            back, forth = await self._dial()
        except OSError:
            reset(writer)
            return
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(Way(self, reader, forth).carry(), name="up")
                tasks.create_task(Way(self, back, writer, answers=True).carry(), name="down")
        except* (OSError, EOFError, Cut):
            pass
        finally:
            reset(writer)
            reset(forth)

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        for attempt in range(len(self.upstreams)):
            port = self.upstreams[(self.accepted + attempt) % len(self.upstreams)]
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        raise ConnectionRefusedError


@dataclass
class Way:
    """One direction of one connection."""

    proxy: Proxy
    source: asyncio.StreamReader
    sink: asyncio.StreamWriter
    answers: bool = False
    _under_way: asyncio.Queue[tuple[float, bytes]] = field(
        default_factory=lambda: asyncio.Queue(UNDER_WAY)
    )

    async def carry(self) -> None:
        """Until one end closes (EOFError), or the weather ends it (`Cut`)."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._take(), name="takes")
            tasks.create_task(self._give(), name="gives")

    async def _take(self) -> None:
        loop = asyncio.get_running_loop()
        while data := await self.source.read(A_READ):
            await self._under_way.put((loop.time() + self.proxy.weather.latency_s, data))
        raise EOFError

    async def _give(self) -> None:
        loop, left = asyncio.get_running_loop(), self.proxy.weather.resets_after()
        while True:
            due, data = await self._under_way.get()
            await asyncio.sleep(due - loop.time())
            weather = self.proxy.weather
            if weather.swallows:
                continue
            if weather.garbles:
                data = bytes(byte ^ GARBLE for byte in data)
            if left is not None and len(data) >= left:
                await self._write(data[:left])
                raise Cut
            left = None if left is None else left - len(data)
            await self._write(data)
            if self.answers and weather.kicks:
                raise Cut

    async def _write(self, data: bytes) -> None:
        self.sink.write(data)
        await self.sink.drain()
        self.proxy.carried += len(data)
        if rate := self.proxy.weather.bytes_per_s:
            await asyncio.sleep(len(data) / rate)


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with an RST: what was in the buffers is gone."""
    sock: socket.socket | None = writer.get_extra_info("socket")
    if sock is not None and not writer.transport.is_closing():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
    writer.transport.abort()


@asynccontextmanager
async def proxy(*upstreams: int) -> AsyncIterator[Proxy]:
    """A proxy to ports of loopback; at the end every connection through it is reset."""
    one = Proxy(upstreams)
    async with asyncio.TaskGroup() as tasks:

        def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            held.add(tasks.create_task(one.serve(reader, writer), name="carries"))

        held: set[asyncio.Task[None]] = set()
        server = await asyncio.start_server(accept, "127.0.0.1", 0, limit=A_READ)
        one.port = server.sockets[0].getsockname()[1]
        try:
            yield one
        finally:
            server.close()
            for task in held:
                task.cancel()
