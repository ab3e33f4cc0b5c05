"""Cases from `../shared/data/ble_tetam`: sightings with the truth of where the tag was.

`../shared/tools` cuts the cases out of the recordings and scores decisions; both are the judge's,
so nothing here cleans, sorts or scores by itself.
"""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.harness import ROOT

SHARED: Final = ROOT.parent / "shared"
DATA: Final = SHARED / "data/ble_tetam"
ZONINGS: Final = ("q4", "z9")
BEACON: Final = "tag"

Keep = Callable[[float, str], bool]
"""Whether a sighting at this time, of this receiver, was heard at all."""


@dataclass(frozen=True, slots=True)
class Case:
    """One recording: its kind (`static`, `walk`, `visit_<zoning>`), its name and its lines."""

    kind: str
    name: str
    lines: list[dict[str, Any]]


def there() -> bool:
    """Whether the recordings are on this machine."""
    return (DATA / "set_1.parquet").exists()


def cut(directory: Path) -> None:
    """Write sites, survey and cases into `directory`."""
    subprocess.run(
        [sys.executable, str(SHARED / "tools/zone_cases.py"), str(DATA), str(directory)],
        check=True,
    )


def cases(directory: Path, *kinds: str) -> list[Case]:
    """The cases of these kinds, in the order of their names."""
    return [
        Case(kind, path.name.split(".")[0], list(_lines(path)))
        for kind in kinds
        for path in sorted((directory / kind).glob("*.sightings.jsonl.gz"))
    ]


def truth(directory: Path, case: Case) -> list[dict[str, Any]]:
    """Where the tag was, line by line."""
    return list(_lines(directory / case.kind / f"{case.name}.truth.jsonl.gz"))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") as file:
        yield from map(json.loads, file)
