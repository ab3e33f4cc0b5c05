"""A PostgreSQL of the tests' own: a cluster in a folder that goes with it, on a socket there."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

READY_S = 30.0
"""Deadline for the server to answer: 0.3 s alone, some on a machine whose cores are all taken."""

SUPERUSER = "aisle"
UNPRIVILEGED = "postgres"
"""Debian's user for the server, which refuses to run as root."""


def postgres_path() -> Path | None:
    """The folder of initdb and postgres; None where there is none (`make test` installs it)."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    found = debian[0] if debian else shutil.which("postgres")
    return Path(found).parent if found else None


class PostgresProcess:
    """A server that can be killed and started again with what it had committed.

    Args:
        durable: whether COMMIT waits for the disk; without, a test is about something else.
    """

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        self.folder = folder
        self._programs = programs
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """Where `database` is, for asyncpg."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.folder}"

    def make(self) -> None:
        """A new, empty cluster."""
        if os.getuid() == 0:
            shutil.chown(self.folder, UNPRIVILEGED, UNPRIVILEGED)
        arguments = ["-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run("initdb", "-D", str(self._data), *arguments)

    def start(self) -> None:
        """Start it and wait until it answers."""
        durable = "on" if self._durable else "off"
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": durable,
            "full_page_writes": durable,
            "max_connections": "200",
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        program = [str(self._programs / "postgres"), "-D", str(self._data), *settings]
        deadline = time.monotonic() + READY_S
        while self._process is None or not self._ready():
            assert time.monotonic() < deadline, "postgres does not answer"
            if self._process is None or self._process.poll() is not None:
                # after a kill, its orphans keep the next one out until they notice
                self._process = subprocess.Popen(
                    [*_unprivileged(), *program],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=self.folder,
                )

    def kill(self) -> None:
        """SIGKILL: what was not committed is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def create(self, database: str, *, like: str = "template1") -> str:
        """A new database, a copy of another; its URL."""
        self._sql(f"CREATE DATABASE {database} TEMPLATE {like}")
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove it, whoever is still connected."""
        self._sql(f"DROP DATABASE {database} WITH (FORCE)")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _sql(self, statement: str) -> None:
        self._run("psql", "-X", "-q", "-h", str(self.folder), "-U", SUPERUSER, "-d", "postgres",
                  "-c", statement)  # fmt: skip

    def _ready(self) -> bool:
        asked = [str(self._programs / "pg_isready"), "-q", "-h", str(self.folder)]
        return subprocess.run(asked, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_unprivileged(), str(self._programs / program), *arguments]
        ended = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self.folder
        )
        assert ended.returncode == 0, ended.stderr


@contextmanager
def postgres_process(programs: Path, *, durable: bool = False) -> Iterator[PostgresProcess]:
    """A running server; killed and removed at the end."""
    with tempfile.TemporaryDirectory(
        prefix="aisle-pg-",  # short: it names a socket
        ignore_cleanup_errors=True,  # its children outlive it by a moment
    ) as folder:
        server = PostgresProcess(programs, Path(folder), durable=durable)
        server.make()
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _unprivileged() -> list[str]:
    if os.getuid() != 0:
        return []
    return ["setpriv", f"--reuid={UNPRIVILEGED}", f"--regid={UNPRIVILEGED}", "--clear-groups"]
