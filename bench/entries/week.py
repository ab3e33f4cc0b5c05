"""Memory over a simulated week: 20,000 new addresses each day, and some shoppers among them."""

import sys
from pathlib import Path
from typing import Any, Final

from bench.harness import Contender, Effort, Measure, measured, working

TITLE: Final = "A week of strangers"

ADDRESSES: Final = 20_000
SIGHTINGS: Final = 3
"""Of each, so that the table of an adapter is full before the first day ends."""

DAYS, FULL_DAYS = 2, 7


def measure(effort: Effort) -> list[Measure]:
    """Resident memory after the last day above that after the first; once, for it repeats."""
    days = FULL_DAYS if effort.full else DAYS
    request = {"days": days, "addresses": ADDRESSES, "sightings": SIGHTINGS}
    with working(Contender("aisle_week", Path(sys.executable))) as worker:
        found: dict[str, Any] = worker.ask(run=request)
    return [
        measured(
            f"growth of resident memory over {days} days, 20,000 addresses each",
            [found["growth_mib"]],
            unit="MiB",
            to_reach="below 20",
            note=", ".join(f"{each:.0f}" for each in found["resident_mib"]) + " MiB after each day",
        )
    ]
