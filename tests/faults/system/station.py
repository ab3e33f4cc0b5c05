"""A store without rooms: the real storage and the real link, composed as the agent does, and
producers that note each id once they were told that it is durable.

Run as ``fault-station CONFIG.json``; all of the config is `Station`. What it notes goes to a file,
a line each: ``told <lane> <id>`` after the COMMIT, and ``acknowledged <seconds>`` when the hub's
word on a pickup fact came back, counted from the call that recorded it.
"""

import asyncio
import os
import signal
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from cloud_bridge.link import InboxPositions, Link
from cloud_bridge.mqtt import Broker, Tls
from cloud_bridge.wire.envelope import Command, Lane
from cloud_bridge.wire.facts.coupons import Offered
from cloud_bridge.wire.facts.pickup import PickingStarted
from cloud_bridge.wire.facts.stock import Changed
from cloud_bridge.wire.messages import Delta, PersonKey
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, Tx, open_storage
from edge_agent.storage.dispatcher import Dispatcher
from tests.faults.system.settings import GATEWAY, STORE

ENOUGH = signal.SIGUSR1
"""Has the producers stop; the link goes on."""

CAMPAIGN = "campaign-0"
"""Whose offers the station's coupon facts count."""


class Station(msgspec.Struct, frozen=True, kw_only=True):
    """The config.

    Attributes:
        broker: port on loopback.
        ca: of the broker's certificate; None: no TLS.
        rates: facts per second by lane, for `lanes` of `fact_of`.
        keepalive_s: shorter than a store's, so that a test need not wait for a minute.
    """

    folder: str
    broker: int
    rates: dict[str, float]
    gateway: str = GATEWAY
    store: str = STORE
    mqtt5: bool = True
    keepalive_s: int = 5
    ca: str | None = None

    @property
    def database(self) -> Path:
        """The fact log."""
        return Path(self.folder) / "agent.sqlite"

    @property
    def notes(self) -> Path:
        """What callers were told."""
        return Path(self.folder) / "notes.txt"


def fact_of(lane: str, number: int) -> Fact:
    """A fact such as a store records in that lane."""
    if lane == Lane.PICKUP:
        return Fact(f"orders/S-{number}", PickingStarted(order=f"S-{number}"))
    if lane == Lane.COUPON:
        data = Offered(
            coupon=f"C{number}",
            campaign=CAMPAIGN,
            shopper="s-0",
            zone="shelf",
            expires=SystemClock().now().wall,
        )
        return Fact(f"coupons/C{number}", data)
    moved = Changed(
        gtin="8801234567893",
        on_hand=number,
        reserved=0,
        delta=1,
        reason="count",
        reference=f"count/{number}",
    )
    return Fact("articles/8801234567893", moved)


@dataclass
class Notes:
    """A file of lines; each is whole, also when the process is killed."""

    file: int

    def say(self, line: str) -> None:
        os.write(self.file, f"{line}\n".encode())


class NothingComesDown:
    """The link's inbox of a store that follows nothing."""

    async def positions(self) -> InboxPositions:
        return InboxPositions(0, {})

    async def command(self, command: Command) -> None:
        raise NotImplementedError(command.type)

    async def delta(self, delta: Delta) -> None:
        return

    async def snapshot(
        self,
        stream: str,
        version: int,
        items: Sequence[msgspec.Raw],
        buckets: Sequence[int] | None = None,
    ) -> None:
        return

    async def buckets(self, stream: str) -> Sequence[str]:
        return []


class NoKeys:
    """The link's keyring of a store without people."""

    minted = 0

    async def untold(self, limit: int) -> Sequence[PersonKey]:
        return []

    async def told(self, keys: Sequence[str]) -> None:
        return


@dataclass
class Timed:
    """The log, with a note of how long the hub took to acknowledge each pickup fact."""

    log: Any
    notes: Notes
    waiting_since: deque[tuple[int, float]] = field(default_factory=deque)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - the log's own
        return getattr(self.log, name)

    async def acknowledge(self, epoch: int, cursors: Mapping[str, int]) -> None:
        now = asyncio.get_running_loop().time()
        while self.waiting_since and self.waiting_since[0][0] <= cursors.get(Lane.PICKUP, 0):
            self.notes.say(f"acknowledged {now - self.waiting_since.popleft()[1]:.6f}")
        await self.log.acknowledge(epoch, cursors)


async def produce(
    storage: Storage, timed: Timed, lane: str, per_s: float, enough: asyncio.Event
) -> None:
    """Record, wait for the COMMIT, note the id, and go on until it is enough."""
    loop, clock = asyncio.get_running_loop(), SystemClock()
    number, due = 0, loop.time()
    while not enough.is_set():
        number, due = number + 1, due + 1 / per_s
        fact, now, begun = fact_of(lane, number), clock.now(), loop.time()
        recorded = await storage.run(lambda tx: tx.record(fact, now))  # noqa: B023 - awaited here
        assert recorded is not None
        timed.notes.say(f"told {lane} {recorded.id}")
        if lane == Lane.PICKUP:
            timed.waiting_since.append((recorded.sequence, begun))
        await asyncio.sleep(max(0.0, due - loop.time()))


async def run(station: Station) -> None:
    """Record and hand over, for ever."""
    clock = SystemClock()
    file = os.open(station.notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    async with open_storage(station.database, gateway=station.gateway, clock=clock) as storage:
        timed = Timed(storage.log, Notes(file))
        link = Link(
            broker=Broker(
                host="127.0.0.1",
                port=station.broker,
                client_id=f"{station.store}/{station.gateway}",
                mqtt5=station.mqtt5,
                keepalive_s=station.keepalive_s,
                tls=Tls(ca=Path(station.ca)) if station.ca else None,
            ),
            store=station.store,
            gateway=station.gateway,
            agent_version="0.1.0",
            boot=storage.boot,
            outbox=timed,
            inbox=NothingComesDown(),
            keyring=NoKeys(),
            clock=clock,
            random=Random(7),  # noqa: S311 - jitter
            longest_wait_s=0.2,
        )
        enough = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(ENOUGH, enough.set)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(Dispatcher(storage, [], clock).run(), name="dispatcher")
            tasks.create_task(link.run(), name="link")
            for lane, per_s in station.rates.items():
                tasks.create_task(produce(storage, timed, lane, per_s, enough), name=lane)


async def fill(station: Station, count: int, lane: str) -> None:
    """Put `count` facts of `lane` into the log: a store's week without its hub."""
    clock = SystemClock()

    def many(tx: Tx, start: int) -> None:
        for number in range(start, min(start + A_UNIT, count)):
            tx.record(fact_of(lane, number), clock.now())

    async with open_storage(station.database, gateway=station.gateway, clock=clock) as storage:
        for start in range(0, count, A_UNIT):
            await storage.run(lambda tx: many(tx, start))  # noqa: B023 - awaited here


A_UNIT = 2000
"""Facts of one unit of work while a log is filled."""


def main() -> None:
    """The program."""
    config = Path(sys.argv[1]).read_bytes()
    asyncio.run(run(msgspec.json.decode(config, type=Station)))


if __name__ == "__main__":
    main()
