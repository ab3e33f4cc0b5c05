"""A worker: takes what stores send, beside the hub that also serves pages. `cloud-hub worker`."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from cloud_bridge.hub.bridge import Bridge
from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.database import Database, PostgresServer, open_database
from cloud_bridge.hub.effects import EFFECTS
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.hub.settings import Settings


async def run_worker(settings: Settings) -> None:
    """Take what stores send until SIGTERM or Ctrl-C, one of any number of processes.

    Raises:
        HubError: the database cannot be had or belongs to one process, or the broker shares no
            subscriptions.
    """
    if not isinstance(settings.database, PostgresServer):
        msg = (
            f"{settings.database} is a SQLite file, which belongs to the one process of `cloud-hub"
            ' run`; further workers need `database = "postgresql://user@host/name"`'
        )
        raise HubError(msg)
    stop = stop_signal()
    async with open_database(settings.database) as database:
        await serve_stores(database, settings)
        alone = settings.shared_subscription is False
        bridge = bridge_of(settings, database, lambda: None, shared=not alone)
        with first_reason():
            async with asyncio.TaskGroup() as tasks:
                working = tasks.create_task(bridge.run(), name="hub bridge")
                await stop.wait()
                working.cancel()


def bridge_of(
    settings: Settings,
    database: Database,
    changed: Callable[[], None],
    *,
    shared: bool | None = None,
) -> Bridge:
    """The bridge of the settings; `shared` where these do not say."""
    said = settings.shared_subscription
    return Bridge(
        database=database,
        broker=settings.broker,
        stores=frozenset(settings.stores),
        effects=EFFECTS,
        clock=system_clock,
        random=Random(),  # noqa: S311 - jitter, not a secret
        changed=changed,
        root=settings.root,
        shared=shared if said is None else said,
        group=settings.keys.group,
    )


async def serve_stores(database: Database, settings: Settings) -> None:
    """See that the database knows every store."""
    for store in settings.stores:
        await database.run(partial(stores.add, store=store))


def stop_signal() -> asyncio.Event:
    """Set by SIGTERM and Ctrl-C."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)
    return stop


@contextlib.contextmanager
def first_reason() -> Iterator[None]:
    """What the hub foresaw, out of the groups of the tasks that it ended.

    Raises:
        HubError: the first of them.
    """
    try:
        yield
    except BaseExceptionGroup as group:
        reason: BaseException | None = group.subgroup(HubError)
        while isinstance(reason, BaseExceptionGroup):
            reason = reason.exceptions[0]
        if reason is None:
            raise
        raise reason from group
