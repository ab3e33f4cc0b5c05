"""The run directory and the ports."""

import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from simulators.demo.directory import NotOurs, NotWritable, prepare
from simulators.demo.ports import Ports, PortTaken
from simulators.demo.surveyed import survey
from simulators.world.plan import load_plan

PORTS = Ports.from_base(28_000)


def test_secrets_are_for_their_owner_only(tmp_path: Path) -> None:
    run, keys = prepare(tmp_path / "demo", PORTS, keep=False)
    for file in (run.state / "secrets").iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(run.root.stat().st_mode) == 0o700
    assert len({keys.desk, keys.till, keys.hub_api, keys.simulator}) == 4


def test_no_secret_stands_in_a_settings_file(tmp_path: Path) -> None:
    run, keys = prepare(tmp_path / "demo", PORTS, keep=False)
    text = run.settings.read_text() + run.hub_settings.read_text()
    assert not any(key in text for key in (keys.desk, keys.till, keys.hub_api, keys.simulator))


def test_a_former_demo_is_wiped_unless_it_is_kept(tmp_path: Path) -> None:
    _, first = prepare(tmp_path / "demo", PORTS, keep=False)
    _, kept = prepare(tmp_path / "demo", PORTS, keep=True)
    _, fresh = prepare(tmp_path / "demo", PORTS, keep=False)
    assert first == kept
    assert first != fresh


def test_a_directory_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("three years of work")
    with pytest.raises(NotOurs, match="--directory"):
        prepare(tmp_path, PORTS, keep=False)
    assert (tmp_path / "thesis.txt").exists()


def test_the_directory_of_a_demo_that_runs_is_left_alone(tmp_path: Path) -> None:
    take = (
        "import pathlib, sys; from simulators.demo.directory import prepare;"
        " from simulators.demo.ports import Ports;"
        f" prepare(pathlib.Path({str(tmp_path)!r}), Ports(), keep=False);"
        " print('taken', flush=True); sys.stdin.read()"
    )
    argv = [sys.executable, "-c", take]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        before = (tmp_path / "state" / "secrets" / "desk.key").read_text()
        with pytest.raises(NotOurs, match=r"another demo.*--directory"):
            prepare(tmp_path, PORTS, keep=False)
        assert (tmp_path / "state" / "secrets" / "desk.key").read_text() == before
        other.kill()
    prepare(tmp_path, PORTS, keep=False)


def test_a_directory_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotWritable, match=r"file/demo cannot be written.*--directory"):
        prepare(tmp_path / "file" / "demo", PORTS, keep=False)


def test_the_settings_of_a_run_pass_the_agents_own_check(tmp_path: Path) -> None:
    run, _ = prepare(tmp_path / "demo", PORTS, keep=False)
    run.survey.write_text(survey(load_plan(run.settings), seed=7))
    argv = [sys.executable, "-m", "edge_agent", "check", "--settings", str(run.settings)]
    checked = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    assert checked.returncode == 0, checked.stderr
    assert load_plan(run.settings).zone("shoes").dwell_s == 5.0


def test_a_port_that_is_taken_is_named_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = Ports(hub=taken.getsockname()[1])
        with pytest.raises(PortTaken, match=rf"{ports.hub} \(hub\).*--port-base"):
            ports.require_free()


def test_a_base_of_zero_takes_what_is_free() -> None:
    ports = Ports.from_base(0)
    ports.require_free()
    assert ports != Ports.from_base(0)
