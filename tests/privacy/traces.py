"""Finding people in files: every form that an identifier may take, byte for byte."""

import base64
import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

SHORTEST = 6
"""Bytes: a shorter form would be found by chance in a database."""

ADDRESS = re.compile(rb"(?i)(?<![0-9a-f])[0-9a-f]{2}(?:[:_-]?[0-9a-f]{2}){5}(?![0-9a-f])")
"""A device address with colons, dashes, BlueZ's underscores or nothing between its bytes."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Where something was found that should not be there."""

    place: str
    what: str
    form: bytes


def forms_of_text(text: str) -> set[bytes]:
    """A word as it is, in other cases, as hex and in base64."""
    raws = {text.encode(), text.upper().encode(), text.lower().encode()}
    escaped = text.encode("ascii", "backslashreplace")  # as JSON writes what is not ASCII
    return raws | {escaped} | {form for raw in raws for form in _encoded(raw)}


def forms_of_bytes(raw: bytes) -> set[bytes]:
    """A key or an address: both byte orders, raw, hex in both cases, parted, dashed, base64."""
    forms: set[bytes] = set()
    for each in (raw, raw[::-1]):
        digits = each.hex()
        written = {each.hex(between) for between in ":-_ "} | {digits}
        if len(each) == 16:
            written.add(str(UUID(digits)))
        both = {form for one in written for form in (one, one.upper())}
        forms |= {each, *(one.encode() for one in both), *_encoded(each)}
    return forms


def _encoded(raw: bytes) -> Iterator[bytes]:
    """Hex, and base64 wherever in a longer text the bytes begin."""
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for before in range(3):
        padded = b"\0" * before + raw
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(padded)
            # the first and last characters also hold bits of what lies around
            yield text[-(-before * 8 // 6) : len(padded) * 8 // 6]


def contents(folder: Path, *, leave_out: Collection[str] = ()) -> Iterator[tuple[str, bytes]]:
    """Every file below `folder`, by its path there."""
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        if file.is_file() and not any(name.startswith(each) for each in leave_out):
            yield name, file.read_bytes()


def messages(kept: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """What went over a broker, topic and payload; batches are opened."""
    for topic, payload in kept:
        yield f"topic {topic}", topic.encode()
        yield topic, payload
        if payload[:1] == b"\x78":
            yield f"{topic} (opened)", zlib.decompress(payload)


def find(
    identifiers: Mapping[str, Collection[bytes]], places: Iterable[tuple[str, bytes]]
) -> list[Trace]:
    """Each form of each identifier in each place that holds it."""
    long_enough = [
        (what, form)
        for what, forms in identifiers.items()
        for form in forms
        if len(form) >= SHORTEST
    ]
    return [
        Trace(place, what, form)
        for place, content in places
        for what, form in long_enough
        if form in content
    ]


def find_addresses(
    addresses: Collection[bytes], places: Iterable[tuple[str, bytes]]
) -> list[Trace]:
    """Which of many 6-byte addresses stand in which place, written out or raw."""
    wanted = {form for address in addresses for form in (address, address[::-1])}
    found: list[Trace] = []
    for place, content in places:
        for match in ADDRESS.finditer(content):
            raw = bytes.fromhex(re.sub(rb"[^0-9a-fA-F]", b"", match[0]).decode())
            if raw in wanted:
                found.append(Trace(place, "a stranger's address", match[0]))
        raws = (content[at : at + 6] for at in range(len(content) - 5))
        found += [Trace(place, "a stranger's address, raw", raw) for raw in raws if raw in wanted]
    return found
