"""What of its settings a gateway does not let the cloud change, because it could be locked out."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from edge_agent.toml_overlay import Tree

PROTECTED: Final[Mapping[tuple[str, ...], str]] = {
    ("store", "id"): "another store's facts would be told under this one's certificate",
    ("store", "gateway"): "the database is this gateway's, and would not be opened again",
    ("state",): "database, keys and these very settings lie there",
    ("cloud",): "a wrong word there, and no other would ever arrive",
    ("configuration",): "whoever signs would choose who signs",
    ("device_bus",): "its keys lie on this gateway, and adapters know where it listens",
    ("http",): "what stands before it, TLS and a name, is set up on the spot",
    ("access",): "keys do not travel",
    ("store_broker",): "it stands in the store, and so do its passwords",
    ("simulator",): "it is no part of a store",
}
"""What only somebody at the gateway changes, and why."""


def protected(overlay: Tree) -> Iterator[str]:
    """The keys of `overlay` that the cloud may not change, each with the reason."""
    for path, reason in PROTECTED.items():
        if _has(overlay, path):
            yield f"`{'.'.join(path)}` is changed at the gateway alone: {reason}"


def strange_keys(base: Tree, overlay: Tree) -> Iterator[str]:
    """Where `overlay` names a file for a key that `base` does not name: others are none of its own.

    (A list of receivers comes whole, with the key files that the gateway's own file has.)
    """
    own = {value for _, value in _key_files(base, "")}
    for where, value in _key_files(overlay, ""):
        if value not in own:
            yield f"`{where}`: which file holds a key is said at the gateway alone"


def _key_files(tree: Any, path: str) -> Iterator[tuple[str, object]]:  # noqa: ANN401 - TOML of any shape
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            where = f"{path}.{key}" if path else key
            if key in {"key_file", "password_file"}:
                yield where, value
            else:
                yield from _key_files(value, where)
    elif isinstance(tree, list):
        for place, value in enumerate(tree, 1):
            yield from _key_files(value, f"{path}[{place}]")


def _has(tree: Any, path: tuple[str, ...]) -> bool:  # noqa: ANN401 - TOML of any shape
    for key in path:
        if not isinstance(tree, Mapping) or key not in tree:
            return False
        tree = tree[key]
    return True
