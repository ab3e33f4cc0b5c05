"""One simulated store: its connection, and its end of the contract."""

import asyncio
import contextlib
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Final

import msgspec

from cloud_bridge.mqtt import Broker, BrokerError, Connection, Will, backoff, connect
from cloud_bridge.wire.batch import MOST_FACTS, encode_batch
from cloud_bridge.wire.envelope import UNREADABLE, Lane
from cloud_bridge.wire.messages import Ack, Hello, Status
from cloud_bridge.wire.topics import StoreTopics
from simulators.fleet.log import Log
from simulators.fleet.mix import GATEWAY, Numbered, event

VERSION: Final = "store-sim fleet"

RESEND_S: Final = 10.0
"""A hub that says nothing for so long is asked again: with a hello, which says where both stand."""

BULK: Final = "bulk"


@dataclass(slots=True)
class Tally:
    """What all stores of a fleet have seen.

    Attributes:
        connected: connections that stand and are led by the hub.
        acknowledged: facts that the hub said it has.
        hellos, grants: said; and answered by a new epoch.
        kicked: connections that ended without being asked to.
        latencies: seconds from a batch's departure to the hub's word, of pickup and the others.
        rates: the last rate that each store was given.
    """

    connected: int = 0
    acknowledged: int = 0
    hellos: int = 0
    grants: int = 0
    kicked: int = 0
    latencies: dict[str, list[float]] = field(default_factory=lambda: {Lane.PICKUP: [], BULK: []})
    rates: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Flight:
    lane: str
    last: int
    since: float


class SimulatedStore:
    """Runs until cancelled; `cut` and `mend` are its cable."""

    def __init__(self, name: str, broker: Broker, tally: Tally, random: Random, root: str) -> None:
        self.log = Log(random)
        self._broker, self._tally, self._random = broker, tally, random
        self._topics = StoreTopics(name, root)
        self._boot = f"{random.getrandbits(64):016x}"
        self._mended = asyncio.Event()
        self._cut = asyncio.Event()
        self._mended.set()
        self._wake = asyncio.Event()
        self._spread_s = 0.0

    def record(self, facts: int) -> None:
        """So many more things have happened in the store."""
        self.log.record(facts)
        self._wake.set()

    def cut(self) -> None:
        """No cloud any more."""
        self._mended.clear()
        self._cut.set()

    def mend(self, within_s: float) -> None:
        """The cloud is there again; the store comes back at some moment within so many seconds."""
        self._spread_s = within_s
        self._cut.clear()
        self._mended.set()

    async def run(self) -> None:
        """Connect, serve, and connect again, for ever."""
        attempt = 0
        while True:
            await self._mended.wait()
            await asyncio.sleep(self._random.uniform(0, self._spread_s))
            self._spread_s = 0.0
            session = _Session(self.log, self._topics, self._boot, self._tally, self._wake)
            try:
                await self._until_cut(session)
            except* (BrokerError, TimeoutError):
                self._tally.kicked += 1
            attempt = 0 if session.was_led else attempt + 1
            if self._mended.is_set():
                await asyncio.sleep(backoff(attempt, self._random))

    async def _until_cut(self, session: "_Session") -> None:
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(session.run(self._broker))
            cut = tasks.create_task(self._cut.wait())
            await asyncio.wait([serving, cut], return_when=asyncio.FIRST_COMPLETED)
            serving.cancel()
            cut.cancel()


