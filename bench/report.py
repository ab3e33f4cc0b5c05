"""Results to `bench/results/*.json`, and all of them to the table in `docs/performance.md`."""

import datetime as dt
import os
import platform
from pathlib import Path
from typing import Final

import msgspec

from bench.harness import ROOT, Figure, Measure

RESULTS: Final = ROOT / "bench/results"
PAGE: Final = ROOT / "docs/performance.md"
BEGIN: Final = "<!-- bench: begin -->"
WHOLE_TIMES: Final = 10
"""From this ratio on the digits after the point are noise."""
END: Final = "<!-- bench: end -->"


class Machine(msgspec.Struct, frozen=True):
    """Where a result was measured."""

    cores: int
    processor: str
    system: str
    python: str


class Result(msgspec.Struct, frozen=True):
    """One benchmark, one day.

    Attributes:
        full: whether the long loads were run whole.
    """

    name: str
    title: str
    date: dt.date
    runs: int
    machine: Machine
    figures: list[Figure] = []
    measures: list[Measure] = []
    full: bool = False


def machine() -> Machine:
    """This machine."""
    return Machine(
        cores=os.cpu_count() or 1,
        processor=_processor(),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def save(result: Result) -> None:
    """Keep a result in place of the last one of its name."""
    RESULTS.mkdir(exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(result), indent=2)
    (RESULTS / f"{result.name}.json").write_bytes(text + b"\n")


def saved() -> list[Result]:
    """The results kept, by name."""
    files = sorted(RESULTS.glob("*.json"))
    return [msgspec.json.decode(file.read_bytes(), type=Result) for file in files]


def write_page() -> None:
    """Put the table of all results kept between the page's two marks."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = "\n".join(table(result) for result in saved())
    PAGE.write_text(f"{before}{BEGIN}\n{tables}{END}{after}")


def table(result: Result) -> str:
    """One result as Markdown."""
    host = result.machine
    where = f"{host.cores} x {host.processor}, {host.system}, Python {host.python}"
    whole = ", the long loads whole" if result.full else ""
    lines = [
        f"### {result.title}",
        "",
        *(_beside_peers(result.figures) if result.figures else _held_to(result.measures)),
        "",
        f"{result.date}, median of {result.runs} runs{whole}; {where}.",
        "",
    ]
    return "\n".join(lines)


def _beside_peers(figures: list[Figure]) -> list[str]:
    return [
        "| what | beside | ours | theirs | times | |",
        "|---|---|---:|---:|---:|---|",
        *map(_row, figures),
    ]


def _held_to(measures: list[Measure]) -> list[str]:
    return [
        "| what | measured | to reach | |",
        "|---|---:|---|---|",
        *(
            f"| {each.what} | {each.value:,.4g} {each.unit} | {each.to_reach} | {each.note} |"
            for each in measures
        ),
    ]


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= WHOLE_TIMES else f"{ratio:.2g}"


def _row(line: Figure) -> str:
    ours, theirs, times = f"{line.ours:,.0f}", f"{line.theirs:,.0f}", _times(line.ratio)
    cells = (line.what, line.peer, f"{ours} {line.unit}", theirs, times, line.note)
    return f"| {' | '.join(cells)} |"
