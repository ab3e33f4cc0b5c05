"""Files that are whole or not there, through any crash and power cut."""

import os
import pwd
import threading
from pathlib import Path
from typing import Final

from edge_agent.kernel.errors import AisleError

_WRITING: Final = threading.Lock()
"""Held while a draft is written: two threads with one draft would put a mixture in place."""


class AnothersFolder(AisleError):
    """What would be made in a folder its owner could not read."""


def check_own(folder: Path) -> None:
    """See that `folder`, if it is there, is this process' user's.

    What root makes in the agent's state directory (by `sudo` without `-u`) has mode 0600 and would
    lock the agent out.

    Raises:
        AnothersFolder: names the user to be.
    """
    if not folder.exists() or (owner := folder.stat().st_uid) == os.geteuid():
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = f"#{owner}"
    text = f"{folder} belongs to {name}, who could not read what is made now: sudo -u {name} …"
    raise AnothersFolder(text)


def write_whole(file: Path, content: bytes) -> None:
    """Put `content` in `file`'s place; mode 0600. Whoever reads it has the old one or the new.

    Any thread; of two processes that write the same file the caller keeps one away. The draft
    beside it has always the same name, so that one that a crash has left gives way to the next.

    Raises:
        OSError: `file` is as it was.
    """
    with _WRITING:
        _replace(file, file.with_name(f".{file.name}.new"), content)
    sync_folder(file.parent)


def _replace(file: Path, temporary: Path, content: bytes) -> None:
    try:
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Have what was renamed or removed in `folder` so after a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
