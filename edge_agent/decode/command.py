"""The program: JSON lines in, one JSON object out for each."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from edge_agent.decode.answer import decode_line
from edge_agent.decode.line import LONGEST_LINE

STDIN = Path("-")


def decode(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="JSON lines; the standard input when left out or -.",
            exists=True,
            dir_okay=False,
            allow_dash=True,
        ),
    ] = None,
) -> None:
    """Decode recorded advertisements: one JSON object in per line, one out.

    Each line may hold raw_adv (hex), or manufacturer_data {company id: hex} and service_data
    {uuid: hex}; address and bindkey open encrypted BTHome, identity_key with rotation_exponent
    and beacon_time_s resolves Eddystone-EID and opens its telemetry, irk resolves the address.
    A line of topic and payload is a receiver's message, answered with its sightings. What is no
    beacon gives no frames; a line that cannot be read, an empty one too, gives its "error".
    """
    if file is None or file == STDIN:
        _decode_all(sys.stdin.buffer)
        return
    with file.open("rb") as lines:
        _decode_all(lines)


def _decode_all(source: BinaryIO) -> None:
    """Answers each line at once, so that another program can hold a dialogue over pipes."""
    encoder = msgspec.json.Encoder()
    out = sys.stdout.buffer
    for line in _lines(source):
        out.write(encoder.encode(decode_line(line)) + b"\n")
        out.flush()


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines of `source`, one that is too long cut to a byte more than the longest."""
    while line := source.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = source.readline(LONGEST_LINE + 1)
        yield line
