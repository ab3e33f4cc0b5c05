"""5,000 adverts a second through a simulated BlueZ and unmodified bleak, into the agent's classes.

BlueZ's end and the agent's are processes of their own. Its CPU is user and system time of all its
threads: D-Bus, bleak, decoding, identities, tracks and the log.
"""

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from bench.harness import Contender, Effort, Measure, measured, working
from bench.mix import mix_file

TITLE: Final = "Through BlueZ and bleak"

SECONDS, FULL_SECONDS = 20.0, 300.0
LOOK_S: Final = 0.1
ONE_IN: Final = 3
"""So many of the transmitters that can be somebody's is enrolled, as in a shop."""


def measure(effort: Effort) -> list[Measure]:
    """Rate, what was lost, and CPU; five minutes once instead of short runs when whole."""
    seconds = FULL_SECONDS if effort.full else SECONDS
    found = [_run(seconds) for _ in range(1 if effort.full else effort.runs)]
    return [
        measured(
            f"adverts sent on one adapter, {seconds:.0f} s",
            [run["sent"] / run["air_s"] for run in found],
            unit="a second",
            to_reach="5,000: what the agent is asked",
            note="the rate of the simulated BlueZ; where it is less, the machine was too busy",
        ),
        measured(
            "of these lost",
            [float(run["sent"] - run["heard"]) for run in found],
            unit="adverts",
            to_reach="none",
        ),
        measured(
            "CPU of the agent's process",
            [100 * run["cpu"] / run["seconds"] for run in found],
            unit="% of a core",
            to_reach="at most 40",
        ),
        measured(
            "CPU for one advert",
            [1e6 * run["cpu"] / run["heard"] for run in found],
            unit="us",
            to_reach="80, which is 40 % at 5,000 a second",
        ),
    ]


def _await(socket: Path) -> None:
    while not socket.exists():
        time.sleep(LOOK_S)


def _run(seconds: float) -> dict[str, Any]:
    python, mix = Path(sys.executable), str(mix_file())
    with (
        TemporaryDirectory(prefix="bench-") as directory,
        working(Contender("bluez_air", python)) as air,
        working(Contender("aisle_radio", python)) as agent,
    ):
        socket = f"{directory}/bus"
        air.begin(run={"mix": mix, "socket": socket, "seconds": seconds})
        _await(Path(socket))
        agent.begin(run={"mix": mix, "socket": socket, "share": ONE_IN})
        sent, heard = air.end(), agent.end()
    return {"sent": sent["sent"], "air_s": sent["seconds"], **heard}
