"""Writes the table of docs/reliability.md from the results of the fault suite.

``python -m tests.faults.table``; `make faults` does it when the suite has held. A row's sentences
name figures as ``{result.figure}``; nobody types a figure by hand. A row whose results are not all
there says that it was not run.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.faults.results import Result, kept

PAGE: Final = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN: Final = "<!-- faults: begin -->"
END: Final = "<!-- faults: end -->"

FIGURE: Final = re.compile(r"\{([a-z0-9-]+)\.([a-z0-9_]+)\}")

NOT_RUN: Final = "not run yet"
NOT_COMPARED: Final = "not compared"


@dataclass(frozen=True, slots=True)
class Row:
    """One fault.

    Attributes:
        fault: what happens.
        held_to: the promise.
        aisle: what was run and came of it.
        peer: the same of thingsboard-gateway 3.8.5's SQLite storage, or why there is nothing.
    """

    fault: str
    held_to: str
    aisle: str
    peer: str = NOT_COMPARED


def filled(text: str, results: dict[str, Result]) -> str:
    """`text` with its figures, or `NOT_RUN` where one is missing."""
    named = FIGURE.findall(text)
    if any(name not in results or figure not in results[name].figures for name, figure in named):
        return NOT_RUN
    return FIGURE.sub(lambda match: _shown(results[match[1]].figures[match[2]]), text)


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}"


def table(rows: list[Row], results: dict[str, Result]) -> str:
    """The rows as Markdown."""
    lines = [
        "| fault | held to | Aisle | thingsboard-gateway 3.8.5, SQLite storage |",
        "|---|---|---|---|",
    ]
    for row in rows:
        cells = (row.fault, row.held_to, filled(row.aisle, results), filled(row.peer, results))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def runs(results: dict[str, Result]) -> str:
    """Where each figure comes from."""
    lines = ["| result | day | seed | run again with |", "|---|---|---:|---|"]
    for name, result in sorted(results.items()):
        again = f"`pytest -m long '{result.test}' --seed {result.seed}`"
        lines.append(f"| {name} | {result.date} | {result.seed} | {again} |")
    return "\n".join(lines)


def page(rows: list[Row], text: str) -> str:
    """`text` of the page with both tables between its marks."""
    results = kept()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    middle = f"\n\n{table(rows, results)}\n\n## Runs\n\n{runs(results)}\n\n"
    return f"{before}{BEGIN}{middle}{END}{after}"


if __name__ == "__main__":
    from tests.faults.rows import ROWS

    PAGE.write_text(page(ROWS, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
