"""The hub: its real intake over a database in memory, in a process that may end at any COMMIT."""

import sqlite3
from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

import msgspec
from typing_extensions import override

from cloud_bridge.hub import commands, streams, told
from cloud_bridge.hub.database import Database, Tx, Work
from cloud_bridge.hub.database.schema import migrate
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete
from cloud_bridge.hub.intake import Intake
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.hub.snapshots import Snapshots
from cloud_bridge.wire.envelope import Event, gateway_source
from cloud_bridge.wire.messages import Change
from cloud_bridge.wire.topics import FromStore
from tests.faults.simulation.disk import KIND, POISON
from tests.faults.simulation.world import World

R = TypeVar("R")

STORE = "store-1"

LOOK_S = 10.0
"""`cloud_bridge.hub.teller.LOOK_S` is 2 s; here most of that would be looking at nothing."""

Listener = Callable[[str, bytes], None]
"""Hears a stream's name and a payload."""

_HAPPENED = (
    "CREATE TABLE happened (id TEXT NOT NULL, count INTEGER NOT NULL, fenced INTEGER NOT NULL)"
)


class HubCrashed(Exception):
    """The hub's process has ended; an open transaction is gone."""


class _Counted(msgspec.Struct, frozen=True):
    count: int


class Memory(Database):
    """A database in memory, whose process may end before a COMMIT, and after.

    What is a transaction elsewhere is a savepoint here, in one transaction for the whole story.
    """

    shared = False

    def __init__(self, world: World) -> None:
        self._world = world
        self.connection = _empty_hub()
        self.tx = SqliteTx(self.connection)

    @override
    async def run(self, work: Work[R]) -> R:
        self.connection.execute("SAVEPOINT unit")
        try:
            result = await work(self.tx)
        except BaseException:
            self._undo()
            raise
        self.commit()
        return result

    def _undo(self) -> None:
        self.connection.execute("ROLLBACK TO unit")
        self.connection.execute("RELEASE unit")

    def commit(self) -> None:
        if self._world.chance(self._world.weather.crash):
            self._undo()
            raise HubCrashed
        self.connection.execute("RELEASE unit")
        if self._world.chance(self._world.weather.crash):
            raise HubCrashed

    @override
    async def read(self, work: Work[R]) -> R:
        return await work(self.tx)

    @override
    async def scrub(self) -> bool:
        return True


class Hub:
    """One hub. `listeners` are the gateways that have been connected to the broker, by name."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.listeners: dict[str, Listener] = {}
        self.database = self.make_database()
        self._up = True
        self._intake = self._new_intake()

    def make_database(self) -> Memory:
        return Memory(self.world)

    def _new_intake(self) -> Intake:
        effects = {KIND: _happened, POISON: _never}
        return Intake(self.database, effects, lambda: self.world.wall, Snapshots())

    # The process

    def crash(self) -> None:
        self.world.tell("hub: crashes")
        self._up = False
        self.world.after(self.world.random.uniform(0, 5), self._start)

    def _start(self) -> None:
        if self._up:
            return
        self._up, self._intake = True, self._new_intake()
        self._do(self._ask_hello)

    def _ask_hello(self) -> None:
        self._say(complete(self._intake.asks_hello(STORE)).messages)

    def _do(self, action: Callable[[], None]) -> None:
        if not self._up:
            return
        try:
            action()
        except HubCrashed:
            self.crash()

    # Up

    def hear(self, source: FromStore, payload: bytes) -> None:
        self._do(lambda: self.take(source, payload))

    def take(self, source: FromStore, payload: bytes) -> None:
        """Commit, and only then answer."""
        reply = complete(self._intake.take(source, payload))
        self._say(reply.messages)
        if reply.behind:
            self._catch_up()

    # Down

    def command(self, command_id: str) -> None:
        """The retailer gives an order to the store."""
        self._do(lambda: self._publish(lambda tx: self._append(tx, command_id)))

    async def _append(self, tx: Tx, command_id: str) -> None:
        await commands.append(
            tx,
            STORE,
            command_id=command_id,
            kind="hub.test.v1",
            subject="things/1",
            data={},
            now=self.world.wall,
        )

    def change(self, stream: str, changes: list[Change]) -> None:
        """The retailer changes what the store should hold."""
        self._do(lambda: self._publish(lambda tx: streams.change(tx, STORE, stream, changes)))

    def _publish(self, work: Work[object]) -> None:
        complete(self.database.run(work))
        self._catch_up()

    def look(self) -> None:
        """From time to time: who has not been told all."""
        self._do(self._catch_up)
        self.world.after(LOOK_S, self.look)

    def _catch_up(self) -> None:
        """What `Teller` does when it is poked."""
        while complete(told.behind(self.database.tx, STORE)):
            lease = partial(told.lease, store=STORE, worker="hub", now=self.world.wall)
            if not complete(self.database.run(lease)):
                return
            owed = complete(told.owed(self.database.tx, STORE))
            self._say(owed.messages)
            complete(self.database.run(partial(told.record, store=STORE, worker="hub", told=owed)))

    def _say(self, messages: list[tuple[str, bytes]]) -> None:
        """To whoever is connected: all gateways of a store hear the same topics."""
        for stream, payload in messages:
            what = f"hub {stream} {payload[:200]!r}"
            for listener in self.listeners.values():
                self.world.send(what, partial(listener, stream, payload))


async def _happened(tx: Tx, store: str, event: Event, _now: str) -> None:
    """The effect of a fact. Nothing keeps it from being written twice, or for who does not lead."""
    row = await tx.row("SELECT epoch, gateway FROM store WHERE store = $1", store)
    assert row is not None
    leads = (event.epoch, event.source) == (row["epoch"], gateway_source(store, row["gateway"]))
    count = msgspec.json.decode(event.data, type=_Counted).count
    await tx.execute("INSERT INTO happened VALUES ($1, $2, $3)", event.id, count, int(not leads))


async def _never(_tx: Tx, _store: str, event: Event, _now: str) -> None:
    """The effect of a fact that the hub cannot take."""
    msg = f"{event.id} is poison"
    raise ValueError(msg)


def _empty_hub() -> sqlite3.Connection:
    """One for all stories of a process, one after the other: what the last one wrote is undone.

    To migrate one anew, or only to prepare its statements, takes as long as a story.
    """
    connection = _migrated()
    if connection.in_transaction:
        connection.execute("ROLLBACK")
    connection.execute("BEGIN")
    return connection


@cache
def _migrated() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    tx = SqliteTx(connection)
    complete(migrate(tx, "sqlite"))
    complete(stores.add(tx, STORE))
    connection.execute(_HAPPENED)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection
