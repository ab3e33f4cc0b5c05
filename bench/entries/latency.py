"""From the advert that decides to the zone fact in the log, in real time, 5,000 sightings a second.

What decides is the shopper's last advert before the turn that says it. A fact is in the log when a
reader of the database sees it. Beyond the group commit is all but the time between handing over the
unit of work that records it and that unit's return.
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
    commits, beyond = ([_p99(run[name]) for run in found] for name in ("commit_ms", "beyond_ms"))
    facts = sum(run["facts"] for run in found)
    return [
        measured("the group commit, p99", commits, unit="ms", to_reach="the disk's"),
        measured(
            "from the advert that decides to the log, beyond it, p99",
            beyond,
            unit="ms",
            to_reach="at most 10",
            note=f"{facts} facts",
        ),
    ]


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]
