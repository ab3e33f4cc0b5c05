"""Settings from the cloud, with the agent killed at each step: it always starts, and comes through.

Which settings it starts on may be the old ones or the new ones; what it tells the hub in the end is
that the new ones hold.
"""

import sys
from pathlib import Path

import pytest

from edge_agent.configuration.starting import effective
from tests.care.test_configuration_process import lay_out, publish, states
from tests.faults.settings_points import POINTS
from tests.faults.system.house import house
from tests.faults.system.programs import Program
from tests.faults.system.waiting import until

AT = [*POINTS, "keep.before:2", "keep.after:2", "keep.before:3", "keep.after:3"]
"""The standing is kept three times: when the trial begins, at its start, and when it holds."""


@pytest.mark.long
@pytest.mark.parametrize("at", AT)
async def test_a_kill_at_any_step_leaves_a_gateway_that_starts_and_takes_the_settings(
    tmp_path: Path, at: str
) -> None:
    async with house(tmp_path, Program) as store:
        lay_out(store)
        deadly = Program(
            [sys.executable, "-m", "tests.faults.settings_points", "--at", at, *store.agent.words],
            store.agent.folder,
            store.agent.listening,
        )
        store.hub.start()
        await until(store.hub.listening, store.hub.last_words)
        deadly.start()
        await until(deadly.listening, deadly.last_words)
        publish(store, "[presence]\ngone_after_s = 12.5\n")
        await until(
            lambda: deadly.ended is not None or states(store) == ["applied"], deadly.last_words
        )
        deadly.kill()
        effective(store.agent.folder / "store.toml")
        store.agent.start()
        await until(lambda: states(store) == ["applied"], store.agent.last_words)
        loaded, _ = effective(store.agent.folder / "store.toml")
        assert loaded.presence.gone_after_s == 12.5
