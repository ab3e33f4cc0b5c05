"""The run directory: settings, secrets, databases, logs. Made anew for each demo."""

import errno
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from simulators.demo.failure import DemoFailure
from simulators.demo.ports import Ports

HERE = Path(__file__).parent
MARKER = ".aisle-demo"
"""A directory without this file is never wiped: somebody may have mistyped a path."""

TROLLEY: Final = "trolley"
TROLLEY_EXPONENT: Final = 10
"""Its beacon changes its identifier every 17 minutes."""
TROLLEY_ZERO: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""When its beacon's clock stood at 0; fixed, so that --keep goes on with the same beacon."""


class NotOurs(DemoFailure):
    """The directory holds something that no demo put there, or belongs to one that runs."""


class NotWritable(DemoFailure):
    """The directory cannot be made or written."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The demo's secrets. `desk` opens console, staff and hub."""

    desk: str
    till: str
    hub_api: str
    simulator: str


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """Where one demo keeps everything. All paths are absolute."""

    root: Path

    @property
    def settings(self) -> Path:
        """The agent's store.toml."""
        return self.root / "store.toml"

    @property
    def survey(self) -> Path:
        """What its store was surveyed to be, see `surveyed`."""
        return self.root / "survey.jsonl"

    @property
    def hub_settings(self) -> Path:
        """The hub's hub.toml."""
        return self.root / "hub.toml"

    @property
    def ca(self) -> Path:
        """The CA with which the hub vouches for gateways; `Household.found_ca` makes it."""
        return self.root / "ca"

    def use_ca(self) -> None:
        """Have the hub sign for gateways: a visitor can make a claim."""
        text = self.hub_settings.read_text(encoding="utf-8")
        self.hub_settings.write_text(f'ca = "{self.ca.name}"\n{text}', encoding="utf-8")

    @property
    def state(self) -> Path:
        """The agent's state."""
        return self.root / "state"

    @property
    def hub_database(self) -> Path:
        """The hub's database."""
        return self.root / "hub" / "hub.db"

    @property
    def agent_database(self) -> Path:
        """The agent's database."""
        return self.state / "agent.sqlite"

    @property
    def trolley_key(self) -> Path:
        """Identity key of the trolley's beacon: 32 hex digits."""
        return self.state / "secrets" / "trolley.key"

    @property
    def radio_journal(self) -> Path:
        """Adverts sent and heard, a line per second."""
        return self.root / "sim-radio.jsonl"

    @property
    def doors_journal(self) -> Path:
        """What the locker's doors did, from the bank itself."""
        return self.root / "sim-doors.jsonl"

    @property
    def actors_journal(self) -> Path:
        """What people did and saw."""
        return self.root / "sim-actors.jsonl"

    def write_radio(self, bus: str, survey_beacon: str) -> None:
        """Say how another program gets at this demo's radio: variables for a shell to source."""
        lines = (
            f"export DBUS_SYSTEM_BUS_ADDRESS={bus}",
            f"export SURVEY_BEACON={survey_beacon}",
        )
        (self.root / "radio.env").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def log(self, name: str) -> Path:
        """The output of one child process."""
        return self.root / "logs" / f"{name}.log"

    def write_children(self, pids: Mapping[str, int | None]) -> None:
        """Say which process is which, for people and tests who want to kill one."""
        fresh = self.root / ".children.json"
        fresh.write_text(json.dumps(pids), encoding="utf-8")
        fresh.replace(self.root / "children.json")


def prepare(root: Path, ports: Ports, *, keep: bool) -> tuple[RunDirectory, Keys]:
    """Make the run directory, wiping a former demo's unless `keep`.

    Raises:
        NotOurs: when `root` is no demo's directory and not empty, or another demo runs in it.
        NotWritable: when it cannot be made or written.
    """
    root = root.resolve()
    try:
        root.mkdir(parents=True, exist_ok=True)
        _claim(root)
        if not keep:
            _wipe(root)
        return _furnish(root, ports)
    except OSError as err:
        msg = f"{root} cannot be written: {err.strerror}; choose another with --directory"
        raise NotWritable(msg) from err


