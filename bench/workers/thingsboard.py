"""thingsboard-gateway's SQLite storage, its own class with its own defaults.

`put` answers when the message stands in a queue in memory; a thread writes the queue to SQLite
(WAL, synchronous NORMAL: COMMIT does not wait for the disk). "on disk" here counts from COMMIT,
which is in its favour.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from thingsboard_gateway.storage.sqlite.sqlite_event_storage import (  # type: ignore[import-not-found]  # only in the peers' environment
    SQLiteEventStorage,
)

from bench.workers.killed import killed
from bench.workers.stdio import serve

MESSAGE = (
    '{"deviceName":"s-7f3a","deviceType":"shopper","telemetry":[{"ts":1795000000000,'
    '"values":{"type":"store.presence.zone_entered.v1","zone":"shoes","confidence":0.93}}]}'
)

POLL_S = 0.002


class Quiet(logging.Logger):
    """A logger with the level that the gateway adds, saying nothing."""

    def trace(self, *_: object, **__: object) -> None:
        """Say nothing."""


@contextmanager
def storing(directory: str) -> Iterator[SQLiteEventStorage]:
    """The gateway's storage on a fresh database."""
    config = {"data_file_path": f"{directory}/"}
    storage = SQLiteEventStorage(config, Quiet("storage"), threading.Event())
    try:
        yield storage
    finally:
        storage.stop()


def record(request: dict[str, Any]) -> dict[str, float]:
    """Put `facts` messages from `producers` threads; time until answered, or committed."""
    producers, share = request["producers"], request["facts"] // request["producers"]
    facts = share * producers
    with storing(request["directory"]) as storage:

        def produce() -> None:
            for _ in range(share):
                if not storage.put(MESSAGE):
                    raise RuntimeError("refused")

        threads = [threading.Thread(target=produce) for _ in range(producers)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        acknowledged = time.perf_counter() - started
        wait_for_rows(Path(request["directory"]) / "data.db", facts)
        committed = time.perf_counter() - started
    seconds = committed if request["committed"] else acknowledged
    return {"done": facts, "seconds": seconds, "p50": seconds / facts}


def wait_for_rows(path: Path, count: int) -> None:
    """Until `count` rows are committed, as a second connection sees it."""
    with closing(sqlite3.connect(path)) as connection:
        while connection.execute("SELECT coalesce(max(id), 0) FROM messages").fetchone()[0] < count:
            time.sleep(POLL_S)


def lose(request: dict[str, Any]) -> dict[str, int]:
    """Put messages flat out, be killed, and see what is left."""
    path = Path(request["directory"]) / "data.db"

    def put(acknowledged: Callable[[], None]) -> None:
        with storing(request["directory"]) as storage:
            while storage.put(MESSAGE):
                acknowledged()

    count = killed(put, request["kill_after_s"])
    with closing(sqlite3.connect(path)) as connection:
        (kept,) = connection.execute("SELECT coalesce(max(id), 0) FROM messages").fetchone()
    return {"acknowledged": count, "kept": kept}


serve(lambda _: None, lambda request: (lose if "kill_after_s" in request else record)(request))
