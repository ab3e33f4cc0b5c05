"""Facts made durable per second, beside SQLite by itself and another gateway's storage.

Ours counts a fact when its unit of work, which also saves a state row, has returned: after COMMIT
and fsync. SQLite by itself writes the same two rows into the same schema. The other gateway writes
its message alone.
"""

import sys
from pathlib import Path
from statistics import median
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

KILL_AFTER_S: Final = 2.0
"""Long enough for thousands of commits of either."""

RAW: Final = "SQLite by itself"

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
            sealed(ours, raw, effort.runs),
            *beside(ours, raw, other, load(1, FACTS_OF_ONE, 1), effort.runs),
            waited(ours, raw, effort.runs),
            lost(ours, other, effort.runs),
        ]


def load(producers: int, facts: int, group: int) -> Request:
    """What one run asks for."""
    return {"producers": producers, "facts": facts, "group": group, "personal": False}


def sealed(ours: Worker, raw: Worker, runs: int) -> Figure:
    """Ours when every fact is about a person, and sealed with their key."""
    request = load(MANY, FACTS_OF_MANY, GROUP)
    found = rates(
        [
            lambda: on_fresh_disk(ours, request | {"personal": True}),
            lambda: on_fresh_disk(raw, request),
        ],
        runs,
    )
    what = f"{MANY} producers, each fact about a person"
    note = f"groups of {GROUP}, which it does not seal"
    return figure(what, RAW, (found[0], found[1]), unit="facts/s", note=note)


def waited(ours: Worker, raw: Worker, runs: int) -> Figure:
    """What one producer waits for: one fact in the median time."""
    request = load(1, FACTS_OF_ONE, 1)
    found = rates([lambda: median_wait(ours, request), lambda: median_wait(raw, request)], runs)
    what = "1 producer, by its median wait"
    return figure(what, RAW, (found[0], found[1]), unit="facts/s", note="one fact a commit")


def lost(ours: Worker, other: Worker, runs: int) -> Figure:
    """Of what was acknowledged, what is gone when the process is killed."""
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for shares, worker in zip(found, (ours, other), strict=True):
            after = on_fresh_disk(worker, {"kill_after_s": KILL_AFTER_S})
            shares.append(
                100 * max(0, after["acknowledged"] - after["kept"]) / after["acknowledged"]
            )
    mine, theirs = median(found[0]), median(found[1])
    return Figure(
        what=f"lost of what was acknowledged, SIGKILL after {KILL_AFTER_S:g} s flat out",
        unit="%",
        peer=version_of("thingsboard-gateway"),
        ours=mine,
        theirs=theirs,
        ratio=mine / theirs if theirs else 1.0,
        ours_runs=found[0],
        theirs_runs=found[1],
        note="less is better",
    )


def median_wait(worker: Worker, request: Request) -> Done:
    """One fact, in the median time of a run."""
    return {"done": 1, "seconds": on_fresh_disk(worker, request)["p50"]}


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
        (RAW, f"groups of {request['group']}, synchronous FULL"): bare,
        (gateway, "its COMMIT, which does not wait for the disk"): committed,
        (gateway, "its answer, the fact queued in memory"): acknowledged,
    }
    return [
        figure(what, peer, (our, their), unit="facts/s", note=note)
        for (peer, note), their in beside_them.items()
    ]


def on_fresh_disk(worker: Worker, request: Request) -> Any:  # noqa: ANN401 - JSON, as asked
    """One run in an empty directory of the project's own disk (the system's may be memory)."""
    home = ROOT / "var"
    home.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=home) as directory:
        return worker.ask(run=request | {"directory": directory})
