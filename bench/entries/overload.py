"""Presence offered twice what it takes between two turns, then what a full store has."""

import sys
from pathlib import Path
from typing import Any, Final

from bench.harness import Contender, Effort, Measure, measured, working

TITLE: Final = "Overload"

SECONDS: Final = 5.0


def measure(effort: Effort) -> list[Measure]:
    """What is shed, how old what is kept becomes, and that it is over when it is over."""
    with working(Contender("aisle_overload", Path(sys.executable))) as worker:
        found: list[dict[str, Any]] = [
            worker.ask(run={"seconds": SECONDS}) for _ in range(effort.runs)
        ]
    over, usual = [run["over"] for run in found], [run["usual"] for run in found]
    return [
        measured(
            "offered",
            [each["offered"] / each["seconds"] for each in over],
            unit="a second",
            to_reach=f"60,000: twice {found[0]['most_per_s']:,.0f}",
        ),
        measured(
            "shed and counted",
            [100 * each["shed"] / each["offered"] for each in over],
            unit="%",
            to_reach="what is above the rule",
            note="an older sighting of the same beacon and receiver, never the newest",
        ),
        measured(
            "the oldest position meanwhile",
            [1000 * each["oldest_s"] for each in over],
            unit="ms",
            to_reach="two turns and a tick: 600",
        ),
        measured(
            "shed at 5,000 a second right after it",
            [float(each["shed"]) for each in usual],
            unit="sightings",
            to_reach="none",
        ),
    ]
