"""`edge-agent locate`: sightings of a recording in, zones and positions out."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import typer

from edge_agent.capabilities.presence.decide.survey_map import is_enough
from edge_agent.check import BadSettings
from edge_agent.json_lines import lines_of
from edge_agent.replay import BadLine, Replay, TooLate, parse
from edge_agent.site import Site, load_site
from edge_agent.survey_file import BadSurvey, Survey


def locate(site: Path, survey: Path | None) -> None:
    """Answer the standard input until it ends."""
    floor, surveyed = load(site, survey)
    points = surveyed.points if surveyed else ()
    replay = Replay(floor.floor, floor.policy, points, origin=floor.origin)
    try:
        _answer_all(sys.stdin.buffer, replay)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the answers has enough of them


def load(site: Path, survey: Path | None) -> tuple[Site, Survey | None]:
    """The site and its survey; mistakes are told on the standard error, and end the program."""
    try:
        read = load_site(site)
        surveyed = read.survey(survey)
    except (BadSettings, BadSurvey) as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(2) from None
    if surveyed and surveyed.elsewhere:
        names = ", ".join(sorted(surveyed.elsewhere))
        typer.echo(f"{survey}: passed over, as the site does not have them: {names}", err=True)
    if surveyed and not is_enough(read.floor, surveyed.points):
        typer.echo(f"{survey}: too few spots to make a map of; geometry makes it", err=True)
    return read, surveyed


def _answer_all(source: BinaryIO, replay: Replay) -> None:
    """Answers as it reads, so that another program can hold a dialogue over pipes."""
    encoder = msgspec.json.Encoder()
    out = sys.stdout.buffer
    counted: Counter[str] = Counter()
    for number, text in _numbered(source):
        counted["lines"] += 1
        try:
            decisions = replay.take(parse(text))
        except BadLine as bad:
            counted["dropped" if isinstance(bad, TooLate) else "refused"] += 1
            typer.echo(f"line {number}: {bad}", err=True)
            continue
        if decisions:
            out.write(encoder.encode_lines(decisions))
            out.flush()
    typer.echo(
        f"{counted['lines']} lines: {counted['refused']} refused, {counted['dropped']} too late",
        err=True,
    )


def _numbered(source: BinaryIO) -> Iterator[tuple[int, bytes]]:
    try:
        yield from enumerate(lines_of(source), 1)
    except OSError as err:
        typer.echo(f"the standard input cannot be read on: {err}", err=True)
        raise typer.Exit(1) from None
