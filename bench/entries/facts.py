"""Facts made durable per second, beside SQLite by itself and another gateway's storage.

Ours counts a fact when its unit of work has returned: after COMMIT and fsync.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.harness import ROOT, Contender, Done, Effort, Figure, Worker, figure, rates, working
from bench.peers import peers_python, version_of

TITLE: Final = "Facts on disk"

MANY: Final = 256
"""Producers of the busy case: a store's sightings, tills, screens and flows at once."""

FACTS_OF_MANY: Final = 20_000
FACTS_OF_ONE: Final = 500
"""Facts of one run: about a second at the rate measured, so that five runs stay below a minute."""

GROUP: Final = 100
"""Rows per COMMIT of SQLite by itself: past that the fsync is shared out (measured)."""

Request = dict[str, Any]


def measure(effort: Effort) -> list[Figure]:
    """Many producers and one, each beside both peers."""
    here = Path(sys.executable)
    with (
        working(Contender("aisle_facts", here)) as ours,
        working(Contender("raw_sqlite", here)) as raw,
        working(Contender("thingsboard", peers_python())) as other,
    ):
        return [
            *beside(ours, raw, other, load(MANY, FACTS_OF_MANY, GROUP), effort.runs),
            *beside(ours, raw, other, load(1, FACTS_OF_ONE, 1), effort.runs),
        ]


def load(producers: int, facts: int, group: int) -> Request:
    """What one run asks for."""
    return {"producers": producers, "facts": facts, "group": group}


def beside(ours: Worker, raw: Worker, other: Worker, request: Request, runs: int) -> list[Figure]:
    """Ours, SQLite by itself, and the other gateway by both of its moments."""
    our, bare, committed, acknowledged = rates(
        [
            lambda: on_fresh_disk(ours, request),
            lambda: on_fresh_disk(raw, request),
            lambda: on_fresh_disk(other, request | {"committed": True}),
            lambda: on_fresh_disk(other, request | {"committed": False}),
        ],
        runs,
    )
    many = request["producers"] > 1
    what = f"{request['producers']} producers" if many else "1 producer"
    gateway = version_of("thingsboard-gateway")
    beside_them = {
        ("SQLite by itself", f"groups of {request['group']}, synchronous FULL"): bare,
        (gateway, "its COMMIT, which does not wait for the disk"): committed,
        (gateway, "its answer, the fact queued in memory"): acknowledged,
    }
    return [
        figure(what, peer, (our, their), unit="facts/s", note=note)
        for (peer, note), their in beside_them.items()
    ]


def on_fresh_disk(worker: Worker, request: Request) -> Done:
    """One run in an empty directory of the project's own disk (the system's may be memory)."""
    home = ROOT / "var"
    home.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=home) as directory:
        done: Done = worker.ask(run=request | {"directory": directory})
        return done
