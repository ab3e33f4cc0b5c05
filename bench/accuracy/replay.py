"""Cases through the live estimator: what `edge-agent locate` does, many recordings side by side.

Each case is a beacon of its own, all in one room at once; a line's place in the queue is the time
at which a replay of its case alone would have read it. All begin in the same moment, so that their
ticks fall together and are reckoned together: that is what makes it quick.
"""

import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from bench.accuracy.cases import BEACON, Case, Heard, Keep
from edge_agent.replay import BadLine, Decision, Line, Replay
from edge_agent.site import load_site


class Variant(NamedTuple):
    """How a site is replayed: with its survey or without, and which sightings were heard."""

    zoning: str
    survey: Path | None
    keep: Keep = lambda _at, _receiver: True


def replay(directory: Path, variant: Variant, cases: Sequence[Case]) -> list[list[Decision]]:
    """The decisions of each case."""
    site = load_site(directory / f"site_{variant.zoning}.toml")
    survey = site.survey(variant.survey)
    replay = Replay(site.floor, site.policy, survey.points if survey else (), origin=site.origin)
    queues = [[heard for heard in case.lines if variant.keep(*heard[:2])] for case in cases]
    starts = [queue[0].at if queue else 0.0 for queue in queues]
    made: list[list[Decision]] = [[] for _ in cases]
    for line in _merged(queues, starts):
        try:
            decisions = replay.take(line)
        except BadLine:
            continue
        for decision in decisions:
            index = int(decision.beacon)
            made[index].append(replace(decision, t=decision.t + starts[index]))
    return made


def write(directory: Path, case: Case, decisions: Sequence[Decision]) -> None:
    """Keep decisions where the judge's tool looks for them."""
    path = directory / case.kind / f"{case.name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(_row(each)) + "\n" for each in decisions))


def _row(decision: Decision) -> dict[str, Any]:
    return {
        "t": decision.t,
        "beacon": BEACON,
        "zone": decision.zone,
        "x": decision.x,
        "y": decision.y,
        "confidence": decision.confidence,
    }


def _merged(queues: Sequence[Sequence[Heard]], starts: Sequence[float]) -> Iterator[Line]:
    cases = [
        _queue(str(index), queue, start)
        for index, (queue, start) in enumerate(zip(queues, starts, strict=True))
    ]
    for _, line in heapq.merge(*cases, key=lambda queued: queued[0]):
        yield line


def _queue(name: str, queue: Sequence[Heard], start: float) -> Iterator[tuple[float, Line]]:
    now = 0.0
    for heard in queue:
        now = max(now, heard.at - start)
        yield now, Line(heard.at - start, heard.receiver, name, heard.rssi)
