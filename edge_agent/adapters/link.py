"""A device's end of the bus: ZeroMQ DEALER with CURVE, bound to one key."""

import secrets
import time
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import structlog
import zmq
import zmq.asyncio

from edge_agent.devices.keys import DeviceKeys
from edge_agent.devices.messages import (
    AgentLetter,
    DeviceLetter,
    FromDevice,
    NoLetter,
    decode_to_device,
    encode,
)

_QUEUE = 256
"""Letters waiting per direction: a bank of 240 compartments reports itself in one breath."""

log = structlog.get_logger()


class AgentLink:
    """The connection to the agent, made and made again by ZeroMQ while within `async with`.

    Nothing is queued for an agent that is not there: what cannot be sent at once is dropped, and
    `owing` remembers that the agent has missed something.
    """

    def __init__(self, address: str, keys: DeviceKeys) -> None:
        """Nothing is opened yet; `address` as in `DeviceBus.address`."""
        self.session = secrets.token_hex(8)
        self.owing = False
        self._address = address
        self._keys = keys
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            context = zmq.asyncio.Context()
            opening.callback(context.destroy, linger=0)
            self._socket = opening.enter_context(self._open_dealer(context))
            self._resources = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._resources.__aexit__(kind, error, trace)

    async def send(self, message: FromDevice) -> bool:
        """Send now or drop, and say which; never waits."""
        letter = DeviceLetter(session=self.session, sent_ms=clock_ms(), message=message)
        try:
            await self._socket.send_multipart([encode(letter)], flags=zmq.NOBLOCK)
        except zmq.Again:
            self.owing = True
            return False
        return True

    async def receive(self) -> AgentLetter:
        """The next letter of the agent; what is not of the set is logged and skipped."""
        while True:
            frames = await self._socket.recv_multipart()
            try:
                return decode_to_device(frames[-1])
            except NoLetter as err:
                log.warning("letter not understood", error=str(err))

    def _open_dealer(self, context: zmq.asyncio.Context) -> zmq.asyncio.Socket:
        dealer = context.socket(zmq.DEALER)
        dealer.curve_serverkey = self._keys.server
        dealer.curve_publickey, dealer.curve_secretkey = self._keys.public, self._keys.secret
        dealer.immediate = True  # queue for a live connection only
        dealer.heartbeat_ivl, dealer.heartbeat_timeout = 500, 1500  # a dead agent within 2 s
        dealer.reconnect_ivl, dealer.reconnect_ivl_max = 100, 1000  # back a second after the agent
        dealer.sndhwm = dealer.rcvhwm = _QUEUE
        dealer.linger = 0
        dealer.connect(self._address)
        return dealer


def clock_ms() -> int:
    """This device's clock, as letters carry it."""
    return int(time.monotonic() * 1000)
