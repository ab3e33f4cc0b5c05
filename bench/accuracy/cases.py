"""Cases from `../shared/data/ble_tetam`: sightings with the truth of where the tag was.

`../shared/tools` cuts the cases out of the recordings and scores decisions; both are the judge's,
so nothing here cleans, sorts or scores by itself.
"""

import gzip
import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

from bench.harness import ROOT

SHARED: Final = ROOT.parent / "shared"
DATA: Final = SHARED / "data/ble_tetam"
ZONINGS: Final = ("q4", "z9")
BEACON: Final = "tag"

Keep = Callable[[float, str], bool]
"""Whether a sighting at this time, of this receiver, was heard at all."""


class Heard(NamedTuple):
    """A sighting: seconds, receiver, dBm."""

    at: float
    receiver: str
    rssi: float


@dataclass(frozen=True, slots=True)
class Case:
    """One recording: its kind (`static`, `walk`, `visit_<zoning>`), its name and its lines."""

    kind: str
    name: str
    lines: list[Heard]


def there() -> bool:
    """Whether the recordings are on this machine."""
    return (DATA / "set_1.parquet").exists()


def cut(directory: Path) -> None:
    """Write sites, survey and cases into `directory`."""
    tool("zone_cases").main(DATA, directory)


def tool(name: str) -> ModuleType:
    """A program of `../shared/tools`, as a module."""
    path = SHARED / f"tools/{name}.py"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        msg = f"{path} is no Python file"
        raise FileNotFoundError(msg)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cases(directory: Path, *kinds: str) -> list[Case]:
    """The cases of these kinds, in the order of their names."""
    return [
        Case(kind, path.name.split(".")[0], [_heard(row) for row in _lines(path)])
        for kind in kinds
        for path in sorted((directory / kind).glob("*.sightings.jsonl.gz"))
    ]


def truth(directory: Path, case: Case) -> list[dict[str, Any]]:
    """Where the tag was, line by line."""
    return list(_lines(directory / case.kind / f"{case.name}.truth.jsonl.gz"))


def _heard(row: dict[str, Any]) -> Heard:
    return Heard(row["t"], sys.intern(row["receiver"]), row["rssi"])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as file:
        yield from map(json.loads, file)
