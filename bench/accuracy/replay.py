"""Cases through the live estimator: what `edge-agent locate` does, many recordings side by side.

Each case is a beacon of its own, all in one room at once; a line's place in the queue is the time
at which a replay of its case alone would have read it.
"""

import heapq
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.accuracy.cases import BEACON, Case, Keep
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
    made: list[list[Decision]] = [[] for _ in cases]
    for line in _merged(cases, variant.keep):
        try:
            decisions = replay.take(line)
        except BadLine:
            continue
        for decision in decisions:
            made[int(decision.beacon)].append(decision)
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


def _merged(cases: Sequence[Case], keep: Keep) -> Iterator[Line]:
    queues = [_queue(index, case, keep) for index, case in enumerate(cases)]
    for _, _, line in heapq.merge(*queues, key=lambda queued: queued[:2]):
        yield line


def _queue(index: int, case: Case, keep: Keep) -> Iterator[tuple[float, int, Line]]:
    now = 0.0
    for heard in case.lines:
        now = max(now, heard.at)
        if keep(heard.at, heard.receiver):
            yield now, index, Line(heard.at, heard.receiver, str(index), heard.rssi)
