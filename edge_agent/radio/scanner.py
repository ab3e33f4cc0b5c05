"""A local Bluetooth adapter as a receiver, through unmodified bleak.

The scan must be *filtered* for BlueZ, or it swallows RSSI changes below 8 dB (facts, "The RSSI
rule"): hence the RSSI filter that lets everything through. Every call into bleak has a limit of
its own, for a bluetoothd that hangs would otherwise hold bleak's lock, and with it every receiver.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

from bleak import BleakAdapter, BleakScanner
from bleak.args.bluez import BlueZScannerArgs
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from edge_agent.kernel.clock import Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.bluez_watch import BluezWatch
from edge_agent.radio.packets import PacketEar
from edge_agent.radio.watchdog import ADAPTER_SILENCE_S, Reason, Watchdog


@dataclass(frozen=True, slots=True)
class ScanPolicy:
    """How long a receiver waits for what (seconds).

    Attributes:
        silence: without a packet until it counts as blind.
        start: for bleak to start a scan; a healthy one takes 0.1 s, a USB adapter waking up 5 s.
        stop: for bleak to stop one; nothing waits for its result.
        retry: between attempts to start; a change on D-Bus cuts it short.
        busy: the same after InProgress: the kernel ends the scan of a killed bluetoothd after
            10.24 s, and StartDiscovery was seen to work again after 11.9 s.
        check: between looks at the silence; the error of `silence`.
        power_rest: between off and on of a power cycle; habluetooth's adapters need 2 s.
    """

    silence: float = ADAPTER_SILENCE_S
    start: float = 15.0
    stop: float = 5.0
    retry: float = 3.0
    busy: float = 12.0
    check: float = 1.0
    power_rest: float = 2.0


class AdapterReceiver:
    """Keeps one adapter scanning, and says when it is blind.

    The ladder: stop the old scanner whatever it says, start a new one, on InProgress wait for the
    kernel, switch the adapter off and on when that was in vain (`POWER_CYCLE_AFTER`). A new
    scanner is never started beside an old one: bleak would call back twice.
    """

    def __init__(
        self,
        receiver: str,
        adapter: str,
        *,
        bluez: BluezWatch,
        audience: Audience,
        policy: ScanPolicy,
    ) -> None:
        """`adapter` is such as ``hci0``; `bluez` must watch it."""
        self._adapter = adapter
        self._bluez = bluez
        self._audience = audience
        self._clock = audience.clock
        self._policy = policy
        self._scanner: BleakScanner | None = None
        self._watchdog = Watchdog(receiver, policy.silence, self._clock.now())
        self._ear = PacketEar(receiver, audience, self._packet)

    async def run(self) -> None:
        """Listen until cancelled."""
        self._audience.tell(self._watchdog.health)
        try:
            while True:
                reason = await self._scan()
                if self._watchdog.needs_power_cycle():
                    await self._bluez.power_cycle(self._adapter, self._policy.power_rest)
                busy = reason is Reason.BUSY
                await self._pause(self._policy.busy if busy else self._policy.retry)
        finally:
            with suppress(Exception):
                async with asyncio.timeout(self._policy.stop):
                    await self._stop()

    async def _scan(self) -> Reason:
        """One scan, in place of the one before; returns why it ended."""
        outages = self._bluez.state.outages(self._adapter)
        try:
            async with asyncio.timeout(self._policy.start):
                await self._stop()
                self._scanner = self._new_scanner()
                await self._scanner.start()
        except Exception as err:  # noqa: BLE001 - bleak lets OSError, DBusError and more through
            reason = self._bluez.state.trouble(self._adapter) or start_trouble(err)
            return self._blind(reason, str(err))
        return self._blind(await self._until_trouble(outages))

    async def _stop(self) -> None:
        """Stop the scanner before, whatever it says; a new one is the only way on.

        bleak connects to the bus first: stopping on a connection that has died would leave
        bleak's callback, and a future whose error nobody takes, in place.
        """
        await BleakAdapter.get(bluez={"adapter": self._adapter})
        old, self._scanner = self._scanner, None
        if old is not None:
            with suppress(Exception):
                await old.stop()

    def _new_scanner(self) -> BleakScanner:
        arguments: BlueZScannerArgs = {
            "adapter": self._adapter,
            "filters": {"RSSI": -127, "DuplicateData": True},
        }
        return BleakScanner(self._ear, bluez=arguments)

    async def _until_trouble(self, outages: int) -> Reason:
        began = self._clock.now()
        self._watchdog.listening(began)
        state = self._bluez.state
        while True:
            if state.outages(self._adapter) != outages:
                return state.last_outage(self._adapter)
            now = self._clock.now()
            if state.idle(self._adapter, began.monotonic, now.monotonic):
                return Reason.NOT_DISCOVERING
            if self._watchdog.overdue(now):
                return Reason.SILENT
            await self._pause(self._policy.check)

    async def _pause(self, seconds: float) -> None:
        """Wait, or until something changes on D-Bus."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bluez.changed.wait()

    def _blind(self, reason: Reason, detail: str = "") -> Reason:
        self._audience.tell(self._watchdog.blind(reason, self._clock.now(), detail))
        return reason

    def _packet(self, now: Instant) -> None:
        self._audience.tell(self._watchdog.heard(now))


_DBUS_ERRORS = {
    "org.bluez.Error.InProgress": Reason.BUSY,
    "org.bluez.Error.NotReady": Reason.POWERED_OFF,
    "org.freedesktop.DBus.Error.ServiceUnknown": Reason.BLUETOOTHD_GONE,
    "org.freedesktop.DBus.Error.NameHasNoOwner": Reason.BLUETOOTHD_GONE,
    "org.freedesktop.DBus.Error.NoReply": Reason.NO_ANSWER,
    "org.freedesktop.DBus.Error.UnknownObject": Reason.UNPLUGGED,
    "org.freedesktop.DBus.Error.UnknownMethod": Reason.UNPLUGGED,
}


def start_trouble(error: Exception) -> Reason:
    """Why a scan did not start, from what bleak raised."""
    match error:
        case TimeoutError():
            return Reason.NO_ANSWER
        case BleakDBusError():
            return _DBUS_ERRORS.get(error.dbus_error, Reason.REFUSED)
        case BleakBluetoothNotAvailableError():
            off = error.reason is BleakBluetoothNotAvailableReason.POWERED_OFF
            return Reason.POWERED_OFF if off else Reason.UNPLUGGED
        case BleakError() if "not found" in str(error):
            return Reason.UNPLUGGED
        case OSError() | EOFError():
            return Reason.BUS_LOST
        case _:
            return Reason.REFUSED
