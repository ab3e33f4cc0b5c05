"""Databases of these tests lie in memory: what a real disk does is tried in ``tests/faults``."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - each test has a folder of its own there


def in_memory() -> str | None:
    """A folder whose fsync costs nothing; None where the machine has none: a disk does, slower."""
    return str(_MEMORY) if os.access(_MEMORY, os.W_OK) else None


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        yield Path(folder)
