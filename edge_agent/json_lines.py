"""Recordings: JSON lines, plain or compressed with gzip, whatever the file's name says."""

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

LONGEST_LINE: Final = 4 * 1024 * 1024
"""Bytes. A survey's line holds all that one receiver heard at one point: 18,000 values of half an
hour at 10 Hz are 90 kB. A line that is longer is a mistake, and not read into memory whole."""

_GZIP: Final = b"\x1f\x8b"


@contextmanager
def opened(file: Path) -> Iterator[Iterator[bytes]]:
    """The lines of a file.

    Raises:
        OSError: it cannot be read, or what is compressed in it is damaged.
    """
    with file.open("rb") as stream:
        yield lines_of(stream)


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of `stream`, each as soon as it is there; one that is too long comes cut."""
    source = cast("io.BufferedReader", stream)
    if source.peek(len(_GZIP))[: len(_GZIP)] == _GZIP:
        yield from _cut(cast("BinaryIO", gzip.GzipFile(fileobj=source)))
    else:
        yield from _cut(source)


def _cut(stream: BinaryIO) -> Iterator[bytes]:
    try:
        while line := stream.readline(LONGEST_LINE + 1):
            rest = line
            while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
                rest = stream.readline(LONGEST_LINE + 1)
            yield line
    except EOFError as err:
        raise OSError(str(err)) from err
