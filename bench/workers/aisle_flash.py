"""What Aisle's storage writes to the disk for a store's usual mix of facts.

Each fact has a state row; the dispatcher runs a flow on a third of them; what is committed is
acknowledged as an idle link does it. The clock runs `SPEED` times as fast: so many times the facts
a second, and that part of the wait for company, so that as many facts meet in a group as would.
What is counted is `write_bytes` of /proc/self/io: pages handed to the disk by WAL and checkpoints.
"""

import asyncio
import datetime as dt
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any, Final

from bench.workers.stdio import serve
from bench.workers.stock_take import SAVE, count, line
from cloud_bridge.wire.facts.coupons import Offered, Redeemed
from cloud_bridge.wire.facts.mirrors import ItemShown
from cloud_bridge.wire.facts.pickup import Arrived
from cloud_bridge.wire.facts.presence import ZoneEntered
from edge_agent.kernel.clock import Instant, SystemClock
from edge_agent.kernel.facts import Fact, RecordedFact
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, Tx, open_storage
from edge_agent.storage.dispatcher import Dispatcher, Flow

CLOCK = SystemClock()
SHOPPER = "s-7f3a"
EXPIRES = dt.datetime(2026, 12, 24, tzinfo=dt.UTC)

PER_S: Final = 20
SPEED: Final = 10

HUB_S: Final = 0.015
"""From a commit to the hub's acknowledgement on an idle link."""

MIX: Final = {
    "presence": 15_000,
    "stock": 12_000,
    "mirror": 5_000,
    "offered": 2_000,
    "redeemed": 1_000,
    "pickup": 720,
}
"""Facts of a store and day (facts/sync.md); a third of the coupons' are redemptions (assumed)."""

URGENT: Final = frozenset({"mirror"})
"""The mirror shows what it has been given; a pickup and a redemption are prompt by themselves."""


def fact_of(kind: str, number: int) -> Fact:
    """The fact, of that kind, with that number."""
    gtin, *_ = line(number)
    coupon = f"c-{number}"
    match kind:
        case "presence":
            return Fact(
                f"shoppers/{SHOPPER}", ZoneEntered(shopper=SHOPPER, zone="shoes", confidence=0.93)
            )
        case "mirror":
            return Fact("mirrors/m-1", ItemShown(mirror="m-1", session=coupon, gtin=gtin))
        case "offered":
            return Fact(
                f"coupons/{coupon}",
                Offered(
                    coupon=coupon, campaign="sale", shopper=SHOPPER, zone="shoes", expires=EXPIRES
                ),
            )
        case "redeemed":
            return Fact(
                f"coupons/{coupon}",
                Redeemed(
                    coupon=coupon,
                    campaign="sale",
                    shopper=SHOPPER,
                    till="t-1",
                    receipt=coupon,
                    discount=500,
                    currency="EUR",
                ),
            )
        case "pickup":
            return Fact(f"orders/W-{number}", Arrived(order=f"W-{number}", by="presence"))
        case _:
            return count(number)


async def record(storage: Storage, kind: str, number: int) -> None:
    """One unit of work of the mix."""
    fact = fact_of(kind, number)

    def work(tx: Tx) -> None:
        tx.execute(SAVE, line(number))
        tx.record(fact, CLOCK.now())

    await storage.run(work, urgent=kind in URGENT)


async def acknowledge(storage: Storage) -> None:
    """The hub's word for each commit, one at a time."""
    position = 0
    while True:
        position = await storage.log.beyond(position)
        state = await storage.log.state()
        for name in ("mirror", "presence"):
            await storage.log.handed(name, state.lanes[name].next_sequence - 1)
        await asyncio.sleep(HUB_S / SPEED)
        cursors = {name: lane.next_sequence - 1 for name, lane in state.lanes.items()}
        await storage.log.acknowledge(state.epoch, cursors)


async def pace(storage: Storage, facts: int, chance: Random) -> None:
    """Record `facts` facts of the mix, at random moments, `PER_S` times `SPEED` a second."""
    due = monotonic()
    async with asyncio.TaskGroup() as group:
        for number in range(facts):
            due += chance.expovariate(PER_S * SPEED)
            await asyncio.sleep(max(0.0, due - monotonic()))
            (kind,) = chance.choices(list(MIX), list(MIX.values()))
            group.create_task(record(storage, kind, number))


def follow(tx: Tx, fact: RecordedFact, _now: Instant) -> None:
    """What a flow does: a row of another room."""
    tx.execute(SAVE, line(fact.position))


async def measure(request: dict[str, Any]) -> dict[str, float]:
    """Bytes written per fact and facts per commit, with groups open for `company_s`.

    Until the database is closed: what is left in the WAL is written once more then.
    """
    facts = request["facts"]
    path, keys = Path(request["directory"]) / "aisle.sqlite", PersonKeys()
    async with open_storage(
        path,
        gateway="bench",
        clock=CLOCK,
        sealer=keys,
        company_s=request["company_s"] / SPEED,
    ) as storage:
        await storage.run(lambda tx: keys.mint(tx, SHOPPER))
        await storage.log.renumber(1)
        before, groups = written(), storage.generation
        await follow_and_pace(storage, facts)
        groups = storage.generation - groups
    return {"bytes": (written() - before) / facts, "together": facts / groups}


async def follow_and_pace(storage: Storage, facts: int) -> None:
    """The load, with the log's two readers at work until it is through."""
    flow = Flow("shelf", "store.stock.changed.v1", 3600.0, follow)
    async with asyncio.TaskGroup() as group:
        readers = [
            group.create_task(Dispatcher(storage, [flow], CLOCK).run()),
            group.create_task(acknowledge(storage)),
        ]
        await pace(storage, facts, Random(7))  # noqa: S311 - a repeatable mix, no secret
        for reader in readers:
            reader.cancel()


def written() -> int:
    """Bytes that this process has had written to a disk so far (proc(5))."""
    lines = Path("/proc/self/io").read_text(encoding="utf-8").splitlines()
    return int(dict(line.split(": ") for line in lines)["write_bytes"])


serve(lambda _: None, lambda request: asyncio.run(measure(request)))
