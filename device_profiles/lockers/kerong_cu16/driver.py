"""Driver of the KERONG CU16 over a byte stream that it is given and does not close."""

import asyncio
from asyncio import StreamReader, StreamWriter

from device_profiles.lockers.board import BoardSilent, BoardStatus, LineLost
from device_profiles.lockers.kerong_cu16.codec import (
    LOCKS,
    StatusReply,
    find_status,
    status_request,
    unlock_request,
)
from device_profiles.lockers.profile import Profile

_CHUNK = 256
"""Bytes taken at once; a reply is nine."""

_NOISE_LIMIT = 1024
"""Bytes on the line while waiting for one reply: a line that talks more than ten times as much
as fits into the reply time is not one of ours."""


class Cu16Driver:
    """One request at a time, silence between two; what arrives late is thrown away."""

    def __init__(self, reader: StreamReader, writer: StreamWriter, profile: Profile) -> None:
        """The stream stays its giver's, who closes it."""
        self._reader = reader
        self._writer = writer
        self._line = profile.line
        self._sensors = profile.sensors
        self._timing = profile.timing
        self._turn = asyncio.Lock()
        self._free_at = 0.0

    async def status(self, board: int) -> BoardStatus:
        """Read all 16 locks of `board`; raises `BoardSilent`, `LineLost`."""
        request = status_request(board)
        async with self._turn:
            await self._transmit(request)
            try:
                async with asyncio.timeout(self._line.seconds(len(request)) + self._timing.reply):
                    reply = await self._await_reply(board)
            except TimeoutError as err:
                text = f"board {board} does not answer"
                raise BoardSilent(text) from err
            finally:
                self._occupy(0)
        return self._apply_polarity(reply)

    async def unlock(self, board: int, lock: int) -> None:
        """Pulse lock 1 to 16 of `board`; there is no reply. Raises `LineLost`."""
        request = unlock_request(board, lock)
        async with self._turn:
            await self._transmit(request)
            self._occupy(self._line.seconds(len(request)))

    async def _transmit(self, request: bytes) -> None:
        await asyncio.sleep(max(0.0, self._free_at - asyncio.get_running_loop().time()))
        await self._discard_stale()
        if self._writer.is_closing():
            text = "the line is closed"
            raise LineLost(text)
        try:
            self._writer.write(request)
            async with asyncio.timeout(self._timing.reply):
                await self._writer.drain()
        except OSError as err:  # TimeoutError is one: an adapter that takes no bytes any more
            text = f"cannot write to the line: {err!r}"
            raise LineLost(text) from err

    async def _await_reply(self, board: int) -> StatusReply:
        received = b""
        while len(received) < _NOISE_LIMIT:
            received += await self._read()
            reply = find_status(received, board)
            if reply is not None:
                return reply
        text = f"board {board}: nothing but noise on the line"
        raise BoardSilent(text)

    async def _discard_stale(self) -> None:
        try:
            async with asyncio.timeout(0):  # only what has arrived already
                while True:
                    await self._read()
        except TimeoutError:
            return

    async def _read(self) -> bytes:
        try:
            octets = await self._reader.read(_CHUNK)
        except OSError as err:
            text = f"cannot read from the line: {err}"
            raise LineLost(text) from err
        if not octets:
            text = "the line has ended"
            raise LineLost(text)
        return octets

    def _occupy(self, seconds: float) -> None:
        """Keep the line free for `seconds` of transmission and the quiet time after it."""
        now = asyncio.get_running_loop().time()
        self._free_at = now + seconds + self._timing.quiet

    def _apply_polarity(self, reply: StatusReply) -> BoardStatus:
        occupied = self._sensors.occupied
        return BoardStatus(
            closed=tuple(_bit(reply.hooks, i) == self._sensors.closed for i in range(LOCKS)),
            occupied=tuple(
                None if occupied is None else _bit(reply.infrared, i) == occupied
                for i in range(LOCKS)
            ),
        )


def _bit(word: int, index: int) -> int:
    return word >> index & 1
