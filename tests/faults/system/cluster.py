"""A PostgreSQL that can be killed and started again like the other programs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import pytest

from tests.support.postgres import PostgresProcess, postgres_path, postgres_process

COMES_BACK_S = 30.0
"""The children of a killed postmaster hold its memory until they notice, up to some seconds."""


@dataclass(frozen=True)
class Database:
    """One database of a server that fsyncs, as the hub's must."""

    server: PostgresProcess
    url: str

    def kill(self) -> None:
        """SIGKILL: what was not committed is gone."""
        self.server.kill()

    def start(self) -> None:
        """Start it again, as soon as its former children let go."""
        deadline = time.monotonic() + COMES_BACK_S
        while time.monotonic() < deadline:
            with suppress(AssertionError):
                self.server.start()
                return
            time.sleep(0.2)
        self.server.start()


@contextmanager
def database() -> Iterator[Database]:
    """A durable database; skips the test where there is no PostgreSQL."""
    programs = postgres_path()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; `make test` installs it")
    with postgres_process(programs, durable=True) as server:
        yield Database(server, server.create("hub"))
