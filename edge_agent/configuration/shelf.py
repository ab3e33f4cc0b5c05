"""The folder of settings from the cloud: a file for each version, and one that says which holds."""

import tomllib
from pathlib import Path
from typing import Final

import msgspec

from edge_agent.configuration.model import Standing
from edge_agent.kernel.files import sync_folder, write_whole

FOLDER: Final = "configuration"
"""In the state directory."""

PUBLIC_KEY: Final = "signing.pub"
"""In the folder: whose settings are taken, where `store.toml` does not name the file."""


class Shelf:
    """What lies in the folder. Every change is one rename; of what it leaves over nothing harms."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def standing(self) -> Standing:
        """Which version is where. A file that nobody can read says nothing: our own file holds."""
        try:
            return msgspec.json.decode(self._standing.read_bytes(), type=Standing)
        except (OSError, msgspec.MsgspecError):
            return Standing()

    def keep(self, standing: Standing) -> None:
        """Have it so from now on, and let go of the files of versions that are no more needed.

        Raises:
            OSError: it is as it was.
        """
        self.folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(self._standing, msgspec.json.encode(standing))
        kept = {standing.confirmed, standing.previous, standing.trial}
        for file in self.folder.glob("version-*.toml"):
            if file.stem.removeprefix("version-") not in {str(one) for one in kept}:
                file.unlink()

    def put(self, version: int, toml: str) -> Path:
        """Keep a version's text; where it lies."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        sync_folder(self.folder.parent)
        file = self.file(version)
        write_whole(file, toml.encode())
        return file

    def file(self, version: int) -> Path:
        """Where a version's text lies."""
        return self.folder / f"version-{version}.toml"

    def overlay(self, standing: Standing) -> Path | None:
        """The text that the agent runs on besides its own; None for its own alone."""
        return self.file(standing.active) if standing.active else None

    @property
    def _standing(self) -> Path:
        return self.folder / "standing.json"


def shelf_beside(settings: Path) -> Shelf | None:
    """The shelf of the gateway whose own settings those are; None where they name no folder."""
    try:
        directory = tomllib.loads(settings.read_text("utf-8"))["state"]["directory"]
        return Shelf((settings.parent / directory).absolute() / FOLDER)
    except (OSError, ValueError, KeyError, TypeError):
        return None
