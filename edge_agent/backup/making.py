"""A copy of the database beside the running agent, through a connection that cannot write."""

import hashlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from edge_agent.backup.errors import BackupError
from edge_agent.backup.verifying import Contents, verify
from edge_agent.kernel.files import sync_folder, write_whole
from edge_agent.storage.readers import BUSY_MS, read_only_uri

_BLOCK: Final = 1024 * 1024


def make_backup(database: Path, target: Path) -> Contents:
    """Write a copy of `database`, as of one moment, to `target`; what it holds, verified.

    ``target.sha256`` lies beside it, for `sha256sum -c`. Both are readable by their owner only.

    Raises:
        BackupError: `target` is there already, the database cannot be read, there is no room, or
            the copy is not whole. Nothing is left of it.
    """
    if target.exists():
        msg = f"{target} is there already: name a new file"
        raise BackupError(msg)
    part = target.with_name(f".{target.name}.part")
    try:
        _copy(database, part)
        contents = verify(part)
        digest = sha256_of(part)
        write_whole(checksum_file(target), f"{digest}  {target.name}\n".encode())
        part.rename(target)
        sync_folder(target.parent)
    except (OSError, sqlite3.Error) as err:
        msg = f"{database} could not be copied to {target}: {err}"
        raise BackupError(msg) from err
    finally:
        part.unlink(missing_ok=True)
    return contents


def checksum_file(backup: Path) -> Path:
    """Where the checksum of a backup stands."""
    return backup.with_name(f"{backup.name}.sha256")


def sha256_of(file: Path) -> str:
    """In hex."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _copy(database: Path, part: Path) -> None:
    """`VACUUM INTO` reads one snapshot, however long it takes, and leaves deleted bytes behind.

    (The backup API would begin anew with each commit of the agent.)
    """
    part.unlink(missing_ok=True)
    part.touch(mode=0o600, exist_ok=False)  # never another's file, nor through another's link
    with closing(sqlite3.connect(read_only_uri(database), uri=True)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        connection.execute("VACUUM INTO ?", (str(part),))
    descriptor = os.open(part, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    sync_folder(part.parent)
