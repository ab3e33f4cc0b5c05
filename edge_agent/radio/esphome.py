"""An ESPHome Bluetooth proxy as a receiver, through its native API.

It gives its packets to one subscriber at a time, and a second one gets no refusal, only nothing:
no scanner state, which the first is told at once. It scans 9.4 % of the time unless its YAML says
otherwise (`docs/how-to/receivers.md`).
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final, Protocol

from cloud_bridge.mqtt import backoff
from device_profiles.beacons import Examined, examine, ignored_reason, parse_ad
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.counters import Ignored
from edge_agent.radio.packets import IMPOSSIBLE_RSSI, RSSI_RANGE
from edge_agent.radio.watchdog import Reason, Watchdog

if TYPE_CHECKING:
    from aioesphomeapi.client import APIClient
    from aioesphomeapi.model import BluetoothScannerStateResponse

PROXY_SILENCE_S = 30.0
"""Without a packet until a proxy counts as blind. One that scans 9.4 % of the time hears a beacon
that sends each second some three times in it."""

KEEP_ALIVE_S = 5.0
"""Between pings; the library gives a proxy up after 4.5 of them, before presence misses anybody."""

RAW_ADVERTISEMENTS: Final = 1 << 5
STATE_AND_MODE: Final = 1 << 6
"""Features of a proxy (`api.proto`): whole packets in batches; it tells its scanner's state."""

RUNNING: Final = 2
"""The scanner's state while it scans (`api.proto`, BluetoothScannerState)."""

PAYLOADS = 2048
"""Payloads whose frames are remembered: 27 % of what 700 transmitters send is new (facts)."""


@dataclass(frozen=True, slots=True)
class ProxyPolicy:
    """How long a proxy may take for what (seconds).

    Attributes:
        silence: without a packet until it counts as blind and is connected anew.
        connect: for name, TCP, encryption and its description; an ESP32 takes one or two.
        admit: for the first word about its scanner, which a subscriber gets at once.
        retry: the longest wait before a new connection, full jitter.
        check: between looks at all this; the error of `silence`.
    """

    silence: float = PROXY_SILENCE_S
    connect: float = 15.0
    admit: float = 5.0
    retry: float = 5.0
    check: float = 1.0


class RawAdvertisement(Protocol):
    """One packet of a batch, as the library hands it on."""

    address: int
    rssi: int
    data: bytes


class Batch(Protocol):
    """What a proxy sends several times a second."""

    advertisements: Iterable[RawAdvertisement]


