"""`store-sim locker`: a bank to leave running, with people and faults typed in."""

import asyncio
import os
import signal
import stat
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from simulators.locker.bank import SimulatedBank
from simulators.locker.diary import Entry
from simulators.locker.doors import DoorIsShut

_HELP = """Type one command a line (doors count from 1, boards from 0):
  put N, take N, pull N, close N      a person at door N
  jam N, invert N, repair N           latch stuck, hook switch inverted, door N as new
  stick N, loose N                    hook switch stuck at closed, at open
  open N                              door N opens by itself
  silence B, speak B                  board B loses power, has it again
  echo 1, echo 0                      the adapter hears itself, no longer
  quit"""


def locker(
    boards: Annotated[int, typer.Option(min=1, max=15, help="CU16 boards, 16 doors each.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the boards' and latches' delays.")] = 0,
    log: Annotated[
        Path | None, typer.Option(help="Append a JSON line for each door that moves.")
    ] = None,
    link: Annotated[
        Path | None, typer.Option(help="Keep a symbolic link to the serial port here.")
    ] = None,
) -> None:
    """Run a simulated bank of KERONG CU16 lock boards on a serial port.

    Prints the port, to be the `serial` of a locker in store.toml; then takes commands.
    `help` lists them.
    """
    asyncio.run(_run(SimulatedBank(boards=boards, seed=seed, log=log, link=link)))


async def _run(bank: SimulatedBank) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    bank.watch(_show)
    async with bank, asyncio.TaskGroup() as tasks:
        typer.echo(bank.device)
        reading = tasks.create_task(_take_commands(bank, stop), name="locker commands")
        await stop.wait()
        reading.cancel()


def _show(entry: Entry) -> None:
    typer.echo(f"door {entry.door}: {entry.event}")


async def _take_commands(bank: SimulatedBank, stop: asyncio.Event) -> None:
    mode = os.fstat(sys.stdin.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or sys.stdin.isatty()):
        return  # nobody types: run until a signal comes
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    try:
        while line := (await reader.readline()).decode(errors="replace"):
            if line.strip() == "quit":
                stop.set()
            elif line.strip():
                typer.echo(obey(bank, line))
    finally:
        transport.close()


def obey(bank: SimulatedBank, line: str) -> str:
    """Do what one typed line says; returns what to show the person who typed it."""
    word, _, rest = line.strip().partition(" ")
    deed = _deeds(bank).get(word)
    if deed is None or not rest.strip().isdecimal():
        return _HELP
    try:
        deed(int(rest))
    except DoorIsShut as err:
        return str(err)
    except KeyError:
        return f"there is no door {rest.strip()}"
    return "ok"


def _deeds(bank: SimulatedBank) -> Mapping[str, Callable[[int], object]]:
    faults = bank.faults
    return {
        "put": bank.put,
        "take": bank.take,
        "pull": bank.pull,
        "close": bank.close,
        "jam": faults.jam,
        "invert": faults.invert,
        "repair": faults.repair,
        "stick": lambda door: faults.stick_hook(door, closed=True),
        "loose": lambda door: faults.stick_hook(door, closed=False),
        "open": faults.open_by_itself,
        "silence": faults.silence,
        "speak": faults.speak,
        "echo": lambda on: setattr(faults, "echo", bool(on)),
    }
