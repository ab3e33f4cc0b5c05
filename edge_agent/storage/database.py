"""Opening and closing the store's database, and the one object that stands for it."""

import asyncio
import fcntl
import secrets
import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import (
    asynccontextmanager,
    closing,
    contextmanager,
    suppress,
)
from functools import partial
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeVar

from edge_agent.kernel.clock import Clock
from edge_agent.kernel.facts import ClockQuality
from edge_agent.kernel.files import sync_folder
from edge_agent.storage.answers import RECALL, Answer, answer_in
from edge_agent.storage.boots import note_boot
from edge_agent.storage.clock_quality import clock_quality, machine_boot
from edge_agent.storage.errors import StorageFailed, StorageInUse, StorageUnavailable, WrongGateway
from edge_agent.storage.life import KEEP_EVERY_S, begin_life, keep_position, life_file
from edge_agent.storage.log import FactLog
from edge_agent.storage.migrations import SCHEMA, migrate, steps_in
from edge_agent.storage.readers import BUSY_MS, Readers, Snapshots, open_readers
from edge_agent.storage.reads import Reads
from edge_agent.storage.recovery import recovered_if_damaged
from edge_agent.storage.relief import Relief
from edge_agent.storage.restored import leave_epoch
from edge_agent.storage.sealing import NoSealer, Sealer
from edge_agent.storage.statements import Params
from edge_agent.storage.suspicion import WatchedTides, telling_damage
from edge_agent.storage.tide import Tides
from edge_agent.storage.unit import Admission, Unlimited, Work
from edge_agent.storage.witness import Witness, mind_what_is_missing
from edge_agent.storage.writer import Writer

R = TypeVar("R")

STATEMENTS_CACHED: Final = 512
"""All the SQL of all rooms, so that no unit parses a statement twice."""

WAL_BYTES_KEPT: Final = 16 * 1024 * 1024
"""A WAL that a slow reader let grow is cut back to this at the next checkpoint."""


class Storage:
    """The store's database: units of work on one writer, short reads beside it.

    Attributes:
        log: the fact log.
        boot: random id of this process start.
        sealer: opens facts that a view or a unit of work has read.
    """

    def __init__(
        self,
        writer: Writer,
        readers: Readers,
        snapshots: Snapshots,
        tides: Tides,
        *,
        boot: str,
        sealer: Sealer,
        life: Path,
    ) -> None:
        self._life = life
        self._writer = writer
        self._readers = readers
        self._snapshots = snapshots
        self._tides = tides
        self.sealer = sealer
        self.log = FactLog(writer, readers, tides)
        self.boot = boot

    def run(self, work: Work[R], *, urgent: bool = False) -> Coroutine[Any, Any, R]:
        """Do `work` on the writer's thread; what it returns is durable when this returns.

        It is done at once. Where it records facts for which nobody waits (`unit.is_prompt`) its
        COMMIT may wait for company, `open_storage` says how long; not when it is `urgent`.

        A `work` that raises is undone alone and raises here. Once handed over a unit runs to its
        end, also when the caller is cancelled meanwhile. Waits while `writer.MOST_QUEUED` units
        are ahead.

        Raises:
            StorageUnavailable: nothing was kept; it may succeed later.
            StorageFailed: nothing will be kept until the agent is restarted; whether this was is
                known then. What is asked for again must carry its key.
        """
        return self._writer.run(work, "urgent" if urgent else "usual")

    async def ride(self, work: Work[R]) -> R:
        """As `run`, but its COMMIT may wait for company also when it records nothing.

        For what the storage does about itself; a prompt fact is not held up by it.
        """
        return await self._writer.run(work, "rides")

    async def read(self, sql: str, params: Params = ()) -> list[sqlite3.Row]:
        """All rows of one SELECT over what is committed; for pages, never for decisions."""
        return await self._readers.read(sql, params)

    async def view(self, look: Callable[[Reads], R]) -> R:
        """What `look` finds in one snapshot of what is committed; for pages that join rooms."""
        return await self._snapshots.view(look)

    async def recall(self, key: str, body_hash: str) -> Answer | None:
        """The answer kept for an Idempotency-Key.

        Raises:
            KeyReused: it was given to another body.
        """
        rows = await self.read(RECALL, (key,))
        return answer_in(tuple(rows[0]) if rows else None, body_hash)

    async def keep_life(self) -> None:
        """Note beside the database how far it has come, for ever; the last word is said at the end.

        Raises:
            StorageFailed: storage was closed or has failed.
        """
        noted = 0
        while True:
            noted = await self._tides.position.above(noted)
            await asyncio.to_thread(keep_position, self._life, noted)
            await asyncio.sleep(KEEP_EVERY_S)

    @property
    def generation(self) -> int:
        """Groups committed since the start."""
        return self._tides.generation.level

    async def changed(self, since: int) -> int:
        """Wait until something was committed after generation `since`; return the generation.

        Raises:
            StorageFailed: storage was closed or has failed.
        """
        return await self._tides.generation.above(since)


