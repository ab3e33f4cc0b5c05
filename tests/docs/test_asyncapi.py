"""The published contract is what the code makes, and its examples are what the code reads."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tests.docs.asyncapi import COMMANDS, FILE, ITEMS, MESSAGES, document, payloads, render

CONTRACT = FILE.parent / "contract.md"

EXAMPLE = re.compile(r"^```json (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

EXAMPLES: list[tuple[str, str]] = EXAMPLE.findall(CONTRACT.read_text("utf-8"))


def test_the_published_contract_is_drawn_from_the_structs_as_they_are() -> None:
    assert FILE.read_text("utf-8") == render(), "run `python -m tests.docs.asyncapi`"


def test_every_reference_in_it_leads_somewhere() -> None:
    whole = document()
    for ref in _refs(whole):
        at: Any = whole
        for step in ref.removeprefix("#/").split("/"):
            at = at[step]


def _refs(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield value
            else:
                yield from _refs(value)
    elif isinstance(part, list):
        for each in part:
            yield from _refs(each)


def test_there_is_an_example_of_every_message() -> None:
    assert {name for name, _ in EXAMPLES} == set(MESSAGES)


@pytest.mark.parametrize(("name", "text"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_an_example_of_the_contract_is_read_whole(name: str, text: str) -> None:
    _read_whole(msgspec.json.decode(text), MESSAGES[name])
    for data, shape in _inside(name, msgspec.json.decode(text)):
        _read_whole(data, shape)


def _inside(name: str, said: Any) -> Iterator[tuple[Any, type]]:  # noqa: ANN401 - JSON
    """What the envelope leaves open, and what it must be."""
    types: dict[str, type] = {one.TYPE: one for one in payloads()} | dict(COMMANDS)
    if name in ("Facts", "Commands"):
        yield from ((each["data"], types[each["type"]]) for each in said)
    elif name == "Delta":
        items = (change["item"] for change in said["changes"])
        yield from ((item, ITEMS[said["stream"]]) for item in items if item is not None)


def _read_whole(said: Any, shape: Any) -> None:  # noqa: ANN401 - JSON, and how it is read
    """Read `said`, and miss nothing of it in what was read."""
    read = msgspec.json.decode(msgspec.json.encode(said), type=shape)
    assert _without_defaults(said, msgspec.json.decode(msgspec.json.encode(read))) == said


def _without_defaults(said: Any, read: Any) -> Any:  # noqa: ANN401 - JSON
    """`read`, without the fields of which `said` does not speak."""
    if isinstance(said, dict) and isinstance(read, dict):
        return {key: _without_defaults(said[key], read[key]) for key in read if key in said}
    if isinstance(said, list) and isinstance(read, list):
        return [_without_defaults(*each) for each in zip(said, read, strict=True)]
    return read
