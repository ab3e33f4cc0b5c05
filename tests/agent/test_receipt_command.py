"""`edge-agent receipt`, as a person runs it who has the receipt and no network."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from edge_agent.__main__ import app
from edge_agent.capabilities.shoppers.decide.leaving import Departure, salted_hash, write
from edge_agent.check import load
from edge_agent.signing_key import RECEIPT_KEY, signing_key
from tests.capabilities.world import MORNING

EXAMPLE = Path(__file__).parents[2] / "simulators" / "demo"
SALT = bytes(range(16))
DEPARTURE = Departure("seongsu-1", "0a1b", salted_hash(SALT, "anna"), SALT.hex(), MORNING.wall)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    for name in ("store.toml", "catalogue.toml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    secrets = tmp_path / "state" / "secrets"
    secrets.mkdir(parents=True)
    for name in ("desk", "till", "simulator"):
        (secrets / f"{name}.key").write_text("k7mw-2rfp-x9tc-04hd", "utf-8")
        (secrets / f"{name}.key").chmod(0o600)
    return tmp_path / "store.toml"


@pytest.fixture
def receipt(settings: Path) -> str:
    state = load(settings)[0].state.directory
    return write(DEPARTURE, signing_key(state / RECEIPT_KEY))


@pytest.fixture
def run(settings: Path) -> Callable[..., Result]:
    def invoke(*arguments: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, ["receipt", *arguments], input=stdin)

    return invoke


def test_a_receipt_is_verified_by_the_stores_own_settings(
    run: Callable[..., Result], settings: Path, receipt: str
) -> None:
    result = run("verify", receipt, "--settings", str(settings), "--shopper", "anna")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["store"], told["key"], told["concerns"]) == ("seongsu-1", "0a1b", True)


def test_a_receipt_is_verified_by_the_key_alone(
    run: Callable[..., Result], settings: Path, receipt: str
) -> None:
    key = run("key", "--settings", str(settings)).stdout.strip()
    result = run("verify", "-", "--key", key, stdin=f"{receipt}\n")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["hash"] == DEPARTURE.hash


def test_somebody_elses_or_an_altered_receipt_ends_with_1(
    run: Callable[..., Result], settings: Path, receipt: str
) -> None:
    where = ("--settings", str(settings))
    assert run("verify", receipt, *where, "--shopper", "ben").exit_code == 1
    altered = run("verify", f"{receipt[:-2]}AA", *where)
    assert altered.exit_code == 1
    assert "not signed" in altered.stderr


@pytest.mark.parametrize("key", [(), ("--key", "abc"), ("--key", "zz" * 32)])
def test_without_a_usable_key_nothing_is_said(
    run: Callable[..., Result], receipt: str, key: tuple[str, ...]
) -> None:
    assert run("verify", receipt, *key).exit_code == 2


def test_a_store_that_never_ran_has_no_key(run: Callable[..., Result], settings: Path) -> None:
    refused = run("key", "--settings", str(settings))
    assert refused.exit_code == 2
    assert "start the agent once" in refused.stderr
