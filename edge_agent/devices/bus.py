"""The device bus: ZeroMQ ROUTER over TCP, CURVE on the wire, an allow-list of keys at the door.

A device is who its key says (ZAP hands the name through as the connection's User-Id), and its
route is the one that libzmq gave to the connection. No peer chooses its own routing id here, so
ROUTER_HANDOVER stays off: with it, one enrolled device could take over another's route by naming
itself like it. A device that reconnects has a new route from its next heartbeat on.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import zmq
import zmq.asyncio

from edge_agent.devices.attendance import ABSENT_AFTER_S, Attendance
from edge_agent.devices.gate import keep_gate
from edge_agent.devices.keys import server_keys
from edge_agent.devices.messages import (
    LETTER_BYTES,
    AgentLetter,
    FromDevice,
    Hello,
    NoLetter,
    ReportState,
    ToDevice,
    decode_from_device,
    encode,
)
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import AisleError

_QUEUE = 256
"""Letters waiting per device and direction. A bank of 240 compartments reports itself in one
breath; beyond that the sender is told (EAGAIN), nothing grows."""


class DeviceAbsent(AisleError):
    """The device is not connected, or does not take what is sent; nothing was done."""


class AddressTaken(AisleError):
    """Devices cannot be served where the settings say."""


MessageHandler = Callable[[str, FromDevice], Awaitable[None]]
PresenceHandler = Callable[[str, bool], Awaitable[None]]


async def _unheard(device: str, message: FromDevice) -> None:
    """What happens to messages before the composition root sets a handler: nothing."""


async def _unseen(device: str, present: bool) -> None:  # noqa: FBT001 - the shape of a handler
    """What happens to presence before the composition root sets a handler: nothing."""


class DeviceBus:
    """The agent's end of the bus, open from `async with` to its end.

    Attributes:
        on_message: called in order, one at a time, for each message of a known device; while it
            runs, letters wait in bounded queues. What it raises ends the bus.
        on_presence: called with True before the `Hello` that introduces a device, with False
            when it has been silent for two seconds.
        refused: how often, by reason, something was turned away at the gate or thrown away.
    """

    def __init__(self, address: str, keys_dir: Path, clock: Clock) -> None:
        """Nothing is opened yet.

        Args:
            address: such as ``tcp://127.0.0.1:5570``; port ``*`` takes a free one.
            keys_dir: see `edge_agent.devices.keys`; the agent's keys are made when missing.
            clock: times presence and the deadlines of commands.
        """
        self.on_message: MessageHandler = _unheard
        self.on_presence: PresenceHandler = _unseen
        self.refused: Counter[str] = Counter()
        self._bind_address = address
        self._keys_dir = keys_dir
        self._clock = clock
        self._attendance = Attendance()
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            context = zmq.asyncio.Context()
            opening.callback(context.destroy, linger=0)
            gate = opening.enter_context(context.socket(zmq.REP))
            gate.bind("inproc://zeromq.zap.01")  # where libzmq asks (ZeroMQ RFC 27)
            self._router = opening.enter_context(self._open_router(context))
            tasks = await opening.enter_async_context(asyncio.TaskGroup())
            for name, work in (
                ("device bus: gate", keep_gate(gate, self._keys_dir, self.refused)),
                ("device bus: receive", self._receive()),
                ("device bus: roll call", self._call_roll()),
            ):
                opening.callback(tasks.create_task(work, name=name).cancel)
            self._resources = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._resources.__aexit__(kind, error, trace)

    @property
    def address(self) -> str:
        """Where devices connect, with the port that was really taken."""
        return self._router.get_string(zmq.LAST_ENDPOINT).rstrip("\0")

    def present(self) -> frozenset[str]:
        """The devices that are there now."""
        return self._attendance.present()

    def age_s(self, device: str, stamp_ms: int) -> float | None:
        """Seconds since the device's clock showed `stamp_ms`, at least; None: it is not there.

        Short of the truth by no more than the fastest letter's time on the way.
        """
        place = self._attendance.address(device, self._clock.now().monotonic)
        return None if place is None else max(0.0, (place[2] - stamp_ms) / 1000)

    async def send(self, device: str, message: ToDevice) -> None:
        """Hand `message` to `device`, never waiting for it; raises `DeviceAbsent`.

        Returning is no proof of arrival: only a `CommandResult` is.
        """
        place = self._attendance.address(device, self._clock.now().monotonic)
        if place is None:
            text = f"{device} is not connected"
            raise DeviceAbsent(text)
        route, session, sent_ms = place
        letter = AgentLetter(session=session, sent_ms=sent_ms, message=message)
        try:
            await self._router.send_multipart([route, encode(letter)], flags=zmq.NOBLOCK)
        except zmq.Again as err:
            text = f"{device} does not read what it is sent"
            raise DeviceAbsent(text) from err
        except zmq.ZMQError as err:
            if err.errno != zmq.EHOSTUNREACH:
                raise
            text = f"{device} has just disconnected"
            raise DeviceAbsent(text) from err

    def _open_router(self, context: zmq.asyncio.Context) -> zmq.asyncio.Socket:
        keys = server_keys(self._keys_dir)
        router = context.socket(zmq.ROUTER)
        router.curve_server = True
        router.curve_publickey, router.curve_secretkey = keys.public, keys.secret
        router.zap_domain = b"devices"
        router.router_mandatory = True
        router.heartbeat_ivl, router.heartbeat_timeout = 500, 1500  # a stopped peer within 2 s
        router.sndhwm = router.rcvhwm = _QUEUE
        router.maxmsgsize = LETTER_BYTES
        router.linger = 0
        try:
            router.bind(self._bind_address)
        except zmq.ZMQError as err:
            router.close()
            text = f"[device_bus] listen = {self._bind_address!r}: {err.strerror}"
            raise AddressTaken(text) from err
        return router

    async def _receive(self) -> None:
        while True:
            frames = await self._router.recv_multipart(copy=False)
            device = str(frames[-1].get("User-Id"))
            try:
                letter = decode_from_device(frames[-1].bytes)
            except NoLetter:
                self.refused["malformed"] += 1
                continue
            at = self._clock.now().monotonic
            if self._attendance.heard(
                device, frames[0].bytes, letter.session, letter.sent_ms, at
            ) and not isinstance(letter.message, Hello):
                await self._ask_for_introduction(device)
            if isinstance(letter.message, Hello) and self._attendance.introduce(device):
                await self.on_presence(device, True)  # noqa: FBT003 - the shape of a handler
            await self.on_message(device, letter.message)

    async def _ask_for_introduction(self, device: str) -> None:
        try:
            await self.send(device, ReportState())
        except DeviceAbsent:
            self.refused["gone before introduction"] += 1

    async def _call_roll(self) -> None:
        while True:
            await asyncio.sleep(ABSENT_AFTER_S / 4)
            for device in self._attendance.lapse(self._clock.now().monotonic):
                await self.on_presence(device, False)  # noqa: FBT003 - the shape of a handler
