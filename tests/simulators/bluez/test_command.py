from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulators.__main__ import build
from simulators.bluez import SimulatedBluez
from simulators.bluez.command import obey, parse_version
from simulators.bluez.faults import FAULTS


@pytest.fixture
async def bluez(tmp_path: Path) -> AsyncIterator[SimulatedBluez]:
    async with SimulatedBluez(tmp_path / "bus", adapters=2) as running:
        yield running


async def test_a_fault_names_its_adapter_or_means_the_first(bluez: SimulatedBluez) -> None:
    assert await obey(bluez, "powered-off hci1") == "ok"
    assert bluez.adapter("hci0").powered
    assert not bluez.adapter("hci1").powered
    await obey(bluez, "unplugged")
    assert not bluez.adapter("hci0").present
    await obey(bluez, "mend unplugged")
    assert bluez.adapter("hci0").present
    await obey(bluez, "mend powered-off hci1")
    assert bluez.adapter("hci1").powered


@pytest.mark.parametrize("name", FAULTS)
async def test_every_fault_can_be_typed_and_mended_at_any_time(
    bluez: SimulatedBluez, name: str
) -> None:
    for line in (name, name, f"mend {name}", f"{name} hci1", f"mend {name} hci1"):
        assert await obey(bluez, line) == "ok"


def test_the_list_of_faults_needs_no_daemon() -> None:
    shown = CliRunner().invoke(build("bluez"), ["bluez", "--faults"])
    assert shown.exit_code == 0
    assert set(FAULTS) <= set(shown.output.split())


@pytest.mark.parametrize(
    ("word", "silence"),
    [
        ("bluetoothd-killed", "crashed"),
        ("bluetoothd-hung", "hung"),
        ("mend bluetoothd-hung", None),
        ("bluetoothd-restarted", None),
    ],
)
async def test_the_daemon_is_killed_stopped_and_brought_back(
    bluez: SimulatedBluez, word: str, silence: str | None
) -> None:
    await obey(bluez, word)
    assert bluez.silence() == silence


@pytest.mark.parametrize(
    "line", ["help", "fly", "stalled now", "mend", "mend everything", "stalled hci0 hci1"]
)
async def test_anything_else_is_answered_with_the_list(bluez: SimulatedBluez, line: str) -> None:
    assert "Type one command a line" in await obey(bluez, line)


async def test_an_adapter_that_is_not_there_is_named(bluez: SimulatedBluez) -> None:
    assert await obey(bluez, "stalled hci7") == "there is no adapter hci7"


async def test_counters_name_what_was_unheard(bluez: SimulatedBluez) -> None:
    await obey(bluez, "advertise c0:00:00:00:00:01 -60 020106")
    counted = await obey(bluez, "counters")
    assert counted.splitlines() == [
        "hci0: 1 sent, 0 signalled, 1 not scanning",
        "hci1: 0 sent, 0 signalled",
    ]


@pytest.mark.parametrize("text", ["5", "5.", ".82", "5.x", "", "5.82.1"])
def test_a_version_is_two_numbers(text: str) -> None:
    assert parse_version("5.82") == (5, 82)
    with pytest.raises(ValueError, match="no BlueZ version"):
        parse_version(text)
