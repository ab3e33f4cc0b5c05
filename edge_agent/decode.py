"""`edge-agent decode`: advertisements in as JSON lines, beacon frames out as JSON lines.

The fields are those of the public vectors (`tests/data/ble_vectors`).
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, BinaryIO

import msgspec
import typer

from device_profiles.beacons import Advert, Frame, examine, full_uuid, parse_ad

LONGEST_LINE = 64 * 1024
"""Bytes of one line. An extended advertisement of 1,650 bytes is 3,300 hex digits; a line twenty
times that is a mistake, and must not be read into memory whole."""

STDIN = Path("-")


class Heard(msgspec.Struct, frozen=True):
    """One line in: an advertisement as some receiver heard it, hex where bytes are meant.

    Attributes:
        raw_adv: the advertising data as sent; where it is given, the parts are not looked at.
    """

    manufacturer_data: dict[Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)], str] | None = None
    service_data: dict[str, str] | None = None
    raw_adv: str | None = None
    address: str | None = None
    rssi: float | None = None
    bindkey: str | None = None


class Decoded(msgspec.Struct, frozen=True):
    """One line out.

    Attributes:
        frames: none where the advertisement is no beacon's.
        error: what is wrong with the line or with a payload in it.
    """

    frames: tuple[Frame, ...]
    error: str | None


class BadLine(Exception):
    """A line that is no advertisement; its text says why."""


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
    {uuid: hex}; address and bindkey open encrypted BTHome. What is no beacon gives no frames;
    a line that cannot be read, an empty one too, gives its "error".
    """
    if file is None or file == STDIN:
        _decode_all(sys.stdin.buffer)
        return
    with file.open("rb") as lines:
        _decode_all(lines)


def decode_line(line: bytes) -> Decoded:
    """What one line holds. Raises nothing."""
    try:
        advert = _advert(_heard(line))
    except BadLine as bad:
        return Decoded((), str(bad))
    frames, malformed = examine(advert)
    return Decoded(frames, "; ".join(map(str, malformed)) or None)


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


def _heard(line: bytes) -> Heard:
    if len(line) > LONGEST_LINE:
        msg = f"line longer than {LONGEST_LINE} bytes"
        raise BadLine(msg)
    if not line.strip():
        msg = "empty line"
        raise BadLine(msg)
    try:
        return _HEARD.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
        raise BadLine(str(err)) from err


_HEARD = msgspec.json.Decoder(Heard)


def _advert(heard: Heard) -> Advert:
    bindkey = None if heard.bindkey is None else _bytes("bindkey", heard.bindkey)
    if heard.raw_adv is not None:
        raw = _bytes("raw_adv", heard.raw_adv)
        return parse_ad(raw, address=heard.address, bindkey=bindkey)
    return Advert(
        manufacturer_data={
            company: _bytes("manufacturer_data", text)
            for company, text in (heard.manufacturer_data or {}).items()
        },
        service_data={
            _uuid(uuid): _bytes("service_data", text)
            for uuid, text in (heard.service_data or {}).items()
        },
        address=heard.address,
        bindkey=bindkey,
    )


def _uuid(text: str) -> str:
    try:
        return full_uuid(text)
    except ValueError as err:
        msg = f"service_data: {err}"
        raise BadLine(msg) from err


def _bytes(field: str, text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as err:
        msg = f"{field}: not hex"
        raise BadLine(msg) from err
