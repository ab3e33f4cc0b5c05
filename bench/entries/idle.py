"""An agent at rest: link up, twenty shoppers who stand still, nothing that changes.

The real processes: mosquitto, `cloud-hub`, `edge-agent` with bleak on the simulated BlueZ, which
plays twenty cards once a second each. What counts is the agent's processor time and memory.
"""

import asyncio
import csv
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import httpx

from bench.cloud import own_disk, processor_s, resident_mb
from bench.harness import ROOT, Effort, Measure, measured
from tests.faults.system.house import ready
from tests.faults.system.programs import AGENT, HUB, Program
from tests.faults.system.settings import Place, lay_out_agent, lay_out_hub
from tests.faults.system.waiting import until, until_async
from tests.support.brokers import broker_process

TITLE: Final = "An agent at rest"

BEACONS: Final = 20
SETTLE_S, MEASURE_S = 20.0, 30.0
"""The first arrivals are over; and long enough that a hundredth of a second says nothing."""

CHAIN: Final = "f7826da6-4fa2-4e98-8024-bc5b71e0893e"

FLOOR: Final = """
[[zones]]
id = "shoes"
kind = "shelf"
name = { ko = "신발", en = "Shoes" }
polygon = [[0, 0], [5, 0], [5, 10], [0, 10]]
[[receivers]]
id = "ceiling"
kind = "bluez"
adapter = "hci0"
position = [3, 5]
"""


def measure(effort: Effort) -> list[Measure]:
    """Processor and memory, over the runs."""
    found = [asyncio.run(_rest()) for _ in range(min(effort.runs, 3))]
    return [
        measured(
            f"link up, {BEACONS} beacons heard, no changes",
            [100 * share for share, _ in found],
            unit="% of a core",
            to_reach="below 2",
        ),
        measured("its memory", [mb for _, mb in found], unit="MB", to_reach="at most 120"),
    ]


async def _rest() -> tuple[float, float]:
    """The share of a core, and resident megabytes."""
    with own_disk() as folder, _air(folder) as address:
        async with _store(folder, address) as (agent, place):
            await _enrol(place)
            await asyncio.sleep(SETTLE_S)
            before = processor_s(agent.pid)
            await asyncio.sleep(MEASURE_S)
            return (processor_s(agent.pid) - before) / MEASURE_S, resident_mb(agent.pid)


@contextmanager
def _air(folder: Path) -> Iterator[str]:
    """The simulated radio, playing; where its bus is."""
    recording, bus = folder / "air.csv", folder / "bus"
    _record(recording)
    words = [sys.executable, "-m", "simulators", "replay", str(recording), "--socket", str(bus)]
    nobody = subprocess.DEVNULL
    with subprocess.Popen(words, cwd=ROOT, stdout=nobody, stderr=nobody) as process:  # noqa: S603 - our own module
        try:
            yield f"unix:path={bus}"
        finally:
            process.terminate()


def _record(file: Path) -> None:
    seconds = int(SETTLE_S + MEASURE_S) + 60
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("t_ms", "uuid", "major", "minor", "tx_power", "rssi", "mac"))
        for second in range(seconds):
            for number in range(BEACONS):
                at, rssi = 1000 * second + 50 * number, -60 - number % 8
                rows.writerow((at, CHAIN, 1, number, -59, rssi, f"C2:00:00:00:00:{number:02X}"))


@asynccontextmanager
async def _store(folder: Path, bus: str) -> AsyncIterator[tuple[Program, Place]]:
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus
    with ExitStack() as stack:
        broker = stack.enter_context(broker_process("mosquitto", folder))
        hub_place = lay_out_hub(folder / "hub", broker=broker.port)
        place = lay_out_agent(folder / "agent", broker=broker.port, more=FLOOR)
        hub = Program([HUB, "run", "--settings", "hub.toml"], *ready(hub_place))
        agent = Program([AGENT, "run", "--settings", "store.toml"], *ready(place))
        for program in (hub, agent):
            stack.callback(program.kill)
            program.start()
        for program in (hub, agent):
            await until(program.listening, program.last_words)
        yield agent, place


async def _enrol(place: Place) -> None:
    headers = {"authorization": f"Bearer {place.key}"}
    async with httpx.AsyncClient(base_url=place.url, headers=headers, trust_env=False) as client:
        text = (await client.get("/v1/consents/texts")).json()["version"]
        for number in range(BEACONS):
            body = {
                "beacon": f"ibeacon:{CHAIN}:1:{number}",
                "language": "ko",
                "consents": {"location": True, "advertising": False, "night_advertising": False},
                "text_version": text,
            }
            answer = await client.post(
                "/v1/shoppers", json=body, headers={"idempotency-key": f"b-{number}"}
            )
            answer.raise_for_status()

        async def heard() -> bool:
            lines = (await client.get("/metrics")).text.splitlines()
            rates = [line for line in lines if line.startswith("aisle_receiver_sightings")]
            return "aisle_link_online 1.0" in lines and any(
                float(line.rsplit(" ", 1)[1]) > BEACONS / 2 for line in rates
            )

        await until_async(heard, lambda: "link up and beacons heard")
