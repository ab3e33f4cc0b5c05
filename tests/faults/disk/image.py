"""A disk as a power cut may leave it, from the log of what was written and synced.

The model is POSIX at its least: what a file holds is certain up to its last successful sync, its
name up to the last sync of its directory. Later writes are there or not, each by itself; the last
may be torn between two sectors. After a sync that failed, what it should have brought down is gone
for good, whatever a later sync says (Linux marks the pages clean).
"""

import random
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Final

from tests.faults.disk.writelog import (
    CREATED,
    EMPTIED,
    NOTES,
    RENAMED,
    SIZED,
    SYNC_FAILED,
    SYNCED,
    UNLINKED,
    Op,
)

SECTOR: Final = 512
"""What a disk writes whole or not at all (SQLite's own assumption)."""


class Cut(StrEnum):
    """What becomes of what was not synced."""

    KEPT = "kept"
    """All of it is there: the process was killed, the machine was not."""
    DROPPED = "dropped"
    SUBSET = "subset"
    TORN = "torn"


class _File:
    """One inode: what is certain, and what came after."""

    def __init__(self) -> None:
        self.certain = bytearray()
        self.pending: list[Op] = []

    def sync(self) -> None:
        for op in self.pending:
            _apply(self.certain, op)
        self.pending.clear()

    def with_some(self, kept: Iterable[Op]) -> bytearray:
        content = bytearray(self.certain)
        for op in kept:
            _apply(content, op)
        return content


def _apply(content: bytearray, op: Op) -> None:
    if op.kind == EMPTIED:
        content.clear()
    elif op.kind == SIZED:
        del content[op.offset :]
        content.extend(bytes(op.offset - len(content)))
    else:
        content.extend(bytes(max(0, op.offset - len(content))))
        content[op.offset : op.offset + len(op.data)] = op.data


class Disk:
    """The watched directory, as far as the log was replayed.

    Attributes:
        notes: what the program had noted by then.
    """

    def __init__(self) -> None:
        self.notes = b""
        self._names: dict[str, _File] = {}
        self._certain_names: dict[str, _File] = {}
        self._renaming: list[Op] = []
        self._files_of: list[_File] = []
        self._latest: Op | None = None

    def replay(self, op: Op) -> None:
        """Take the next operation of the log."""
        if op.path == NOTES:
            self.notes += op.data
        elif op.path.endswith(("-shm", ".lock")):
            pass  # memory of a process that is gone; nothing reads it after a crash
        elif op.kind in (CREATED, UNLINKED, RENAMED):
            self._rename(op)
        elif op.path not in self._names:
            self._sync_names(op)  # a directory
        else:
            self._change(self._names[op.path], op)

    def image(self, cut: Cut, chance: random.Random) -> dict[str, bytes]:
        """The files as they may stand there after the machine stops now."""
        names = self._names_after(cut, chance)
        likely = chance.choice((0.1, 0.5, 0.9))  # of a write to have been brought down by then
        content = {}
        for name, file in sorted(names.items()):
            content[name] = bytes(file.with_some(self._kept(file, cut, likely, chance)))
        return content

    def _kept(self, file: _File, cut: Cut, likely: float, chance: random.Random) -> list[Op]:
        match cut:
            case Cut.KEPT:
                return file.pending
            case Cut.DROPPED:
                return []
            case Cut.SUBSET:
                return [op for op in file.pending if chance.random() < likely]
            case Cut.TORN:
                return [_torn(op, chance) if op is self._latest else op for op in file.pending]

    def _rename(self, op: Op) -> None:
        file = _File() if op.kind == CREATED else self._names[op.path]
        _rename(self._names, op, file)
        self._renaming.append(op)
        self._files_of.append(file)

    def _sync_names(self, op: Op) -> None:
        if op.kind == SYNCED:
            self._certain_names = dict(self._names)
        self._renaming.clear()
        self._files_of.clear()

    def _change(self, file: _File, op: Op) -> None:
        if op.kind == SYNCED:
            file.sync()
        elif op.kind == SYNC_FAILED:
            file.pending.clear()
        else:
            file.pending.append(op)
            self._latest = op

    def _names_after(self, cut: Cut, chance: random.Random) -> dict[str, _File]:
        """Names come and go in order (journals keep it), so that what is kept is a prefix."""
        if cut in (Cut.KEPT, Cut.TORN):
            return self._names
        names = dict(self._certain_names)
        kept = 0 if cut is Cut.DROPPED else chance.randint(0, len(self._renaming))
        for op, file in zip(self._renaming[:kept], self._files_of, strict=False):
            _rename(names, op, file)
        return names


def _rename(names: dict[str, _File], op: Op, file: _File) -> None:
    if op.kind != CREATED:
        names.pop(op.path, None)
    if op.kind != UNLINKED:
        names[op.data.decode() if op.kind == RENAMED else op.path] = file


def _torn(op: Op, chance: random.Random) -> Op:
    """The sectors up to some boundary, the boundary counted from the file's beginning."""
    first = -op.offset % SECTOR
    boundaries = [0, *range(first, len(op.data), SECTOR), len(op.data)]
    return op._replace(data=op.data[: chance.choice(boundaries)])


def lay_out(image: dict[str, bytes], directory: Path) -> None:
    """Write the files into an empty `directory`."""
    directory.mkdir(parents=True)
    for name, content in image.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