class EsphomeReceiver:
    """Keeps a subscription to one proxy, and says when it is blind."""

    def __init__(
        self,
        receiver: str,
        *,
        address: tuple[str, int],
        key_file: Path | None,
        audience: Audience,
        policy: ProxyPolicy,
        random: Random,
    ) -> None:
        """`key_file` holds the proxy's encryption key, base64; None for an unencrypted one."""
        self._receiver = receiver
        self._address = address
        self._key_file = key_file
        self._audience = audience
        self._clock = audience.clock
        self._policy = policy
        self._random = random
        self._watchdog = Watchdog(receiver, policy.silence, self._clock.now())

    async def run(self) -> None:
        """Listen for ever, over as many connections as it takes."""
        self._audience.tell(self._watchdog.health)
        await asyncio.to_thread(import_module, "aioesphomeapi.client")  # 0.3 s of imports
        attempt = 0
        while True:
            heard = self._watchdog.health.last_heard
            reason, detail = await self._connection()
            self._audience.tell(self._watchdog.blind(reason, self._clock.now(), detail))
            attempt = attempt + 1 if self._watchdog.health.last_heard == heard else 0
            await asyncio.sleep(backoff(attempt, self._random, self._policy.retry))

    async def _connection(self) -> tuple[Reason, str]:
        """One connection, from first to last; returns why it ended, and in whose words."""
        from aioesphomeapi.client import APIClient  # noqa: PLC0415 - see `run`
        from aioesphomeapi.core import APIConnectionError  # noqa: PLC0415 - see `run`

        host, port = self._address
        try:
            client = APIClient(
                host,
                port,
                client_info="aisle",
                keepalive=KEEP_ALIVE_S,
                noise_psk=self._key(),
            )
        except OSError as err:
            return Reason.WRONG_KEY, f"{self._key_file}: {err.strerror}"
        except UnicodeDecodeError:
            return Reason.WRONG_KEY, f"{self._key_file}: no base64"
        try:
            return await self._subscription(client)
        except TimeoutError:
            return Reason.NO_ANSWER, f"{host}:{port} did not answer in {self._policy.connect:g} s"
        except (APIConnectionError, OSError) as err:
            return _trouble(err), str(err)
        finally:
            with suppress(APIConnectionError, OSError, TimeoutError):
                async with asyncio.timeout(self._policy.connect):
                    await client.disconnect(force=True)

    def _key(self) -> str | None:
        return self._key_file.read_text("ascii").strip() if self._key_file else None

    async def _subscription(self, client: "APIClient") -> tuple[Reason, str]:
        session = _Session(self._clock)
        async with asyncio.timeout(self._policy.connect):
            await client.connect(on_stop=session.stop, login=True, log_errors=False)
            about = await client.device_info()
        features = about.bluetooth_proxy_feature_flags
        if not features & RAW_ADVERTISEMENTS:
            return Reason.REFUSED, f"{about.name} has no bluetooth_proxy in its configuration"
        session.began = self._clock.now()
        client.subscribe_bluetooth_scanner_state(session.scanner)
        client.subscribe_bluetooth_le_raw_advertisements(partial(self._batch, session))
        self._watchdog.listening(session.began)
        return await self._until_trouble(session, tells_state=bool(features & STATE_AND_MODE))

    async def _until_trouble(self, session: "_Session", *, tells_state: bool) -> tuple[Reason, str]:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._policy.check):
                    await session.stopped.wait()
                return Reason.UNREACHABLE, "the proxy ended the connection"
            now = self._clock.now()
            waited = now.monotonic - session.began.monotonic
            unadmitted = session.state is None and session.packets == 0
            if tells_state and unadmitted and waited >= self._policy.admit:
                return Reason.OTHER_SUBSCRIBER, "somebody else is subscribed to this proxy"
            if self._watchdog.overdue(now):
                return _silence(session)

    def _batch(self, session: "_Session", batch: Batch) -> None:
        now = self._clock.now()
        for packet in batch.advertisements:
            session.packets += 1
            self._packet(packet, now)

    def _packet(self, packet: RawAdvertisement, now: Instant) -> None:
        counters = self._audience.counters
        if packet.rssi not in RSSI_RANGE:
            counters.ignored[IMPOSSIBLE_RSSI] += 1
            return
        counters.heard += 1
        self._audience.tell(self._watchdog.heard(now))
        (frames, malformed), nothing = _examined(packet.data)
        for fault in malformed:
            counters.ignored[Ignored("malformed", fault.format)] += 1
        if nothing:
            counters.ignored[Ignored(nothing)] += 1
        address = packet.address.to_bytes(8, "big")[2:].hex(":").upper()
        self._audience.report(self._receiver, frames, packet.rssi, now, address=address)


class _Session:
    """What the library tells of one connection.

    Attributes:
        began: when it was subscribed to.
        state: the scanner's, as a number of `api.proto`; None before the first word.
        packets: how many came over it.
    """

    def __init__(self, clock: Clock) -> None:
        self.began = clock.now()
        self.stopped = asyncio.Event()
        self.state: int | None = None
        self.packets = 0

    async def stop(self, _expected: bool) -> None:  # noqa: FBT001 - the library's callback
        self.stopped.set()

    def scanner(self, told: "BluetoothScannerStateResponse") -> None:
        self.state = told.state.value if told.state else None


def _silence(session: _Session) -> tuple[Reason, str]:
    if session.state not in {None, RUNNING}:
        return Reason.NOT_DISCOVERING, "its scanner does not run"
    if session.state is None and session.packets == 0:
        return Reason.SILENT, "its firmware does not say whether somebody else is subscribed"
    return Reason.SILENT, ""


@lru_cache(maxsize=PAYLOADS)
def _examined(data: bytes) -> tuple[Examined, str]:
    """What a payload holds, and in a word why nothing, where it is whole and no beacon."""
    advert = parse_ad(data)
    examined = examine(advert)
    nothing = "" if examined.frames or examined.malformed else ignored_reason(advert)
    return examined, nothing


def _trouble(error: Exception) -> Reason:
    """Why there is no connection, from what the library raised."""
    from aioesphomeapi import core  # noqa: PLC0415 - see `EsphomeReceiver.run`

    of_keys = (
        core.InvalidAuthAPIError,
        core.RequiresEncryptionAPIError,
        core.InvalidEncryptionKeyAPIError,
        core.EncryptionHelloAPIError,
        core.EncryptionPlaintextAPIError,
    )
    if isinstance(error, of_keys):
        return Reason.WRONG_KEY
    return Reason.NO_ANSWER if isinstance(error, core.TimeoutAPIError) else Reason.UNREACHABLE
