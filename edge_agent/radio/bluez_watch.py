"""A D-Bus connection of our own beside bleak's: bleak watches neither bluetoothd's name nor power.

It asks for adapters and names only, so that no advertisement travels twice. It also registers the
monitor that keeps the controller from filtering duplicates.
"""

import asyncio

from dbus_fast import BusType, Message, MessageType, Variant, unpack_variants
from dbus_fast.aio import MessageBus
from dbus_fast.errors import DBusFastError

from edge_agent.kernel.clock import Clock
from edge_agent.radio import bluez_monitor
from edge_agent.radio.bluez_state import ADAPTER, BLUEZ, BluezState

CALL_S = 5.0
"""Longest wait for an answer of the bus or of bluetoothd; both answer within milliseconds."""

RECONNECT_S = 2.0
"""Between attempts to reach the bus; a system whose dbus-daemon died is about to restart."""

DBUS = "org.freedesktop.DBus"
SYSTEMD = "org.freedesktop.systemd1"
PROPERTIES = "org.freedesktop.DBus.Properties"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"


BUS_ERRORS = (OSError, EOFError, DBusFastError)
"""What dbus-fast raises when the bus refuses, is gone, or (TimeoutError, an OSError) silent."""


class BluezWatch:
    """Keeps a `BluezState` true.

    Attributes:
        state: what is known.
        changed: set at the next change; take it anew before each wait.
    """

    def __init__(
        self, state: BluezState, *, clock: Clock, reconnect_s: float = RECONNECT_S
    ) -> None:
        """Nothing happens before `run`."""
        self.state = state
        self.changed = asyncio.Event()
        self._clock = clock
        self._reconnect_s = reconnect_s
        self._bus: MessageBus | None = None
        self._signals = 0

    async def run(self) -> None:
        """Watch for ever, over as many connections as it takes."""
        while True:
            try:
                await self._watch_once()
            except BUS_ERRORS:
                self.state.bus_lost()
                self._wake()
            await asyncio.sleep(self._reconnect_s)

    async def power_cycle(self, adapter: str, rest_s: float) -> str:
        """Switch the adapter off and, `rest_s` later, on; returns what went wrong, if anything.

        It is switched on even when switching it off was refused.
        """
        refused_off = await self._set_powered(adapter, on=False)
        await asyncio.sleep(rest_s)
        return await self._set_powered(adapter, on=True) or refused_off

    async def restart_bluetoothd(self) -> str:
        """Ask systemd for a new bluetoothd; returns what went wrong, if anything.

        Needs a polkit rule (docs/operations/radio.md).
        """
        call = Message(
            destination=SYSTEMD,
            path="/org/freedesktop/systemd1",
            interface=f"{SYSTEMD}.Manager",
            member="RestartUnit",
            signature="ss",
            body=["bluetooth.service", "replace"],
        )
        return await self._order(call)

    async def listen_to_every_packet(self, adapter: str) -> None:
        """Keep the controller of `adapter` from filtering duplicates; a repeat does nothing.

        Done for a new connection to the bus; to be called before each scan too, for a bluetoothd or
        an adapter that is new has no monitor.
        """
        bus = self._bus
        if bus is None:
            return
        path, register = bluez_monitor.registration(f"/org/bluez/{adapter}")
        if not await self._order(register):
            bus.unexport(path)
            bus.export(path, bluez_monitor.Monitor())

    async def _set_powered(self, adapter: str, *, on: bool) -> str:
        body = [ADAPTER, "Powered", Variant("b", on)]
        return await self._order(_to_adapter(f"/org/bluez/{adapter}", "Set", "ssv", body))

    async def _order(self, call: Message) -> str:
        """Have something done; returns the refusal in words, empty when it was done."""
        if self._bus is None:
            return "not connected to the system bus"
        try:
            answer = await self._call(self._bus, call)
        except BUS_ERRORS as err:
            return str(err) or f"no answer to {call.member}"
        if answer.message_type is MessageType.ERROR:
            return f"{call.member}: {answer.error_name}: {' '.join(map(str, answer.body))}"
        return ""

    async def _watch_once(self) -> None:
        bus = MessageBus(bus_type=BusType.SYSTEM)
        async with asyncio.timeout(CALL_S):
            await bus.connect()
        try:
            bus.add_message_handler(self._take)
            for rule in self._rules():
                await self._call(bus, _to_bus("AddMatch", rule))
            await self._read_levels(bus)
            self._bus = bus
            for path in self.state.paths:
                await self.listen_to_every_packet(path.rpartition("/")[2])
            await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # untyped in dbus-fast 5.2
        finally:
            self._bus = None
            bus.disconnect()
        reason = "the bus hung up"
        raise EOFError(reason)

    def _rules(self) -> list[str]:
        def rule(interface: str, member: str, condition: str) -> str:
            return f"type='signal',interface='{interface}',member='{member}',{condition}"

        return [
            rule(DBUS, "NameOwnerChanged", f"arg0='{BLUEZ}'"),
            *(rule(PROPERTIES, "PropertiesChanged", f"path='{path}'") for path in self.state.paths),
            *(
                rule(OBJECT_MANAGER, member, f"arg0='{path}'")
                for path in self.state.paths
                for member in ("InterfacesAdded", "InterfacesRemoved")
            ),
        ]

    async def _read_levels(self, bus: MessageBus) -> None:
        """The levels at the start; signals keep them true from here."""
        answer = await self._call(bus, _to_bus("NameHasOwner", BLUEZ))
        runs = answer.message_type is MessageType.METHOD_RETURN and answer.body == [True]
        self.state.bus_found(bluez_runs=runs)
        if runs:
            for path in self.state.paths:
                while not await self._read_adapter(bus, path):
                    pass
        self._wake()

    async def _read_adapter(self, bus: MessageBus, path: str) -> bool:
        """Whether the answer counts: one that a signal overtook is older than what is known."""
        signals = self._signals
        answer = await self._call(bus, _to_adapter(path, "GetAll", "s", [ADAPTER]))
        if self._signals != signals:
            return False
        if answer.message_type is MessageType.METHOD_RETURN:
            now = self._clock.now().monotonic
            self.state.levels(path, unpack_variants(answer.body[0]), now)
        return True

    async def _call(self, bus: MessageBus, call: Message) -> Message:
        """The answer to `call`, which may be an error message."""
        async with asyncio.timeout(CALL_S):
            return await bus.call(call)

    def _take(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        self._signals += 1
        now = self._clock.now().monotonic
        body = unpack_variants(message.body)
        self.state.take(message.path or "", message.member or "", body, now)
        self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


def _to_bus(member: str, argument: str) -> Message:
    return Message(
        destination=DBUS,
        path="/org/freedesktop/DBus",
        interface=DBUS,
        member=member,
        signature="s",
        body=[argument],
    )


def _to_adapter(path: str, member: str, signature: str, body: list[object]) -> Message:
    return Message(
        destination=BLUEZ,
        path=path,
        interface=PROPERTIES,
        member=member,
        signature=signature,
        body=body,
    )
