"""How far each store has been told of its commands and streams, since its last hello.

In the database, so that any worker may tell any store, one at a time by a lease. What is told twice
does no harm (a store knows its sequences and versions), and what was told to nobody is asked for or
named in the next hello; so neither a lease nor a wake-up need be perfect.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cloud_bridge.hub import commands, streams
from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.snapshots import Snapshots
from cloud_bridge.wire.messages import Hello
from cloud_bridge.wire.streams.orders import STREAM as COMMANDS

LEASE = timedelta(seconds=10)
"""A worker that was killed while it told a store keeps others from it for so long; one that lives
publishes what one lease covers in milliseconds."""


@dataclass(slots=True)
class Owed:
    """What a store has not been told yet.

    Attributes:
        session: the hello from which that counts.
        commands: the last command sequence among the messages, or that before.
        versions: by stream, the version at which it will be.
        messages: (stream, payload), in the order in which they are due.
    """

    session: str
    commands: int
    versions: dict[str, int] = field(default_factory=dict)
    messages: list[tuple[str, bytes]] = field(default_factory=list)


async def begin(tx: Tx, store: str, hello: Hello) -> None:
    """A store has said how far it is: from there it is told, whoever was at it before."""
    await tx.execute(
        "INSERT INTO told (store, session, commands) VALUES ($1, $2, $3) ON CONFLICT (store)"
        " DO UPDATE SET session = $2, commands = $3, leased_by = '', lease_until = ''",
        store,
        hello.id,
        hello.commands,
    )
    await tx.execute("DELETE FROM told_stream WHERE store = $1", store)
    present = await streams.versions(tx, store)
    held = []
    for name in present.keys() & hello.streams.keys():
        version, said = hello.streams[name], hello.digests.get(name)
        if said is not None and await streams.is_unlike(tx, store, name, version, said):
            version = streams.UNLIKE
        held.append((store, name, version))
    await tx.many("INSERT INTO told_stream VALUES ($1, $2, $3)", held)


async def owed(tx: Tx, store: str, kept: Snapshots | None = None) -> Owed:
    """What is to be told next to a store that has said hello."""
    row = await tx.row("SELECT * FROM told WHERE store = $1", store)
    assert row is not None  # noqa: S101 - `behind` named it, and no row ever goes
    found = await commands.above(tx, store, row["commands"])
    next_up = Owed(row["session"], found[-1][0] if found else row["commands"])
    next_up.messages = [(COMMANDS, payload) for payload in commands.messages(found)]
    rows = await tx.rows("SELECT stream, version FROM told_stream WHERE store = $1", store)
    told = {each["stream"]: each["version"] for each in rows}
    for stream, version in (await streams.versions(tx, store)).items():
        held = told.get(stream, 0)
        if held != version:
            next_up.versions[stream] = version
            missing = await streams.missing(tx, store, stream, held, kept)
            next_up.messages += [(stream, payload) for payload in missing]
    return next_up


async def lease(tx: Tx, store: str, worker: str, now: datetime) -> bool:
    """Whether `worker` may tell the store now."""
    got = await tx.execute(
        "UPDATE told SET leased_by = $1, lease_until = $2"
        " WHERE store = $3 AND (leased_by = $1 OR lease_until < $4)",
        worker,
        stamp(now + LEASE),
        store,
        stamp(now),
    )
    return bool(got)


async def record(tx: Tx, store: str, worker: str, told: Owed) -> None:
    """`told` has gone out; the lease ends. A hello that came meanwhile has the last word."""
    mine = await tx.execute(
        "UPDATE told SET commands = $1, leased_by = '', lease_until = ''"
        " WHERE store = $2 AND session = $3 AND leased_by = $4",
        told.commands,
        store,
        told.session,
        worker,
    )
    if mine:
        await tx.many(
            "INSERT INTO told_stream VALUES ($1, $2, $3)"
            " ON CONFLICT (store, stream) DO UPDATE SET version = excluded.version",
            [(store, stream, version) for stream, version in told.versions.items()],
        )


async def behind(tx: Tx, store: str | None = None) -> list[str]:
    """The stores that have said hello and were not told all, in any order; `store` alone, if so."""
    rows = await tx.rows(
        "SELECT told.store FROM told JOIN command_counter ON command_counter.store = told.store"
        " WHERE told.commands < command_counter.last"
        " AND (CAST($1 AS TEXT) IS NULL OR told.store = $1)"
        " UNION SELECT told.store FROM told"
        " JOIN stream_version ON stream_version.store = told.store"
        " LEFT JOIN told_stream ON told_stream.store = told.store"
        " AND told_stream.stream = stream_version.stream"
        " WHERE coalesce(told_stream.version, 0) <> stream_version.version"
        " AND (CAST($1 AS TEXT) IS NULL OR told.store = $1)",
        store,
    )
    return [row["store"] for row in rows]