def _claim(root: Path) -> None:
    """Take the directory for this process; the kernel lets go when it ends, however it ends."""
    marker = root / MARKER
    if not marker.exists() and any(root.iterdir()):
        msg = f"{root} is not empty and no demo made it; choose another with --directory"
        raise NotOurs(msg)
    lock = os.open(marker, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as err:
        os.close(lock)
        if err.errno not in {errno.EACCES, errno.EAGAIN}:
            raise
        msg = f"another demo runs in {root}; stop it, or choose another place with --directory"
        raise NotOurs(msg) from err


def _wipe(root: Path) -> None:
    for entry in root.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry.name != MARKER:
            entry.unlink()


def _furnish(root: Path, ports: Ports) -> tuple[RunDirectory, Keys]:
    run = RunDirectory(root)
    for folder in (run.state / "secrets", root / "hub", root / "logs"):
        folder.mkdir(parents=True, exist_ok=True)
    for private in (root, run.state, run.state / "secrets", root / "hub"):
        private.chmod(0o700)
    keys = Keys(*(_secret(run.state / "secrets" / f"{name}.key") for name in _KEY_FILES))
    _write_once(run.trolley_key, secrets.token_hex(16))
    shutil.copy(HERE / "catalogue.toml", root / "catalogue.toml")
    run.settings.write_text(_store_toml(ports), encoding="utf-8")
    run.hub_settings.write_text(_hub_toml(ports), encoding="utf-8")
    return run, keys


_KEY_FILES = ("desk", "till", "hub-api", "simulator")


def _secret(file: Path) -> str:
    _write_once(file, "-".join(secrets.token_hex(3) for _ in range(3)))
    return file.read_text(encoding="utf-8").strip()


def _write_once(file: Path, secret: str) -> None:
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secret + "\n")


def _store_toml(ports: Ports) -> str:
    """The example's text with this run's ports and survey: what a visitor reads stays true."""
    text = (HERE / "store.toml").read_text(encoding="utf-8")
    usual = Ports()
    for port, instead in (
        (f"127.0.0.1:{usual.agent}", f"127.0.0.1:{ports.agent}"),
        (f"port = {usual.cloud_broker}", f"port = {ports.cloud_broker}"),
        (f"port = {usual.store_broker}", f"port = {ports.store_broker}"),
        (f"tcp://127.0.0.1:{usual.device_bus}", f"tcp://127.0.0.1:{ports.device_bus}"),
        ('# survey = "', 'survey = "'),
    ):
        if text.count(port) != 1:
            msg = f"simulators/demo/store.toml no longer says {port!r} exactly once"
            raise ValueError(msg)
        text = text.replace(port, instead)
    simulator = (
        f'url = "http://127.0.0.1:{ports.control}"\nkey_file = "state/secrets/simulator.key"'
    )
    trolley = (
        f'id = "{TROLLEY}"\nrole = "asset"\nkey_kind = "eid"\n'
        f'key_file = "state/secrets/trolley.key"\nrotation_exponent = {TROLLEY_EXPONENT}\n'
        f"clock_zero = {TROLLEY_ZERO.isoformat()}"
    )
    return f"{text}\n[[beacons]]\n{trolley}\n\n[simulator]\n{simulator}\n"


def _hub_toml(ports: Ports) -> str:
    return f"""# The hub of this demo.
database = "hub/hub.db"
listen = "127.0.0.1:{ports.hub}"
stores = ["seongsu-1"]
catalogue = "catalogue.toml"

[broker]
host = "127.0.0.1"
port = {ports.cloud_broker}
mqtt5 = false

[access]
operator_key_file = "state/secrets/desk.key"
api_key_file = "state/secrets/hub-api.key"
"""
