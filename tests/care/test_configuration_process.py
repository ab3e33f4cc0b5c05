"""Settings from the cloud through real programs: hub, broker, agent, and the hub's command."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cloud_bridge.hub.config_commands import config
from edge_agent.configuration.shelf import FOLDER, Shelf
from tests.faults.system.house import House, house
from tests.faults.system.programs import Program
from tests.faults.system.settings import STORE
from tests.faults.system.waiting import until


def cloud_hub(*words: object) -> str:
    """`cloud-hub config …`, in this process: what it asks of the hub is HTTP either way."""
    done = CliRunner().invoke(config, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def lay_out(store: House[Program]) -> Shelf:
    """Make the key, and have the agent take what it signs."""
    hub, agent = store.hub_place.folder, store.agent_place.folder
    cloud_hub("key", hub / "config.key")
    with (agent / "store.toml").open("a") as file:
        file.write(
            f'[configuration]\nsigning_key_file = "{hub / "config.key.pub"}"\n'
            "health_within_s = 20\n"
        )
    return Shelf(agent / "state" / FOLDER)


def publish(store: House[Program], toml: str) -> None:
    hub = store.hub_place.folder
    (hub / "new.toml").write_text(toml)
    where = ("--settings", hub / "hub.toml", "--key", hub / "config.key")
    cloud_hub("publish", STORE, hub / "new.toml", *where)


def states(store: House[Program]) -> list[str]:
    """What became of each version, newest first, as the hub knows."""
    with closing(sqlite3.connect(store.hub_place.folder / "hub.db")) as connection:
        rows = connection.execute("SELECT state FROM configuration ORDER BY version DESC")
        return [state for (state,) in rows]


@pytest.mark.slow
async def test_the_agent_starts_anew_on_signed_settings_in_its_own_process_and_tells_the_hub(
    tmp_path: Path,
) -> None:
    async with house(tmp_path, Program) as store:
        shelf = lay_out(store)
        await store.start()
        process = store.agent.pid
        publish(store, "[presence]\ngone_after_s = 12.5\n")
        await until(lambda: states(store) == ["applied"], store.agent.last_words)
        assert store.agent.ended is None
        assert (store.agent.pid, shelf.standing().trial) == (process, 0)
        publish(store, '[state]\ndirectory = "elsewhere"\n')
        await until(lambda: states(store) == ["refused", "applied"], store.agent.last_words)
        said = cloud_hub("status", STORE, "--settings", store.hub_place.folder / "hub.toml")
        assert "`state` is changed at the gateway alone" in said
        assert store.agent.stop() == 0
