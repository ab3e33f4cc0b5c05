"""`docs/accuracy.md`: the tables between its marks."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from bench.harness import ROOT

PAGE: Final = ROOT / "docs/accuracy.md"
BEGIN: Final = "<!-- accuracy: begin -->"
END: Final = "<!-- accuracy: end -->"


class Row(msgspec.Struct, frozen=True):
    """A measure in words, as it is to be read."""

    what: str
    to_reach: str
    best: str
    ours: str
    unsurveyed: str = ""


class Table(NamedTuple):
    """Rows under their heads."""

    heads: Sequence[str]
    rows: Iterable[Sequence[str]]

    def text(self) -> str:
        """In Markdown."""
        lines = [self.heads, ["---"] * len(self.heads), *self.rows]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def write_page(*tables: Table) -> None:
    """Put the tables between the page's two marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    body = "\n\n".join(table.text() for table in tables)
    PAGE.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}")
