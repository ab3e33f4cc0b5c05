"""Writes docs/reference/settings.md from the classes of `edge_agent.settings`.

`python -m tests.docs.settings_page` brings the page up to date; a test holds it there.
"""

import inspect
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, Union, get_args, get_origin

import msgspec

from edge_agent.settings import Catalogue, Settings, Table

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"

HEAD = """# Settings

Drawn from `edge_agent/settings.py` by `python -m tests.docs.settings_page`; do not edit.

`store.toml` is read once at the start. A key that is not listed here is a mistake, and
`edge-agent check` names every mistake with file, line and remedy. Relative paths are relative to
the file. [`simulators/demo/store.toml`](../../simulators/demo/store.toml) is a whole example.
"""


def render() -> str:
    """The whole page."""
    parts = [HEAD]
    for name, table, many in _tables(Settings):
        parts.append("\n".join(_section(f"[[{name}]]" if many else f"[{name}]", table)))
    parts.append("# The catalogue\n\nThe file that `[catalogue]` names.")
    parts.append("\n".join(_section("top of the file", Catalogue)))
    parts += ["\n".join(_section(f"[[{name}]]", table)) for name, table, _ in _tables(Catalogue)]
    return "\n\n".join(parts) + "\n"


def _tables(of: type[Table], inside: str = "") -> Iterator[tuple[str, type[Table], bool]]:
    for field in msgspec.structs.fields(of):
        for one in (field.type, *get_args(field.type)):
            if isinstance(one, type) and issubclass(one, Table):
                yield inside + field.name, one, get_origin(field.type) is list
                yield from _tables(one, f"{inside}{field.name}.")


def _section(title: str, table: type[Table]) -> Iterator[str]:
    yield f"## `{title}`\n\n{(inspect.getdoc(table) or '').partition(chr(10))[0]}\n"
    yield "| key | kind | default | meaning |\n|---|---|---|---|"
    nested = {name for name, _, _ in _tables(table)}
    for field in msgspec.structs.fields(table):
        if field.name in nested:
            continue
        yield (
            f"| `{field.name}` | {_kind(field.type)} | {_default(field)} | {_meaning(field.type)} |"
        )


def _kind(kind: object) -> str:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _kind(arguments[0])
    if origin is Literal:
        return " \\| ".join(f"`{value}`" for value in arguments)
    if origin in (list, tuple):
        inner = [_kind(one) for one in arguments]
        return f"list of {inner[0]}" if origin is list else f"[{', '.join(inner)}]"
    if origin is dict:
        return "table `{ ko, en }`"
    if origin is Union or type(kind).__name__ == "UnionType":
        return _kind(next(one for one in arguments if one is not type(None)))
    names = {
        str: "text",
        int: "integer",
        float: "number",
        bool: "yes or no",
        Path: "path",
        datetime: "time",
    }
    return names[kind]  # type: ignore[index]  # the kinds that settings are made of


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "**required**"
    if field.default is msgspec.NODEFAULT or field.default in ("", None, []):
        return ""
    return f"`{field.default:,g}`" if isinstance(field.default, float) else f"`{field.default}`"


def _meaning(kind: object) -> str:
    told = [
        one.description
        for one in getattr(kind, "__metadata__", ())
        if isinstance(one, msgspec.Meta) and one.description
    ]
    return told[-1] if told else ""


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
