"""Draws the tables of the pickup machine into docs/concepts/pickup.md.

`python -m tests.capabilities.pickup_page` writes the page anew; a test says when that was
forgotten.
"""

from itertools import groupby
from pathlib import Path

from edge_agent.capabilities.pickup.machine import REFUSALS, SENTENCES, TRANSITIONS
from edge_agent.capabilities.pickup.model import Event, State

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "pickup.md"


def diagram() -> str:
    """The transitions as a Mermaid state diagram, one arrow per pair of states."""
    arrows = [
        "    [*] --> accepted: place",
        "    [*] --> rejected: place",
    ]
    pairs = sorted(
        (
            (order(before), order(after), before, after, event)
            for (before, event), after in TRANSITIONS.items()
        ),
        key=lambda row: row[:2],
    )
    for _, group in groupby(pairs, key=lambda row: row[:2]):
        rows = list(group)
        events = ", ".join(row[4].value for row in rows)
        arrows.append(f"    {rows[0][2].value} --> {rows[0][3].value}: {events}")
    arrows += ["    collected --> [*]", "    rejected --> [*]"]
    return "\n".join(["```mermaid", "stateDiagram-v2", *arrows, "```"])


def refusals() -> str:
    """What is refused, as a table: event, states, code, sentence."""
    rows = ["| event | refused in | code | what people are told |", "|---|---|---|---|"]
    for event in Event:
        codes = dict.fromkeys(
            REFUSALS[state, event] for state in State if (state, event) in REFUSALS
        )
        for code in codes:
            states = [state.value for state in State if REFUSALS.get((state, event)) == code]
            rows.append(f"| {event.value} | {', '.join(states)} | `{code}` | {SENTENCES[code]} |")
    return "\n".join(rows)


def order(state: State) -> int:
    """A state's place in the life of an order."""
    return list(State).index(state)


def drawn(page: str) -> str:
    """`page` with what stands between its markers drawn from the tables."""
    for name, content in (("diagram", diagram()), ("refusals", refusals())):
        begin, end = f"<!-- {name}: from the tables -->", f"<!-- end of {name} -->"
        head, _, rest = page.partition(begin)
        _, _, tail = rest.partition(end)
        page = f"{head}{begin}\n\n{content}\n\n{end}{tail}"
    return page


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text("utf-8")), "utf-8")
