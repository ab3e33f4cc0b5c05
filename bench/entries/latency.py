"""From the advert that decides to the zone fact in the log, in real time, 5,000 sightings a second.

A fact is in the log when a reader of the database sees it. The group commit is that of a unit of
work which writes next to nothing, timed beside.
"""

import sys
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from bench.harness import Contender, Effort, Measure, measured, working
from bench.mix import mix_file

TITLE: Final = "From the advert to the fact"

SECONDS: Final = 15.0
ONE_IN: Final = 3


def measure(effort: Effort) -> list[Measure]:
    """99 of 100 facts are faster than this."""
    request = {"mix": str(mix_file()), "share": ONE_IN, "seconds": SECONDS}
    with working(Contender("aisle_latency", Path(sys.executable))) as worker:
        found: list[dict[str, Any]] = [worker.ask(run=request) for _ in range(effort.runs)]
    commits, turns, adverts = (
        [_p99(run[name]) for run in found]
        for name in ("commit_ms", "from_turn_ms", "from_advert_ms")
    )
    beyond = [turn - commit for turn, commit in zip(turns, commits, strict=True)]
    facts = sum(run["facts"] for run in found)
    return [
        measured(
            "group commit, p99", commits, unit="ms", to_reach="the disk's", note="another's unit"
        ),
        measured(
            "from the turn that decides to the log, p99, beyond the group commit",
            beyond,
            unit="ms",
            to_reach="at most 10",
            note=f"{facts} facts; the turn takes what was heard up to its beginning",
        ),
        measured(
            "from the last advert before that turn, p99",
            adverts,
            unit="ms",
            to_reach="-",
            note="with the pause since that advert: somebody is heard every 150 ms",
        ),
    ]


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]
