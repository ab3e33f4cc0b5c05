"""`store-sim replay`: recorded advertisements through the simulated radio."""

import asyncio
import json
import signal
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from simulators.bluez import SimulatedBluez
from simulators.bluez.command import MOST_ADAPTERS, parse_version
from simulators.bluez.recordings import Recorded, Skipped, UnreadableRecording, read

LONGEST_RUN = 20
"""Adverts between turns of the event loop, when the replay is late: 3 ms of work."""

MOST_COMPLAINTS = 100
"""Lines about bad lines on stderr; the summary counts them all."""


@dataclass
class Tally:
    """What became of a recording.

    Attributes:
        skipped: lines that were not played, by reason.
    """

    played: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    error: str | None = None


def replay(
    file: Annotated[
        Path,
        typer.Argument(
            help="A recording: .jsonl or .csv, also .gz.",
            exists=True,
            dir_okay=False,
            readable=True,
        ),
    ],
    *,
    speed: Annotated[float, typer.Option(min=1, max=100, help="How many times as fast.")] = 1,
    socket: Annotated[
        Path | None, typer.Option(help="Unix socket of the private bus; made anew.")
    ] = None,
    version: Annotated[str, typer.Option(help="BlueZ to imitate.")] = "5.82",
    adapters: Annotated[
        int, typer.Option(min=1, max=MOST_ADAPTERS, help="Adapters there are; hci0 hears.")
    ] = 1,
    patience: Annotated[
        float, typer.Option(min=0, help="Seconds to wait until somebody scans on hci0.")
    ] = 60,
) -> None:
    """Play recorded advertisements through a simulated org.bluez.

    Says on stderr which DBUS_SYSTEM_BUS_ADDRESS to give to the agent,
    waits until it scans, plays, and prints a JSON summary.

    JSON lines hold `raw_adv`, or `manufacturer_data` and `service_data`,
    and are played ten a second. CSV holds iBeacons and when they were
    heard (`t_ms`); pauses above a second are cut. Lines that cannot be
    played are named on stderr and counted.
    """
    with tempfile.TemporaryDirectory(prefix="store-sim-") as directory:
        try:
            simulated = SimulatedBluez(
                socket or Path(directory) / "bus",
                version=parse_version(version),
                adapters=adapters,
            )
            raise typer.Exit(asyncio.run(_run(simulated, file, speed, patience)))
        except (OSError, ValueError) as err:
            typer.echo(f"store-sim replay: {err}", err=True)
            raise typer.Exit(1) from err


async def _run(simulated: SimulatedBluez, file: Path, speed: float, patience: float) -> int:
    """Returns the exit status: 0 when the whole file was played to somebody."""
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with simulated:
        typer.echo(f"DBUS_SYSTEM_BUS_ADDRESS={simulated.address}", err=True)
        try:
            async with asyncio.timeout(patience):
                await simulated.adapter().scanning.wait()
        except TimeoutError:
            typer.echo(f"nobody scanned on hci0 within {patience:.0f} s", err=True)
            return 1
        tally = await play(simulated, file, speed, stop)
        await simulated.drain()
        typer.echo(json.dumps(_summary(simulated, file, tally)))
        return 1 if tally.error else 0


async def play(simulated: SimulatedBluez, file: Path, speed: float, stop: asyncio.Event) -> Tally:
    """Play `file` on hci0 at `speed` until its end or `stop`."""
    tally = Tally()
    loop = asyncio.get_running_loop()
    due = loop.time()
    try:
        for item in read(file):
            if stop.is_set():
                break
            if isinstance(item, Skipped):
                _skip(tally, file, item)
                continue
            due += item.gap / speed
            ahead = due - loop.time()
            if ahead > 0 or tally.played % LONGEST_RUN == 0:
                await asyncio.sleep(max(ahead, 0))
            _send(simulated, item, tally)
    except UnreadableRecording as err:
        tally.error = str(err)
        typer.echo(tally.error, err=True)
    return tally


def _send(simulated: SimulatedBluez, item: Recorded, tally: Tally) -> None:
    simulated.adapter().advertise(item.advert)
    tally.played += 1


def _skip(tally: Tally, file: Path, item: Skipped) -> None:
    tally.skipped[item.problem] += 1
    if item.detail and tally.skipped.total() <= MOST_COMPLAINTS:
        typer.echo(f"{file}:{item.line}: {item.problem}: {item.detail}", err=True)


def _summary(simulated: SimulatedBluez, file: Path, tally: Tally) -> dict[str, Any]:
    counters = simulated.adapter().counters
    return {
        "file": str(file),
        "played": tally.played,
        "skipped": dict(tally.skipped),
        "signalled": counters.signalled,
        "unheard": dict(counters.unheard),
        "signals_dropped": simulated.signals_dropped,
        "error": tally.error,
    }