class _Session:
    """One connection."""

    def __init__(
        self, log: Log, topics: StoreTopics, boot: str, tally: Tally, wake: asyncio.Event
    ) -> None:
        self.led = False
        self.was_led = False
        self._log, self._topics, self._boot = log, topics, boot
        self._tally, self._wake = tally, wake
        self._hello_id = ""
        self._said_at = 0.0
        self._flights: dict[str, _Flight] = {}
        self._rate: float | None = None
        self._may_send_at = 0.0
        self._connection: Connection

    async def run(self, broker: Broker) -> None:
        """Serve until the connection ends, or this is cancelled."""
        will = Will(self._topics.status, self._status(online=False))
        try:
            async with connect(broker, will=will) as self._connection:
                await self._connection.subscribe(self._topics.everything_down)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._hear())
                    tasks.create_task(self._speak())
        finally:
            self._led(yes=False)

    def _led(self, *, yes: bool) -> None:
        self._tally.connected += int(yes) - int(self.led)
        self.led = yes
        self.was_led |= yes

    async def _hear(self) -> None:
        async for message in self._connection.messages:
            if message.topic == self._topics.ack:
                with contextlib.suppress(*UNREADABLE):
                    self._take(msgspec.json.decode(message.payload, type=Ack))
            message.ack()

    def _take(self, ack: Ack) -> None:
        self._wake.set()
        if ack.answers == self._hello_id:
            self._answered(ack)
        elif not self.led or ack.answers is not None:
            return
        elif ack.hello or ack.fenced or ack.epoch != self._log.epoch:
            self._led(yes=False)
        else:
            self._land(ack)

    def _answered(self, ack: Ack) -> None:
        if ack.fenced or ack.refused:
            return
        if ack.granted:
            self._tally.grants += 1
            self._log.begin(ack.epoch)
        self._flights.clear()
        self._paced(ack)
        self._led(yes=True)
        self._tally.acknowledged += self._log.acknowledge(ack.lanes)

    def _land(self, ack: Ack) -> None:
        self._paced(ack)
        self._tally.acknowledged += self._log.acknowledge(ack.lanes)
        for lane, word in ack.lanes.items():
            track = _track(lane)
            flight = self._flights.get(track)
            if flight is None or flight.lane != lane:
                continue
            if word.cursor >= flight.last:
                self._tally.latencies[track].append(time.monotonic() - flight.since)
                del self._flights[track]
            elif word.expected is not None:
                del self._flights[track]

    def _paced(self, ack: Ack) -> None:
        self._rate = ack.rate
        if ack.rate is not None:
            self._tally.rates[self._topics.store] = ack.rate

    async def _speak(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                now = time.monotonic()
                late = any(now - each.since > RESEND_S for each in self._flights.values())
                if late or not self.led:
                    await self._say_hello(now)
                else:
                    for lane in self._next_lanes(now):
                        tasks.create_task(self._hand_over(lane, now))
                await self._rest(now)

    async def _rest(self, now: float) -> None:
        waits = [RESEND_S]
        if self._rate is not None and self._log.waiting:
            waits.append(max(0.01, self._may_send_at - now))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(min(waits)):
                await self._wake.wait()

    async def _say_hello(self, now: float) -> None:
        if now - self._said_at < 1.0:
            return
        self._said_at = now
        self._hello_id = str(uuid.uuid4())
        self._tally.hellos += 1
        hello = Hello(
            id=self._hello_id,
            gateway=GATEWAY,
            boot=self._boot,
            agent_version=VERSION,
            epoch=self._log.epoch,
            lanes=self._log.hello(),
            streams={},
            commands=0,
        )
        await self._connection.publish(self._topics.hello, msgspec.json.encode(hello))
        await self._connection.publish(self._topics.status, self._status(online=True), retain=True)

    def _next_lanes(self, now: float) -> list[str]:
        lanes = []
        if Lane.PICKUP not in self._flights and self._log.lanes[Lane.PICKUP].waiting:
            lanes.append(str(Lane.PICKUP))
        if BULK not in self._flights and now >= self._may_send_at:
            lanes.extend(name for name in [self._log.choose(Lane.PICKUP)] if name is not None)
        return lanes

    async def _hand_over(self, lane: str, now: float) -> None:
        most = MOST_FACTS if self._rate is None else max(1, min(MOST_FACTS, int(self._rate)))
        events = [
            event(
                Numbered(self._topics.store, lane, number),
                epoch=self._log.epoch,
                sequence=sequence,
                boot=self._boot,
            )
            for number, sequence in self._log.above(lane, most)
        ]
        self._flights[_track(lane)] = _Flight(lane, events[-1].sequence, now)
        if self._rate is not None and lane != Lane.PICKUP:
            self._may_send_at = now + len(events) / max(self._rate, 0.1)
        await self._connection.publish(self._topics.up(lane), encode_batch(events))

    def _status(self, *, online: bool) -> bytes:
        now = datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)
        return msgspec.json.encode(
            Status(
                online=online,
                gateway=GATEWAY,
                agent_version=VERSION,
                since=now.isoformat(),
            )
        )


def _track(lane: str) -> str:
    return str(Lane.PICKUP) if lane == Lane.PICKUP else BULK
