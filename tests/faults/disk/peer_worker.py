"""thingsboard-gateway's SQLite storage at a steady rate: its own class with its own defaults.

Runs in the peers' environment (`bench.peers`). Notes ``kept N`` when `put` has said True to message
N, as the gateway's connectors take it, and ``error`` for each line that it logs as one. Ends with
``done``; then stops cleanly once its input is closed.
"""

import argparse
import logging
import os
import sys
import threading
import time
from pathlib import Path

from thingsboard_gateway.storage.sqlite.sqlite_event_storage import (  # type: ignore[import-not-found]  # only in the peers' environment
    SQLiteEventStorage,
)
from typing_extensions import override

from tests.faults.disk.writelog import NOTES


class Listening(logging.Handler):
    """Notes what the gateway would tell its operator."""

    def __init__(self, notes: int) -> None:
        super().__init__(logging.ERROR)
        self._notes = notes

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Count it; the text is not kept."""
        del record
        os.write(self._notes, b"error\n")


class Logger(logging.Logger):
    """A logger with the level that the gateway adds."""

    def trace(self, *_: object, **__: object) -> None:
        """Say nothing."""


def main() -> None:
    """Put `rate` messages a second for `seconds`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("directory", type=Path)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    chosen = parser.parse_args()
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    notes = os.open(chosen.directory / NOTES, flags, 0o600)
    logger = Logger("storage")
    logger.addHandler(Listening(notes))
    config = {"data_file_path": f"{chosen.directory}/"}
    storage = SQLiteEventStorage(config, logger, threading.Event())
    start = time.monotonic()
    for number in range(1, int(chosen.rate * chosen.seconds) + 1):
        time.sleep(max(0.0, start + number / chosen.rate - time.monotonic()))
        word = "kept" if storage.put(f'{{"unit": {number}, "note": "{"x" * 200}"}}') else "refused"
        os.write(notes, f"{word} {number}\n".encode())
        if number % 1000 == 0:
            print(number, flush=True)  # noqa: T201 - the parent waits for it
    print("done", flush=True)  # noqa: T201 - likewise
    sys.stdin.read()
    storage.stop()


main()
