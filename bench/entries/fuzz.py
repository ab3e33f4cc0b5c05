"""Random and mutated adverts through the radio's ear: exceptions and growth."""

import sys
from pathlib import Path
from typing import Any, Final

from bench.harness import Contender, Effort, Measure, measured, working

TITLE: Final = "Fuzzed adverts"

ADVERTS, ALL_ADVERTS = 400_000, 10_000_000


def measure(effort: Effort) -> list[Measure]:
    """Once: a run is as good as its number of adverts."""
    adverts = ALL_ADVERTS if effort.full else ADVERTS
    with working(Contender("aisle_fuzz", Path(sys.executable))) as worker:
        found: dict[str, Any] = worker.ask(run={"adverts": adverts, "seed": 1})
    raised = found["raised"]
    return [
        measured(
            f"exceptions from {adverts:,} random and mutated adverts",
            [float(sum(raised.values()))],
            unit="",
            to_reach="none",
            note="; ".join(raised) or f"{found['decoded']:,} frames, {found['ignored']:,} ignored",
        ),
        measured(
            "growth of resident memory after the first 200,000",
            [found["growth_mib"]],
            unit="MiB",
            to_reach="none",
        ),
    ]
