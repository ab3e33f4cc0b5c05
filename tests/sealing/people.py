"""A fact about somebody, and a store that seals it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cloud_bridge.wire.facts.coupons import Redeemed
from cloud_bridge.wire.facts.shoppers import Paused
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.facts import ClockQuality, Fact, RecordedFact
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, open_storage
from tests.storage.support import START, HandClock

ANNA, BEN = "aNNa-pseudonym", "bEn-pseudonym"


def paused(shopper: str = ANNA) -> Fact:
    return Fact(f"shoppers/{shopper}", Paused(shopper=shopper))


def redeemed(shopper: str = ANNA) -> Fact:
    data = Redeemed(
        coupon="C0FFEE",
        campaign="autumn",
        shopper=shopper,
        till="1",
        receipt="R-7",
        discount=500,
        currency="KRW",
    )
    return Fact("coupons/C0FFEE", data)


@asynccontextmanager
async def sealing_store(
    path: Path, *joined: str, clock: Clock | None = None
) -> AsyncIterator[tuple[Storage, PersonKeys]]:
    """A store whose log is sealed, with a key for each who has `joined`."""
    keys = PersonKeys()
    async with open_storage(
        path,
        gateway="gw-1",
        clock=clock or HandClock(),
        quality=lambda: ClockQuality.SYNCED,
        sealer=keys,
    ) as storage:
        for shopper in joined:
            await mint(storage, keys, shopper)
        yield storage, keys


async def mint(storage: Storage, keys: PersonKeys, shopper: str = ANNA) -> str:
    return await storage.run(lambda tx: keys.mint(tx, shopper))


async def destroy(storage: Storage, keys: PersonKeys, shopper: str = ANNA) -> str | None:
    return await storage.run(lambda tx: keys.destroy(tx, shopper))


async def record(storage: Storage, fact: Fact) -> RecordedFact | None:
    return await storage.run(lambda tx: tx.record(fact, START))


async def in_log(storage: Storage) -> list[RecordedFact]:
    """The log as a page sees it: opened where it can be."""
    facts = await storage.log.above(0, 1000)
    return await storage.view(lambda reads: [storage.sealer.open(reads, one) for one in facts])


def on_disk(database: Path) -> bytes:
    """Every byte of the database and of what lies beside it."""
    return b"".join(file.read_bytes() for file in sorted(database.parent.glob(f"{database.name}*")))
