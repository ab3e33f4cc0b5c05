"""Laying some tables of TOML over others."""

from collections.abc import Mapping
from typing import Any

Tree = Mapping[str, Any]


def laid_over(base: Tree, overlay: Tree) -> dict[str, Any]:
    """`base` with the keys of `overlay` in it, table by table; a list replaces the whole list."""
    merged = dict(base)
    for key, value in overlay.items():
        before = merged.get(key)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[key] = laid_over(before, value)
        else:
            merged[key] = value
    return merged
