"""What the fault suite has measured, one file for each name in ``results/``."""

import datetime as dt
from pathlib import Path
from typing import Final

import msgspec

RESULTS: Final = Path(__file__).parent / "results"


class Result(msgspec.Struct, frozen=True):
    """One test's figures, or one of a peer.

    Attributes:
        seed: that gives the same run again.
        test: pytest's id of it, or the program that made it.
        figures: by name; `tests.faults.table` puts them into sentences.
    """

    name: str
    date: dt.date
    seed: int
    test: str
    figures: dict[str, float]


def keep(name: str, *, seed: int, test: str, figures: dict[str, float]) -> None:
    """Put a result in place of the last one of its name."""
    RESULTS.mkdir(exist_ok=True)
    result = Result(name, dt.datetime.now(dt.UTC).date(), seed, test, figures)  # noqa: TID251 - the day of the run, for a table
    text = msgspec.json.format(msgspec.json.encode(result), indent=2)
    (RESULTS / f"{name}.json").write_bytes(text + b"\n")


def kept() -> dict[str, Result]:
    """The results, by name."""
    results = (
        msgspec.json.decode(file.read_bytes(), type=Result) for file in RESULTS.glob("*.json")
    )
    return {result.name: result for result in results}
