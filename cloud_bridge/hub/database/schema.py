"""Schema files: `schema/<engine>/NNNN_*.sql`, each applied once and in order.

Releases expand before they contract, so that workers of two releases can share a database: a file
says in its header whether the releases before it can go on (``-- older releases: can read and
write``, or ``cannot, because …``), and the database keeps what it said.
"""

import hashlib
import re
import sqlite3
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, Literal

from cloud_bridge.hub.database.port import Tx
from cloud_bridge.hub.errors import HubError

Engine = Literal["sqlite", "postgresql"]

CAN: Final = "can read and write"

_SAYS: Final = re.compile(rf"^-- older releases: ({CAN}|cannot, because \S.*)$", re.MULTILINE)

_UNSAID: Final = "cannot, because its file does not say that they can"


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One schema file."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of its text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def older_releases(self) -> str:
        """Whether releases without this file can use a database that has applied it, or why not."""
        found = _SAYS.search(self.text)
        return found[1] if found else _UNSAID


async def migrate(tx: Tx, engine: Engine) -> None:
    """Bring the schema up to date, in the caller's transaction.

    What a newer release has applied stays as it is.

    Raises:
        HubError: a file that was applied has been changed since, or a newer release has applied one
            with which this one cannot work.
    """
    await tx.execute(
        "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL)"
    )
    await tx.execute(
        "CREATE TABLE IF NOT EXISTS migration_promise"
        " (name TEXT PRIMARY KEY, older_releases TEXT NOT NULL)"
    )
    rows = await tx.rows("SELECT name, sha256 FROM migration")
    applied = {row["name"]: row["sha256"] for row in rows}
    known = files_of(engine)
    await _check_newer(tx, applied.keys() - {file.name for file in known})
    for file in known:
        if file.name not in applied:
            for statement in statements(file.text):
                await tx.execute(statement)
            await tx.execute("INSERT INTO migration VALUES ($1, $2)", file.name, file.digest)
            await tx.execute(
                "INSERT INTO migration_promise VALUES ($1, $2)", file.name, file.older_releases
            )
        elif applied[file.name] != file.digest:
            msg = f"schema file {file.name} is not the one that made this database"
            raise HubError(msg)


async def _check_newer(tx: Tx, names: Collection[str]) -> None:
    """Whether this release can work with what the files of these names have made."""
    if not names:
        return
    rows = await tx.rows("SELECT name, older_releases FROM migration_promise")
    says: Mapping[str, str] = {row["name"]: row["older_releases"] for row in rows}
    barred = [name for name in sorted(names) if says.get(name) != CAN]
    if barred:
        reasons = [f"{name}: {says.get(name, _UNSAID)}" for name in barred]
        msg = (
            "this database was made by a newer version that this one cannot follow; run that"
            f" version again ({'; '.join(reasons)})"
        )
        raise HubError(msg)


def files_of(engine: Engine) -> list[SchemaFile]:
    """The files of this release, in order."""
    folder = files("cloud_bridge.hub") / "schema" / engine
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    found.sort(key=lambda entry: entry.name)
    return [SchemaFile(entry.name, entry.read_text(encoding="utf-8")) for entry in found]


def statements(script: str) -> list[str]:
    """The statements of a script: `executescript` would commit the open transaction."""
    found, part = [], ""
    for piece in script.split(";")[:-1]:
        part += piece + ";"
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found
