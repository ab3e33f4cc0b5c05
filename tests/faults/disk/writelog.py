"""What the preloaded library noted: every operation on the watched directory, in order."""

import struct
from pathlib import Path
from typing import Final, NamedTuple

CREATED: Final = "c"
EMPTIED: Final = "e"
WRITTEN: Final = "w"
SIZED: Final = "t"
SYNCED: Final = "s"
SYNC_FAILED: Final = "f"
UNLINKED: Final = "u"
RENAMED: Final = "r"

_HEAD: Final = struct.Struct("=B3xIQQ")
"""`struct record` of preload.c."""

NOTES: Final = "acknowledged.notes"
"""The file in which the program under test says what it was told; never failed, never dropped."""


class Op(NamedTuple):
    """One operation.

    Attributes:
        path: relative to the watched directory; ``.`` for itself.
        offset: of a write; the new size.
        data: written; of a rename the new path.
    """

    kind: str
    path: str
    offset: int
    data: bytes


def read_log(path: Path) -> list[Op]:
    """The operations that were noted in `path`; a last one cut short by a kill is left out."""
    raw = memoryview(path.read_bytes())
    ops: list[Op] = []
    at = 0
    while at + _HEAD.size <= len(raw):
        kind, path_length, offset, data_length = _HEAD.unpack_from(raw, at)
        name_at = at + _HEAD.size
        data_at = name_at + path_length
        at = data_at + data_length
        if at <= len(raw):
            name = bytes(raw[name_at:data_at]).decode()
            ops.append(Op(chr(kind), name, offset, bytes(raw[data_at:at])))
    return ops
