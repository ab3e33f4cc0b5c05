"""Root, by `sudo` without a user, leaves nothing that the agent could not read."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_agent.__main__ import app
from tests.faults.system.settings import lay_out_agent


@pytest.mark.parametrize(
    "command",
    [
        ["provision", "--claim", "aisle-claim:1:e30"],
        ["identity", "--renew"],
        ["restore", "monday.db"],
        ["restore", "--override", "Min-ji Park", "--reason", "line down"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_who_is_not_the_agents_user_is_told_whom_to_be_and_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    lay_out_agent(tmp_path, broker=1883)
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: state.stat().st_uid + 1)
    done = CliRunner().invoke(app, [*command, "--settings", str(tmp_path / "store.toml")])
    assert (done.exit_code, list(state.iterdir())) == (1, [])
    assert "sudo -u" in done.output
