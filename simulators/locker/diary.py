"""The bank's own account of what moved, against which the product's account is judged."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

Movement = Literal["unlock_received", "unlatched", "opened", "closed", "goods_in", "goods_out"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to one door.

    Attributes:
        t: seconds on the machine's monotonic clock, comparable between processes of one boot.
        door: from 1.
    """

    t: float
    event: Movement
    door: int


class Diary:
    """Writes entries as JSON lines, each at once, and tells whoever watches."""

    def __init__(self, file: TextIO | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._clock = clock
        self._watchers: list[Callable[[Entry], None]] = []

    def watch(self, watcher: Callable[[Entry], None]) -> None:
        """`watcher` is called with each entry after it was written."""
        self._watchers.append(watcher)

    def note(self, event: Movement, door: int) -> None:
        """Write down `event` at the present moment."""
        entry = Entry(round(self._clock(), 6), event, door)
        if self._file is not None:
            line = {"t": entry.t, "event": entry.event, "door": entry.door}
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()
        for watcher in self._watchers:
            watcher(entry)


def read(file: Path) -> list[Entry]:
    """All whole entries; a line that a killed simulator left half written is left out."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    return [Entry(**json.loads(line)) for line in lines if line.endswith("\n")]
