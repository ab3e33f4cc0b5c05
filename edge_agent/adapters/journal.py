"""Which commands a device has taken, on disk before anything moves.

One JSON line when a command is taken, one when it is settled, each fsynced. A command whose
second line is missing was cut short: it may have moved something, so it is never tried again.
"""

import fcntl
import json
import os
from contextlib import ExitStack
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from edge_agent.devices.messages import Outcome

KEPT = 10_000
"""Commands remembered: a month of a bank that opens 300 times a day, under 1 MB. The agent asks
again for a result within minutes, so an id can be forgotten long after nobody sends it."""


class JournalProblem(Exception):
    """The journal cannot be used; the adapter must not open anything without it."""


class Journal:
    """The commands of one bank, held by one process at a time; open within `with`.

    Its methods wait for the disk: call the writing ones off the event loop.
    """

    def __init__(self, folder: Path, bank: str) -> None:
        """Nothing is opened yet; `folder` is made when missing."""
        self._folder = folder
        self._file = folder / f"{bank}.journal"
        self._lock_file = folder / f"{bank}.lock"
        self._outcomes: dict[str, Outcome | None] = {}
        self._lines = 0
        self._log: FileIO | None = None
        self._resources = ExitStack()

    def __enter__(self) -> Self:
        """Take the lock and read; raises `JournalProblem`."""
        with ExitStack() as opening:
            opening.callback(self._close)
            try:
                self._folder.mkdir(parents=True, exist_ok=True)
                lock = opening.enter_context(FileIO(self._lock_file, "a"))
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._outcomes = self._read()
                self._rewrite()
            except BlockingIOError as err:
                text = f"{self._lock_file}: another adapter runs this bank"
                raise JournalProblem(text) from err
            except OSError as err:
                text = f"{self._file}: {err.strerror}"
                raise JournalProblem(text) from err
            self._resources = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._resources.__exit__(kind, error, trace)

    def __contains__(self, command_id: str) -> bool:
        return command_id in self._outcomes

    def outcome(self, command_id: str) -> Outcome | None:
        """What became of a command; None when it is unknown or was cut short."""
        return self._outcomes.get(command_id)

    def take(self, command_id: str) -> None:
        """Write down, durably, that `command_id` is about to be carried out."""
        self._append(command_id, None)

    def settle(self, command_id: str, outcome: Outcome) -> None:
        """Write down what became of `command_id`."""
        self._append(command_id, outcome)

    def _append(self, command_id: str, outcome: Outcome | None) -> None:
        self._outcomes[command_id] = outcome
        if self._lines >= 4 * KEPT or self._log is None:
            self._rewrite()
            return
        self._log.write(_line(command_id, outcome))
        os.fsync(self._log)
        self._lines += 1

    def _read(self) -> dict[str, Outcome | None]:
        """All whole lines. A torn last one was never durable: nothing had moved for it."""
        outcomes: dict[str, Outcome | None] = {}
        content = self._file.read_bytes() if self._file.exists() else b""
        *whole, _ = content.split(b"\n")
        for number, line in enumerate(whole, start=1):
            try:
                entry = json.loads(line)
                outcomes[entry["id"]] = Outcome(entry["outcome"]) if entry["outcome"] else None
            except (ValueError, KeyError, TypeError) as err:
                text = f"{self._file}:{number}: damaged; move the file away to start anew"
                raise JournalProblem(text) from err
        return outcomes

    def _rewrite(self) -> None:
        """Write the youngest `KEPT` commands to a new file and put it in the old one's place."""
        for old in list(self._outcomes)[:-KEPT]:
            del self._outcomes[old]
        fresh = self._file.with_suffix(".new")
        log = FileIO(fresh, "w")
        log.write(b"".join(_line(*entry) for entry in self._outcomes.items()))
        os.fsync(log)
        fresh.replace(self._file)
        _sync_folder(self._folder)
        self._close()
        self._log = log
        self._lines = len(self._outcomes)

    def _close(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None


def _line(command_id: str, outcome: Outcome | None) -> bytes:
    return json.dumps({"id": command_id, "outcome": outcome}).encode() + b"\n"


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
