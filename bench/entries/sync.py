"""From the stores into the hub's database, through the broker, beside the database by itself.

Eight simulated stores with a backlog; every fact counts when the hub's own acknowledgement has
arrived at its store. The database by itself gets the same facts as batches taken apart before.
"""

import sys
from pathlib import Path
from typing import Final

from bench.cloud import cloud, fleet, own_disk, postgres_url
from bench.harness import Contender, Done, Effort, Figure, Worker, figure, rates, working

TITLE: Final = "Stores to hub"

STORES: Final = 8
FACTS: Final = 8_000
"""Of each store: some ten seconds, of which the fleet's reports cut off one."""


def measure(effort: Effort) -> list[Figure]:
    """SQLite with one process, PostgreSQL with one and with two."""
    with working(Contender("hub_store", Path(sys.executable))) as alone:
        through, bare = rates([_sqlite, lambda: _sqlite_alone(alone)], effort.runs)
        one, two, server = rates(
            [lambda: _postgresql(1), lambda: _postgresql(2), lambda: _postgresql_alone(alone)],
            effort.runs,
        )
    unit = "facts/s"
    return [
        figure(
            f"{STORES} stores, SQLite",
            "the database alone",
            (through, bare),
            unit=unit,
            note="to reach .4",
        ),
        figure(
            f"{STORES} stores, PostgreSQL",
            "the database alone",
            (one, server),
            unit=unit,
            note="to reach .4",
        ),
        figure(
            f"{STORES} stores, PostgreSQL, two workers",
            "one worker",
            (two, one),
            unit=unit,
            note="to reach 1.4",
        ),
    ]


def _sqlite() -> Done:
    with own_disk() as folder:
        return _drain(folder, str(folder / "hub.db"), 1)


def _sqlite_alone(worker: Worker) -> Done:
    with own_disk() as folder:
        return _alone(worker, str(folder / "hub.db"))


def _postgresql(workers: int) -> Done:
    with own_disk() as folder, postgres_url() as url:
        return _drain(folder, url, workers)


def _postgresql_alone(worker: Worker) -> Done:
    with postgres_url() as url:
        return _alone(worker, url)


def _alone(worker: Worker, database: str) -> Done:
    done: Done = worker.ask(run={"stores": STORES, "facts": FACTS, "database": database})
    return done


def _drain(folder: Path, database: str, workers: int) -> Done:
    with cloud(folder, database, stores=STORES, workers=workers) as hub:
        options = ("--stores", str(STORES), "--backlog", str(FACTS), "--rate", "0")
        reports = fleet(hub.broker_port, *options, "--seconds", "300")
    busy = [report for report in reports if report["per_second"]]
    return Done(done=sum(report["per_second"] for report in busy), seconds=_spread(busy))


def _spread(busy: list[dict[str, float]]) -> float:
    """Seconds over which the facts of `busy` went in: of the first and last report only a part.

    A report's share of its second is what its rate is of the middle ones'.
    """
    middle = [report["per_second"] for report in busy[1:-1]] or [busy[0]["per_second"]]
    usual = sum(middle) / len(middle)
    return len(busy[1:-1]) + sum(
        min(1.0, report["per_second"] / usual) for report in (busy[0], *busy[1:][-1:])
    )
