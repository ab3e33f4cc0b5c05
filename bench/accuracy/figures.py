"""The measures of the accuracy page, each from the judge's own scores."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from bench.accuracy.cases import ZONINGS, Case, Keep, cases, tool, truth
from bench.accuracy.replay import Variant, replay, write
from edge_agent.replay import Decision

FOUR: Final = frozenset({"sensor10", "sensor20", "sensor30", "sensor40"})
HALF_S: Final = 300.0
"""Of the ten minutes of a point."""

BIN: Final = (0.8, 0.9)
BINS: Final = tuple((low / 10, low / 10 + 0.1) for low in range(3, 10))


@dataclass(frozen=True, slots=True)
class Scores:
    """What one way to replay scored.

    Attributes:
        by_zoning: the judge's report, by zoning.
        sure: per second of the points and walks, in both zonings: confidence, and whether right.
    """

    by_zoning: dict[str, dict[str, Any]]
    sure: list[tuple[float, bool]] = field(default_factory=list)

    def right(self, low: float, high: float) -> tuple[float | None, int]:
        """Of the decisions said with a confidence in [low, high): the share right, and how many."""
        hits = [right for confidence, right in self.sure if low <= confidence < high]
        return (statistics.fmean(hits) if hits else None), len(hits)


class Judge:
    """`../shared/tools/score_zones.py` on cases in one directory."""

    def __init__(self, directory: Path, scratch: Path) -> None:
        self._directory = directory
        self._scratch = scratch
        self._tool = tool("score_zones")
        self._runs = 0

    def everything(self, *, survey: bool) -> Scores:
        """All measures, in both zonings."""
        scores = Scores({})
        for zoning in ZONINGS:
            recorded = cases(self._directory, "static", "walk", f"visit_{zoning}")
            variant = Variant(zoning, self._directory / "survey.jsonl.gz" if survey else None)
            made, decided = self._made(variant, recorded)
            scores.by_zoning[zoning] = {
                "static": self._tool.score_static(self._directory, made, zoning),
                "walk": self._tool.score_walk(self._directory, made, zoning),
                "visit": self._tool.score_visit(self._directory, made, zoning),
            }
            for case, decisions in zip(recorded, decided, strict=True):
                if case.kind in {"static", "walk"}:
                    scores.sure.extend(self._sure(case, decisions, zoning))
        return scores

    def static(self, keep: Keep, zoning: str = "z9") -> float:
        """The accuracy on points at least 1 m from a border while only some is heard."""
        variant = Variant(zoning, self._directory / "survey.jsonl.gz", keep)
        made, _ = self._made(variant, cases(self._directory, "static"))
        return float(self._tool.score_static(self._directory, made, zoning)["accuracy_1m"])

    def _made(
        self, variant: Variant, recorded: Sequence[Case]
    ) -> tuple[Path, list[list[Decision]]]:
        self._runs += 1
        made = self._scratch / str(self._runs)
        decided = replay(self._directory, variant, recorded)
        for case, decisions in zip(recorded, decided, strict=True):
            write(made, case, decisions)
        return made, decided

    def _sure(
        self, case: Case, decisions: Sequence[Decision], zoning: str
    ) -> list[tuple[float, bool]]:
        found, at = [], -1
        for row in truth(self._directory, case):
            while at + 1 < len(decisions) and decisions[at + 1].t <= row["t"]:
                at += 1
            if at >= 0 and (said := decisions[at]).confidence is not None:
                found.append((said.confidence, said.zone == row[zoning]))
        return found


def without(receiver: str, since: float) -> Keep:
    """What is heard when a receiver dies."""
    return lambda at, heard_by: heard_by != receiver or at < since


def only_four(_at: float, receiver: str) -> bool:
    """What is heard in a room with a third of its receivers."""
    return receiver in FOUR