@asynccontextmanager
async def open_storage(
    path: Path,
    *,
    gateway: str,
    clock: Clock,
    schema: Traversable = SCHEMA,
    quality: Callable[[], ClockQuality] | None = None,
    sealer: Sealer | None = None,
    admission: Admission | None = None,
    relief: Relief | None = None,
    company_s: float = 0.0,
    machine: str | None = None,
) -> AsyncIterator[Storage]:
    """Open the database at `path`, made if missing; at the end commit what was handed over.

    Args:
        path: the file; ``-wal``, ``-shm``, ``.lock`` and ``.life`` lie beside it.
        gateway: whose log this is.
        clock: the machine's.
        schema: folder of the schema files.
        quality: how far the wall clock can be trusted; asked once per group.
        sealer: seals what is recorded about people; without one the log is in the open.
        admission: keeps lanes within their share of the disk; without one all are taken.
        relief: what is done when the disk is full; without one nothing is.
        machine: the id of the machine's boot; the kernel's own where it is None.
        company_s: how long a COMMIT for which nobody waits may wait for others to join it.

    Raises:
        StorageInUse: another process writes it.
        StorageUnavailable: the disk is full.
        StorageFailed: the disk fails, or the database was found damaged just now.
        NoRoomToRecover: it is damaged, and the disk has no room for what can be read of it.
        SchemaMismatch: it was made by other schema files.
        WrongGateway: it is another gateway's.
    """
    with locked(path), closing(Witness(path)) as witness:
        if relief is not None:
            relief.before_opening()
        recover = partial(recovered_if_damaged, gateway=gateway, schema=schema)
        with _telling_trouble(path), telling_damage(path):
            await asyncio.to_thread(recover, path, now=clock.now().wall)
            connection = await asyncio.to_thread(_open_connection, path, gateway, schema, witness)
        boot = secrets.token_hex(8)
        sealer = sealer or NoSealer()
        tides = WatchedTides(path)
        writer = Writer(
            connection,
            boot=boot,
            sealer=sealer,
            admission=admission or Unlimited(),
            clock_quality=quality or partial(clock_quality, clock),
            company_s=company_s,
            tides=tides,
            on_commit=witness.note,
            on_full=relief.full if relief else _nothing,
        )
        tides.start_at(writer.head.position)
        writer.start()
        try:
            await writer.run(leave_epoch)
            this = machine_boot() if machine is None else machine
            with suppress(StorageUnavailable):  # facts of this start have a wall time only
                await writer.run(lambda tx: note_boot(tx, this))
            async with open_readers(path) as readers:
                with closing(Snapshots(path)) as snapshots:
                    yield Storage(
                        writer,
                        readers,
                        snapshots,
                        tides,
                        boot=boot,
                        sealer=sealer,
                        life=life_file(path),
                    )
        finally:
            tides.end(StorageFailed("storage is closed"))
            await writer.close()
            await asyncio.to_thread(keep_position, life_file(path), writer.head.position)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file beside `path`; the kernel lets go of it when the process dies."""
    with path.with_name(f"{path.name}.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            msg = f"{path.name} is in use: another edge agent writes it; stop that one first"
            raise StorageInUse(msg) from err
        yield


@contextmanager
def _telling_trouble(path: Path) -> Iterator[None]:
    """Around opening.

    Raises:
        StorageUnavailable: the disk is full.
        StorageFailed: the disk does not do what is asked of it.
    """
    try:
        yield
    except (sqlite3.OperationalError, OSError) as err:
        if getattr(err, "sqlite_errorcode", 0) == sqlite3.SQLITE_FULL:
            msg = f"{path.name} cannot be opened: the disk is full; free some space"
            raise StorageUnavailable(msg) from err
        msg = f"{path.name} cannot be opened: {err}; is the disk full, read-only or failing?"
        raise StorageFailed(msg) from err


def _open_connection(
    path: Path, gateway: str, schema: Traversable, witness: Witness
) -> sqlite3.Connection:
    path.touch(mode=0o600)  # names of customers; SQLite gives -wal and -shm the same mode
    connection = sqlite3.connect(
        path,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=STATEMENTS_CACHED,
    )
    try:
        connection.row_factory = sqlite3.Row
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # who withdraws is gone from the disk too
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
        migrate(connection, steps_in(schema))
        _claim(connection, gateway)
        begin_life(connection, life_file(path))
        mind_what_is_missing(connection, witness)
        sync_folder(path.parent)  # SQLite passes over a failure of its own: a -wal without a name
    except BaseException:
        connection.close()
        raise
    return connection


def _nothing(_connection: sqlite3.Connection) -> None:
    """A full disk is left to whoever fills it."""


def _claim(connection: sqlite3.Connection, gateway: str) -> None:
    connection.execute("INSERT OR IGNORE INTO log VALUES (1, ?, 0, 0, 0)", (gateway,))
    (owner,) = connection.execute("SELECT gateway FROM log").fetchone()
    if owner != gateway:
        msg = f"this database is the log of gateway {owner!r}, not of {gateway!r}"
        raise WrongGateway(msg)
