"""What a hub does when the whole fleet comes back from an outage: 10, 100 and 1,000 stores.

Each store has gone on with its day while it was cut off; they come back within two minutes, as the
link's jitter spreads them. The hub is one process on SQLite.
"""

from typing import Any, Final

from bench.cloud import Cloud, cloud, fleet, own_disk
from bench.harness import Effort, Measure, measured

TITLE: Final = "A fleet comes back"

FLEETS: Final = (10, 100, 1000)
RATE: Final = 0.4
"""Facts a second and store, in the day's average (`facts/sync.md`)."""

BACKLOG: Final = 150
"""Facts that wait in each store: some six minutes without the cloud."""

OUTAGE_S, RETURN_S = 20, 120


def measure(effort: Effort) -> list[Measure]:
    """A fleet of each size, once: it is minutes long, and a curve rather than a number."""
    sizes = FLEETS if effort.full else FLEETS[:2]
    return [line for stores in sizes for line in _of(stores)]


def _of(stores: int) -> list[Measure]:
    with own_disk() as folder, cloud(folder, str(folder / "hub.db"), stores=stores) as hub:
        before = hub.cpu_s
        reports = fleet(
            hub.broker_port,
            *("--stores", str(stores), "--backlog", str(BACKLOG), "--rate", str(RATE)),
            *("--outage", str(OUTAGE_S), "--return", str(RETURN_S), "--seconds", "900"),
        )
        return _lines(stores, reports, hub, hub.cpu_s - before)


def _lines(stores: int, reports: list[dict[str, Any]], hub: Cloud, cpu_s: float) -> list[Measure]:
    back = [report for report in reports if report["phase"] == "returning"]
    slow = [report["bulk_ms"][1] for report in back if report["bulk_ms"]]
    given = reports[-1]["rates"]
    rates = f"rates of {given[1]:g} to {given[2]:g} facts/s handed out" if given else "no rate"
    facts = reports[-1]["acknowledged"]
    took = back[-1]["at"] - back[0]["at"]
    busiest = max(report["per_second"] for report in reports)
    what = f"{stores} stores"
    return [
        measured(
            f"{what}: all drained after",
            [took],
            unit="s",
            to_reach=f"soon after the {RETURN_S} s of return",
            note=rates,
        ),
        measured(f"{what}: busiest second", [busiest], unit="facts/s", to_reach="its own"),
        measured(
            f"{what}: the hub's answer, worst second's p99",
            [max(slow, default=0.0)],
            unit="ms",
            to_reach="it keeps answering",
        ),
        measured(
            f"{what}: the hub's processor per 1,000 facts",
            [1000 * cpu_s / facts],
            unit="s",
            to_reach="the same for all",
        ),
        measured(f"{what}: the hub's memory", [hub.memory_mb], unit="MB", to_reach="bounded"),
    ]
