from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulators.bluez import SimulatedBluez
from simulators.bluez.command import obey, parse_version


@pytest.fixture
async def bluez(tmp_path: Path) -> AsyncIterator[SimulatedBluez]:
    async with SimulatedBluez(tmp_path / "bus", adapters=2) as running:
        yield running


async def test_a_command_names_its_adapter_or_means_the_first(bluez: SimulatedBluez) -> None:
    assert obey(bluez, "off hci1") == "ok"
    assert bluez.adapter("hci0").powered
    assert not bluez.adapter("hci1").powered
    obey(bluez, "unplug")
    assert not bluez.adapter("hci0").present
    obey(bluez, "replug")
    assert bluez.adapter("hci0").present
    obey(bluez, "on hci1")
    assert bluez.adapter("hci1").powered


@pytest.mark.parametrize(
    ("word", "silence"),
    [("crash", "crashed"), ("hang", "hung"), ("resume", None), ("restart", None)],
)
async def test_the_daemon_is_killed_stopped_and_brought_back(
    bluez: SimulatedBluez, word: str, silence: str | None
) -> None:
    obey(bluez, word)
    assert bluez.silence() == silence


@pytest.mark.parametrize("line", ["help", "fly", "crash now", "off hci0 hci1"])
async def test_anything_else_is_answered_with_the_list(bluez: SimulatedBluez, line: str) -> None:
    assert "Type one command a line" in obey(bluez, line)


async def test_counters_name_what_was_unheard(bluez: SimulatedBluez) -> None:
    obey(bluez, "advertise c0:00:00:00:00:01 -60 020106")
    assert obey(bluez, "counters").splitlines() == [
        "hci0: 1 sent, 0 signalled, 1 not scanning",
        "hci1: 0 sent, 0 signalled",
    ]


@pytest.mark.parametrize("text", ["5", "5.", ".82", "5.x", "", "5.82.1"])
def test_a_version_is_two_numbers(text: str) -> None:
    assert parse_version("5.82") == (5, 82)
    with pytest.raises(ValueError, match="no BlueZ version"):
        parse_version(text)
