import asyncio
import csv
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from edge_agent.facts_command import command
from edge_agent.kernel.clock import SystemClock
from tests.storage.support import CALLED, SOLD, START, opened, record

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    async def fill() -> None:
        async with opened(tmp_path / "a.db") as storage:
            await storage.log.renumber(3)
            for fact in (SOLD, CALLED, SOLD):
                await record(storage, fact)
            await storage.log.acknowledge(3, {"stock": 1})

    asyncio.run(fill())
    return tmp_path / "a.db"


def facts(*arguments: str, database: Path) -> list[str]:
    app = typer.Typer()
    app.command()(command(lambda _settings: database))
    result = CliRunner().invoke(app, [*arguments])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def test_it_shows_the_newest_facts_oldest_first(database: Path) -> None:
    lines = facts("--settings", "store.toml", "-n", "2", database=database)
    assert ["pickup 3/1" in lines[0], "stock 3/2" in lines[1]] == [True, True]
    assert '"gtin":"08801234567893"' in lines[1]


@pytest.mark.parametrize(
    ("arguments", "positions"),
    [
        (["--lane", "stock"], [1, 3]),
        (["--type", "store.pickup."], [2]),
        (["--subject", "orders/W-1042"], [2]),
        (["--limit", "1"], [3]),
    ],
)
def test_it_filters_and_speaks_json(
    database: Path, arguments: list[str], positions: list[int]
) -> None:
    lines = facts("--database", str(database), "--json", *arguments, database=database)
    assert [json.loads(line)["position"] for line in lines] == positions


def test_it_shows_what_each_lane_holds(database: Path) -> None:
    (line,) = facts("--database", str(database), "--lanes", "--json", database=database)
    state = json.loads(line)
    assert state["epoch"] == 3
    assert (state["lanes"]["stock"]["waiting"], state["lanes"]["stock"]["cursor"]) == (1, 1)
    text = facts("--database", str(database), "--lanes", database=database)
    assert text[0] == "epoch 3, 3 facts recorded, 3 to dispatch"
    assert text[2].split()[:5] == ["pickup", "1", "401", "0", "1"]


def test_a_file_that_is_no_fact_log_is_one_clear_line(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(command(lambda settings: settings))
    result = CliRunner().invoke(app, ["--database", str(tmp_path / "none.db")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no fact log to read there" in result.stderr


@pytest.mark.slow
async def test_it_follows_a_running_agent_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    program = (
        "import typer, pathlib; from edge_agent.facts_command import command;"
        "app = typer.Typer(); app.command()(command(pathlib.Path)); app()"
    )
    arguments = ["--database", str(tmp_path / "a.db"), "--follow", "--json"]
    async with asyncio.timeout(20), opened(tmp_path / "a.db") as storage:
        await record(storage)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, *arguments, cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert json.loads(await process.stdout.readline())["position"] == 1
        await record(storage, CALLED)
        assert json.loads(await process.stdout.readline())["position"] == 2
        process.send_signal(2)
        assert await process.wait() == 0


def test_it_writes_a_table_that_spreadsheets_read(database: Path) -> None:
    head, *lines = facts("--settings", "store.toml", "--csv", database=database)
    assert head == "time,lane,epoch,sequence,type,subject,id,data"
    rows = list(csv.reader(lines))
    assert [row[1] for row in rows] == ["stock", "pickup", "stock"]
    assert json.loads(rows[1][7]) == {"order": "W-1042"}


def test_it_shows_what_happened_since(database: Path) -> None:
    at = START.wall
    since = ["--settings", "store.toml", "--since"]
    assert len(facts(*since, at.isoformat(), database=database)) == 3
    later = (at + timedelta(seconds=1)).isoformat()
    assert facts(*since, later, database=database) == []
    ago = (SystemClock().now().wall - at).days
    assert len(facts(*since, f"{ago + 2}d", database=database)) == 3


def test_a_time_that_nobody_understands_is_refused(database: Path) -> None:
    app = typer.Typer()
    app.command()(command(lambda _settings: database))
    result = CliRunner().invoke(app, ["--settings", "store.toml", "--since", "yesterday"])
    assert (result.exit_code, "90m, 12h, 7d" in result.output) == (2, True)
