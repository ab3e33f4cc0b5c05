"""A local Bluetooth adapter as a receiver, through unmodified bleak.

The scan must be *filtered* for BlueZ, or it swallows RSSI changes below 8 dB (facts, "The RSSI
rule"): hence the RSSI filter that lets everything through. Every call into bleak has a limit of
its own, for a bluetoothd that hangs would otherwise hold bleak's lock, and with it every receiver.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import structlog
from bleak import BleakAdapter, BleakScanner
from bleak.args.bluez import BlueZScannerArgs
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from edge_agent.kernel.clock import Instant
from edge_agent.radio import ladder, recovery
from edge_agent.radio.audience import Audience
from edge_agent.radio.bluez_watch import BluezWatch
from edge_agent.radio.canaries import Canaries
from edge_agent.radio.ladder import Pause
from edge_agent.radio.packets import RSSI_RANGE, PacketEar
from edge_agent.radio.recovery import Company
from edge_agent.radio.rssi_grain import RssiGrain
from edge_agent.radio.start_trouble import start_trouble
from edge_agent.radio.watchdog import (
    ADAPTER_SILENCE_S,
    Reason,
    Step,
    Watchdog,
)

log = structlog.get_logger("radio")


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
        slow: the same at the end of the ladder: a technician who mends something sees it heal.
        check: between looks at the silence; the error of `silence`.
        power_rest: between off and on of a power cycle; habluetooth's adapters need 2 s.
    """

    silence: float = ADAPTER_SILENCE_S
    start: float = 15.0
    stop: float = 5.0
    retry: float = 3.0
    busy: float = 12.0
    slow: float = 60.0
    check: float = 1.0
    power_rest: float = 2.0

    def pause(self, pause: Pause) -> float:
        """The length of a pause of the ladder."""
        return {Pause.RETRY: self.retry, Pause.BUSY: self.busy, Pause.SLOW: self.slow}[pause]


class AdapterReceiver:
    """Keeps one adapter scanning, says when it is blind, and climbs the ladder until it hears.

    A new scanner is never started beside an old one: bleak would call back twice.
    """

    def __init__(
        self,
        receiver: str,
        adapter: str,
        *,
        bluez: BluezWatch,
        company: Company,
        canaries: Canaries,
        audience: Audience,
        policy: ScanPolicy,
    ) -> None:
        """`adapter` is such as ``hci0``; `bluez` must watch it."""
        self._receiver = receiver
        self._adapter = adapter
        self._bluez = bluez
        self._company = company
        self._canaries = canaries
        self._audience = audience
        self._clock = audience.clock
        self._policy = policy
        self._scanner: BleakScanner | None = None
        self._renewals = 0
        self._watchdog = Watchdog(receiver, policy.silence, self._clock.now())
        self._grain = RssiGrain()
        self._ear = PacketEar(receiver, audience, self._packet)

    async def run(self) -> None:
        """Listen until cancelled."""
        self._audience.tell(self._watchdog.health)
        try:
            while True:
                reason, detail = await self._scan()
                self._company.hearing.discard(self._adapter)
                self._audience.tell(self._watchdog.blind(reason, self._clock.now(), detail))
                await self._climb(reason)
        finally:
            self._company.hearing.discard(self._adapter)
            with suppress(Exception):
                async with asyncio.timeout(self._policy.stop):
                    await self._stop()

    async def _climb(self, reason: Reason) -> None:
        """Take the next step of the ladder, and wait."""
        others_hear = self._company.others_hear(self._adapter)
        step, pause = ladder.rung(reason, self._watchdog.attempt, others_hear=others_hear)
        self._audience.tell(self._watchdog.tried(step))
        detail = await recovery.take(
            step,
            self._adapter,
            bluez=self._bluez,
            company=self._company,
            now=self._clock.now(),
            rest_s=self._policy.power_rest,
        )
        self._audience.counters.troubles[self._receiver, f"recovery by {step}"] += 1
        self._log(step, detail)
        if detail:
            self._audience.tell(self._watchdog.tried(step, detail))
        await self._pause(self._policy.pause(pause))

    async def _scan(self) -> tuple[Reason, str]:
        """One scan, in place of the one before; returns why it ended, and its last words."""
        outages = self._bluez.state.outages(self._adapter)
        await self._bluez.listen_to_every_packet(self._adapter)
        async with self._company.turn:
            try:
                async with asyncio.timeout(self._policy.start):
                    await self._stop()
                    self._renewals = self._company.renewals
                    self._scanner = self._new_scanner()
                    await self._scanner.start()
            except Exception as err:  # noqa: BLE001 - bleak lets OSError, DBusError and more through
                reason = self._bluez.state.trouble(self._adapter) or start_trouble(err)
                return reason, str(err)
        return await self._until_trouble(outages), ""

    async def _stop(self) -> None:
        """Stop the scanner before, whatever it says; a new one is the only way on.

        bleak connects to the bus first: stopping on a connection that has died would leave
        bleak's callback, and a future whose error nobody takes, in place. A scan from before bleak
        was renewed has nobody to answer its stop.
        """
        await BleakAdapter.get(bluez={"adapter": self._adapter})
        old, self._scanner = self._scanner, None
        if old is not None and self._renewals == self._company.renewals:
            with suppress(Exception):
                await old.stop()

    def _new_scanner(self) -> BleakScanner:
        arguments: BlueZScannerArgs = {
            "adapter": self._adapter,
            "filters": {"RSSI": -127, "DuplicateData": True},
        }
        return BleakScanner(self._detected, bluez=arguments)

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
            canary = self._canaries.near(self._receiver)
            if self._watchdog.overdue(now):
                return Reason.SILENT if canary is None else Reason.DEAF
            self._audience.tell(self._watchdog.look(canary, self._grain.grain, now))
            await self._pause(self._policy.check)

    async def _pause(self, seconds: float) -> None:
        """Wait, or until something changes on D-Bus."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._bluez.changed.wait()

    def _detected(self, device: BLEDevice, data: AdvertisementData) -> None:
        """Bleak's callback; the path is told from others by its hash and not kept."""
        if data.rssi in RSSI_RANGE:
            self._grain.report(hash(data.platform_data[0]), data.rssi)
        self._ear(device, data)

    def _packet(self, now: Instant) -> None:
        self._company.hearing.add(self._adapter)
        self._audience.counters.heard_at[self._receiver] = now.monotonic
        self._audience.tell(self._watchdog.heard(now))

    def _log(self, step: Step, failure: str) -> None:
        health = self._watchdog.health
        log.warning(
            "radio.recovery",
            receiver=self._receiver,
            adapter=self._adapter,
            reason=health.reason,
            attempt=health.attempt,
            step=step,
            said=health.detail,
            failure=failure,
        )
