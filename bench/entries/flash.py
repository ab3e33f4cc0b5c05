"""Bytes written to flash for each fact: what a card or an eMMC wears out by."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.harness import ROOT, Contender, Effort, Measure, measured, working

TITLE: Final = "Flash written"

FACTS: Final = 500
"""25 seconds of a store, in two and a half; the WAL is brought into the file at their end."""

FLASH_S, USUAL_S = 1.0, 0.25
"""`[storage] company_ms` as it is set on a card, and as it comes."""


def measure(effort: Effort) -> list[Measure]:
    """With the wait for company of a card, and with the usual one."""
    with working(Contender("aisle_flash", Path(sys.executable))) as worker:
        card, usual = (
            [on_disk(worker.ask, {"facts": FACTS, "company_s": wait}) for _ in range(effort.runs)]
            for wait in (FLASH_S, USUAL_S)
        )
    return [
        line("company of 1 s, as on flash", card, "at most 10 kB"),
        line("company of 250 ms, as it comes", usual, "no figure: for an SSD"),
    ]


def line(what: str, found: list[dict[str, float]], to_reach: str) -> Measure:
    """The line that these runs make."""
    together = sorted(each["together"] for each in found)[len(found) // 2]
    return measured(
        f"20 facts/s of the usual mix, {what}",
        [each["bytes"] / 1000 for each in found],
        unit="kB a fact",
        to_reach=to_reach,
        note=f"{together:.2g} facts a commit; state rows, flows and acknowledgements included",
    )


def on_disk(ask: Any, request: dict[str, Any]) -> dict[str, float]:  # noqa: ANN401 - JSON
    """One run in an empty directory of the project's own disk (the system's may be memory)."""
    home = ROOT / "var"
    home.mkdir(exist_ok=True)
    with TemporaryDirectory(prefix="bench-", dir=home) as directory:
        found: dict[str, float] = ask(run=request | {"directory": directory})
        return found
