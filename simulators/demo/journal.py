"""The simulators' own account of what happened: JSON lines, written at once."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO


class Journal:
    """One file of events; `t` is seconds on the machine's monotonic clock."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._readers: list[Callable[[str, Mapping[str, Any]], None]] = []

    def watch(self, reader: Callable[[str, Mapping[str, Any]], None]) -> None:
        """`reader(event, what)` is called with every line after it was written."""
        self._readers.append(reader)

    def note(self, event: str, **what: Any) -> None:  # noqa: ANN401 - whatever the event has
        """Write `event` down; what it carries must be JSON."""
        line = {"t": round(time.monotonic(), 3), "event": event, **what}
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()
        for reader in self._readers:
            reader(event, what)


@contextmanager
def journal(path: Path) -> Iterator[Journal]:
    """Append to the file at `path` while inside."""
    with path.open("a", encoding="utf-8") as file:
        yield Journal(file)


def read_journal(path: Path) -> list[dict[str, Any]]:
    """All whole lines; none when nobody ever wrote."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def wall_time() -> datetime:
    """The present moment in UTC, as a person's watch would say it."""
    return datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), UTC)
