"""The peers' environment, made on demand from the pins in `bench/peers.txt`."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
PINS: Final = HERE / "peers.txt"
HOME: Final = HERE / ".peers"
PYTHON: Final = HOME / "bin" / "python"
INSTALLED: Final = HOME / "installed.txt"


def peers_python() -> Path:
    """The interpreter that has the peers; installs them when the pins have changed."""
    pins = PINS.read_text()
    if not INSTALLED.exists() or INSTALLED.read_text() != pins:
        print("installing the peers into bench/.peers", file=sys.stderr)  # noqa: T201 - a minute's wait
        shutil.rmtree(HOME, ignore_errors=True)
        venv.create(HOME, with_pip=True)
        install = [str(PYTHON), "-m", "pip", "install", "-qq", "--requirement", str(PINS)]
        subprocess.run(install, check=True)  # noqa: S603 - fixed arguments
        INSTALLED.write_text(pins)
    return PYTHON


def version_of(package: str) -> str:
    """A peer's name and pinned version, as a table shows it."""
    pins = [line.partition("==") for line in PINS.read_text().splitlines()]
    return next(f"{name} {version}" for name, _, version in pins if name == package)
