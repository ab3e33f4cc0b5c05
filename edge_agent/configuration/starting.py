"""Which settings the agent starts on, whatever crash or trial came before; and starting anew."""

import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from edge_agent.check import BadSettings, load
from edge_agent.configuration import decide
from edge_agent.configuration.model import Standing
from edge_agent.configuration.shelf import Shelf, shelf_beside
from edge_agent.settings import Catalogue, Settings

RESTART: Final = 75
"""EX_TEMPFAIL of sysexits.h: a supervisor that restarts what failed starts us again."""


@dataclass(frozen=True, slots=True)
class Start:
    """What the agent is started on.

    Attributes:
        own_file: the gateway's own settings, without what the cloud has laid over them.
        standing: which version of the cloud's is in `settings`, and whether on trial. It is this
            start's alone where the disk had no room for it; the agent keeps it once there is.
    """

    settings: Settings
    catalogue: Catalogue
    own_file: Path
    standing: Standing


def effective(file: Path) -> tuple[Settings, Catalogue]:
    """The settings on which the agent runs, for the other programs of the gateway.

    Raises:
        BadSettings: as `check.load`.
    """
    shelf = shelf_beside(file)
    return load(file, shelf.overlay(shelf.standing()) if shelf else None)


def settings_to_start(file: Path) -> Start:
    """The settings to run the agent on; counts the start where they are on trial.

    What the agent could not start on is given up, down to the gateway's own file.

    Raises:
        BadSettings: of the gateway's own file.
    """
    shelf = shelf_beside(file)
    if shelf is None:
        return Start(*load(file), file, Standing())
    standing = _counted(shelf)
    while True:
        try:
            return Start(*load(file, shelf.overlay(standing)), file, standing)
        except BadSettings as err:
            if not standing.active:
                raise
            load(file)  # a mistake of its own is to be mended there, and no fault of the cloud's
            standing = decide.roll_back(standing, "invalid", str(err))
            with suppress(OSError):
                shelf.keep(standing)


def _counted(shelf: Shelf) -> Standing:
    """Which version is where, now that the agent starts; without room to count, no trial."""
    standing = shelf.standing()
    after = decide.started(standing)
    if after == standing:
        return standing
    try:
        shelf.keep(after)
    except OSError:
        return decide.roll_back(standing, "crashed", "there was no room to count its starts")
    return after


def start_anew() -> NoReturn:
    """Become the same program again, same arguments, same process id: any supervisor will do.

    Everything must be closed. Where the program cannot be found any more (an upgrade is under way),
    end with `RESTART`.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves
    except OSError:
        sys.exit(RESTART)
