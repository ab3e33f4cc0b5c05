"""One identity, two pasts: a copied gateway, and a database of before."""

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from tests.faults.seeds import chance
from tests.faults.system.evidence import sqlite_hub
from tests.faults.system.forked import Forked
from tests.faults.system.house import House, at_work, house
from tests.faults.system.oracle import log_violations
from tests.faults.system.outpost import Outpost, mosquitto_outpost
from tests.faults.system.programs import ROOT, STATION
from tests.faults.system.settings import STORE
from tests.faults.system.station import ENOUGH
from tests.faults.system.waiting import until
from tests.support.brokers import mosquitto_path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(mosquitto_path() is None, reason="`make test` installs mosquitto"),
]


async def test_a_cloned_gateway_is_fenced_and_alarmed_and_nothing_is_double(tmp_path: Path) -> None:
    async with mosquitto_outpost(tmp_path / "one") as one:
        one.station.start()
        await one.gains(10)
        one.station.kill()
        before = one.told
        clone = cloned(one, tmp_path / "two")
        try:
            one.station.start()
            await one.gains(10)
            clone.start()
            await until(lambda: "cloned_gateway" in alarms(one), "the hub sounds an alarm")
            clone.signal(ENOUGH)
            one.station.signal(ENOUGH)
            await until(lambda: holds(one, [*before, *one_of(clone)]), "the hub has the leader's")
            assert list(log_violations(sqlite_hub(one.database, STORE))) == []
        finally:
            clone.kill()


def cloned(one: Outpost, folder: Path) -> Forked:
    """A second machine from a copy of the first one's whole card."""
    shutil.copytree(one.config.database.parent, folder, ignore=shutil.ignore_patterns("hub"))
    (folder / "notes.txt").unlink()
    config = msgspec.structs.replace(one.config, folder=str(folder))
    (folder / "station.json").write_bytes(msgspec.json.encode(config))
    return Forked([STATION, "station.json"], folder, lambda: True)


def one_of(station: Forked) -> list[str]:
    """What that machine's producers were told."""
    notes = (station.folder / "notes.txt").read_text("ascii").splitlines()
    return [line.split()[2] for line in notes if line.startswith("told")]


def holds(one: Outpost, ids: list[str]) -> bool:
    """Whether the hub has them all."""
    return {fact.id for fact in sqlite_hub(one.database, STORE).facts}.issuperset(ids)


def alarms(one: Outpost) -> list[str]:
    """What the hub has raised."""
    with closing(sqlite3.connect(one.database)) as connection:
        return [kind for (kind,) in connection.execute("SELECT kind FROM alarm")]


async def test_yesterdays_database_begins_an_epoch_and_doubles_nothing(
    tmp_path: Path, seed: int
) -> None:
    random, backup = chance(seed, "yesterday"), tmp_path / "yesterday"
    async with house(tmp_path, Forked) as one:
        await one.start()
        async with at_work(one, random) as clerks:
            await until(lambda: len(clerks.told.orders) > 3, "an ordinary day")
            await command(one, "backup", backup)
            handed = len(clerks.told.orders)
            await until(lambda: len(clerks.told.orders) > handed + 3, "the next day")
        one.agent.kill()
        await command(one, "restore", backup)
        one.agent.start()
        async with at_work(one, random, told=clerks.told) as clerks:
            sold = len(clerks.told.sales)
            await until(lambda: len(clerks.told.sales) > sold + 5, "the day goes on")
        assert (await one.look()).epoch > 1


async def command(one: House[Forked], name: str, file: Path) -> None:
    """`edge-agent backup` or `restore`."""
    words = [sys.executable, "-m", "edge_agent", name, str(file), "--settings", "store.toml"]
    await asyncio.to_thread(
        subprocess.run,
        words,
        cwd=one.agent_place.folder,
        env={"PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
