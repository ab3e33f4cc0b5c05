"""One end of an RS-485 line on a PTY: bytes take time, two who talk at once garble both."""

import asyncio
import contextlib
import os
import pty
import random
import tty
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Self

_QUEUE = 64
"""Bursts from the host that wait for the line. A host that keeps half duplex has one."""


class Line:
    """The boards' end; the host opens `device` as its serial port.

    A PTY has no baud rate and no direction, so both are played here: a byte counts as received
    when its last bit would have come, and whatever the host sends while a board talks is lost
    and spoils the byte that is on the line.
    """

    def __init__(self, byte_time: float, dice: random.Random) -> None:
        """Opens the PTY; `byte_time` in seconds with start and stop bits."""
        self._byte_time = byte_time
        self._dice = dice
        self._bursts: asyncio.Queue[bytes] = asyncio.Queue(_QUEUE)
        self._master, self._slave = pty.openpty()  # the slave kept open: else EIO between hosts
        for end in (self._master, self._slave):
            tty.setraw(end)
        os.set_blocking(self._master, False)
        self.device = os.ttyname(self._slave)

    async def __aenter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._master, self._readable)
        return self

    async def __aexit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)

    async def bursts(self) -> AsyncIterator[bytes]:
        """What the host sends, each burst once its last bit has passed."""
        while True:
            octets = await self._bursts.get()
            await asyncio.sleep(len(octets) * self._byte_time)
            yield octets

    async def transmit(self, octets: bytes) -> None:
        """Send at the line's pace."""
        loop = asyncio.get_running_loop()
        start = loop.time()
        for place, octet in enumerate(octets, start=1):
            await asyncio.sleep(start + place * self._byte_time - loop.time())
            spoilt = self._dice.randrange(1, 256) if self._collision() else 0
            with contextlib.suppress(BlockingIOError):  # nobody reads: the bytes pass by unheard
                os.write(self._master, bytes((octet ^ spoilt,)))

    def _collision(self) -> bool:
        collided = not self._bursts.empty()
        while not self._bursts.empty():
            self._bursts.get_nowait()
        return collided

    def _readable(self) -> None:
        with contextlib.suppress(asyncio.QueueFull):  # a babbling host: the line is a mess anyway
            self._bursts.put_nowait(os.read(self._master, 4096))


@contextlib.contextmanager
def named(device: str, link: Path | None) -> Iterator[str]:
    """Give `device` a name that outlives it: a symbolic link, taken over from a former life."""
    if link is None:
        yield device
        return
    fresh = link.with_name(f".{link.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(device)
    fresh.replace(link)
    try:
        yield str(link)
    finally:
        if link.is_symlink() and str(link.readlink()) == device:
            link.unlink()
