"""A survey's two files: the journal that grows with each spot, and the survey made of it.

The journal stands beside the survey as `<name>.journal`; each line is on the disk before its spot
counts, so that a dead phone, battery or program costs the spot that was running and no other.
"""

import gzip
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from edge_agent.kernel.errors import AisleError
from edge_agent.survey.model import Recorded


class BadJournal(AisleError):
    """The journal of an earlier run cannot be gone on with."""


class _Added(msgspec.Struct, frozen=True, tag="spot"):
    spot: Recorded


class _Deleted(msgspec.Struct, frozen=True, tag="deleted"):
    id: int


_LINE = msgspec.json.Decoder(_Added | _Deleted)


class Journal:
    """The spots of one survey, added and deleted line by line."""

    def __init__(self, file: Path) -> None:
        """`file` need not exist."""
        self.file = file

    def read(self) -> Sequence[Recorded]:
        """The spots that stand.

        A last line without its end was being written when the power went: it is left out.

        Raises:
            BadJournal: another line cannot be read.
        """
        if not self.file.exists():
            return []
        spots: dict[int, Recorded] = {}
        whole, _, _ = self.file.read_bytes().rpartition(b"\n")
        for number, text in enumerate(whole.splitlines(), 1):
            try:
                line = _LINE.decode(text)
            except (msgspec.MsgspecError, UnicodeDecodeError) as err:
                msg = f"{self.file}:{number}: {err}; move the file away to begin a new survey"
                raise BadJournal(msg) from err
            if isinstance(line, _Added):
                spots[line.spot.id] = line.spot
            else:
                spots.pop(line.id, None)
        self._drop_torn_end(len(whole))
        return list(spots.values())

    def add(self, spot: Recorded) -> None:
        """Keep a spot; it is on the disk on return."""
        self._write(_Added(spot))

    def delete(self, spot: int) -> None:
        """Take a spot back; on the disk on return."""
        self._write(_Deleted(spot))

    def _write(self, line: _Added | _Deleted) -> None:
        with self.file.open("ab") as file:
            file.write(msgspec.json.encode(line) + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def _drop_torn_end(self, whole: int) -> None:
        kept = whole + 1 if whole else 0
        if self.file.stat().st_size > kept:
            with self.file.open("r+b") as file:
                file.truncate(kept)


def write_survey(file: Path, spots: Iterable[Recorded]) -> None:
    """Write what `[presence] survey` reads; an old one stands until the new one is whole."""
    encoder = msgspec.json.Encoder()
    lines = [
        encoder.encode({"x": spot.at.x, "y": spot.at.y, "receiver": receiver, "rssi": values})
        for spot in spots
        for receiver, values in sorted(spot.rssi.items())
    ]
    temporary = file.with_name(file.name + ".new")
    with temporary.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
            packed.writelines(line + b"\n" for line in lines)
        raw.flush()
        os.fsync(raw.fileno())
    temporary.replace(file)
