"""Files that are whole or not there, through any crash and power cut."""

import os
import pwd
from pathlib import Path

from edge_agent.kernel.errors import AisleError


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

    Raises:
        OSError: `file` is as it was.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Have what was renamed or removed in `folder` so after a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
