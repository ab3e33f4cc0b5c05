"""Schema files: `schema/<engine>/NNNN_*.sql`, each applied once and in order."""

import hashlib
import sqlite3
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from cloud_bridge.hub.database.port import Tx
from cloud_bridge.hub.errors import HubError

Engine = Literal["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


async def migrate(tx: Tx, engine: Engine) -> None:
    """Bring the schema up to date, in the caller's transaction.

    Raises:
        HubError: a file that was applied has been changed since.
    """
    await tx.execute(
        "CREATE TABLE IF NOT EXISTS migration (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL)"
    )
    rows = await tx.rows("SELECT name, sha256 FROM migration")
    applied = {row["name"]: row["sha256"] for row in rows}
    for file in _files(engine):
        if file.name not in applied:
            for statement in statements(file.text):
                await tx.execute(statement)
            await tx.execute("INSERT INTO migration VALUES ($1, $2)", file.name, file.digest)
        elif applied[file.name] != file.digest:
            msg = f"schema file {file.name} is not the one that made this database"
            raise HubError(msg)


def _files(engine: Engine) -> list[_File]:
    folder = files("cloud_bridge.hub") / "schema" / engine
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    found.sort(key=lambda entry: entry.name)
    return [_File(entry.name, entry.read_text(encoding="utf-8")) for entry in found]


def statements(script: str) -> list[str]:
    """The statements of a script: `executescript` would commit the open transaction."""
    found, part = [], ""
    for piece in script.split(";")[:-1]:
        part += piece + ";"
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found
