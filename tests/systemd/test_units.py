"""The units are what systemd accepts, and they give little away."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "systemd").glob("*.service"))
pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The units with the programs of this checkout in place of those under /opt."""
    programs = str(Path(sys.executable).parent)
    mosquitto = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/aisle/.venv/bin", programs)
        name = unit.name.replace("@.", "@A.")
        (tmp_path / name).write_text(text.replace("/usr/sbin/mosquitto", mosquitto), "utf-8")
    return tmp_path


def test_each_unit_passes_systemd_analyze_verify(installed: Path) -> None:
    units = [str(unit) for unit in sorted(installed.iterdir())]
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_is_rated_ok_for_its_exposure(unit: Path) -> None:
    most_exposure = "25"  # tenths; systemd calls up to 4.0 "OK"
    rated = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            f"--threshold={most_exposure}",
            str(unit),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-400:]
