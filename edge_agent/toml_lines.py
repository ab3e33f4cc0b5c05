"""Which line of a TOML text a key stands on; `tomllib` does not say."""

import re
from collections import Counter

Path = tuple[str | int, ...]
"""Keys and array places from the root, such as ``("zones", 2, "polygon")``."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.\-]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_\-]+)\s*=\s*(.*)$")
_STRING = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*$')


def lines_by_path(text: str) -> dict[Path, int]:
    """The line (from 1) of each table header and each key that starts a line.

    Keys inside inline tables and multi-line values have the line of the key that holds them:
    look a path up by its longest known beginning (`line_of`).
    """
    lines: dict[Path, int] = {(): 1}
    elements: Counter[str] = Counter()
    table: Path = ()
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        if depth == 0 and (header := _HEADER.match(line)):
            name = header[2]
            table = tuple(name.split("."))
            if header[1] == "[[":
                table = (*table, elements[name])
                elements[name] += 1
            lines[table] = number
            continue
        if depth == 0 and (key := _KEY.match(line)):
            lines[*table, key[1]] = number
        bare = _STRING.sub("", line)
        depth += sum(bare.count(c) for c in "[{") - sum(bare.count(c) for c in "]}")
    return lines


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest thing that holds it."""
    while path not in lines:
        path = path[:-1]
    return lines[path]
