"""The power cut of the kernel's own: ext4 that stops in mid-run, and is mounted again."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.disk.loop_device import LoopDevice, Unprivileged
from tests.faults.disk.promises import Told, broken, told
from tests.faults.disk.recording import ROOT
from tests.faults.disk.script import Level
from tests.faults.seeds import chance

CUTS = 20
CUTS_TO_FAIL = 6
UNITS = 400
MOST_KEPT = 200
"""Units kept at most when the power goes; the run goes on until the disk says no."""

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@pytest.fixture
def device(tmp_path: Path) -> LoopDevice:
    try:
        device = LoopDevice(tmp_path)
        with device.powered():
            pass
    except Unprivileged as err:
        pytest.skip(f"no ext4 on a loop device here: {err}")
    return device


def cut_after(device: LoopDevice, directory: Path, kept: int, level: Level) -> Told:
    """Run the script and cut the power when `kept` units are; what it had been told by then.

    What it is told later does not count: a machine without power tells nothing, while this ioctl
    lets an fdatasync that is under way return 0 for what is lost (Linux 6.18, without SQLite: the
    last of some 100 appended records, in 5 of 60 cuts).
    """
    directory.mkdir()
    command = [sys.executable, "-m", "tests.faults.disk.script", str(directory)]
    options = ["--units", str(UNITS), "--synchronous", level, "--notes", "/dev/stdout"]
    said, by_then = [], Told()
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            kept -= line.startswith(b"kept ")
            if kept == 0:
                device.cut_power()
                by_then = told(b"".join(said))
    return replace(told(b"".join(said)), kept=by_then.kept, after_failure=set())


def broken_by_cuts(device: LoopDevice, cuts: int, level: Level, seed: int) -> dict[str, list[str]]:
    """The cuts that broke something, and what, each named after how many units were kept."""
    dice = chance(seed, "loop", level)
    broken_by = {}
    for number in range(cuts):
        kept = dice.randint(1, MOST_KEPT)
        with device.powered() as mounted:
            was_told = cut_after(device, mounted / str(number), kept, level)
        with device.powered() as mounted:
            directory = mounted / str(number)
            if found := broken(directory, was_told, in_order=True):
                broken_by[f"cut {number} after {kept}"] = found
            shutil.rmtree(directory, ignore_errors=True)
    return broken_by


def test_what_was_acknowledged_survives_when_the_file_system_stops(
    device: LoopDevice, seed: int, publish: Publish
) -> None:
    broken_by = broken_by_cuts(device, CUTS, "FULL", seed)
    assert broken_by == {}
    publish("loop-device", cuts=CUTS, broken=len(broken_by))


def test_less_than_full_synchrony_fails_when_the_file_system_stops(
    device: LoopDevice, seed: int, publish: Publish
) -> None:
    broken_by = broken_by_cuts(device, CUTS_TO_FAIL, "OFF", seed)
    assert len(broken_by) > CUTS_TO_FAIL / 2
    publish("loop-device-off", cuts=CUTS_TO_FAIL, broken=len(broken_by))
