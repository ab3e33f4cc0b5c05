"""`store-sim bluez`: a bluetoothd to leave running, with faults typed in."""

import asyncio
import os
import signal
import stat
import sys
from pathlib import Path
from typing import Annotated

import typer

from simulators.bluez import faults
from simulators.bluez.adapter import Adapter
from simulators.bluez.advert import Advert, MalformedAdvert
from simulators.bluez.daemon import SimulatedBluez
from simulators.bluez.discovery import Version
from simulators.bluez.faults import FAULTS

MOST_ADAPTERS = 8
"""A gateway has one adapter, or a few on USB; the addresses of simulated ones end in 00 to 07."""

_HELP = """Type one command a line (hci0 when no adapter is named):
  FAULT [hciN]                        bring a fault about; `faults` lists them
  mend FAULT [hciN]                   end it
  advertise ADDRESS RSSI HEX [hciN]   let the adapter hear raw AD structures
  counters                            what became of the adverts
  quit"""


def list_faults() -> str:
    """Every fault with what it stands for; a star for what `mend` ends."""
    width = max(map(len, FAULTS))
    return "\n".join(
        f"{'*' if each.end else ' '} {name:{width}}  {each.about}" for name, each in FAULTS.items()
    )


def _show_faults(wanted: bool) -> None:  # noqa: FBT001 - a callback of typer
    if wanted:
        typer.echo(list_faults())
        raise typer.Exit


def bluez(
    socket: Annotated[Path, typer.Option(help="Unix socket of the private bus; made anew.")],
    version: Annotated[
        str, typer.Option(help="BlueZ to imitate; it decides which RSSI changes are shown.")
    ] = "5.82",
    adapters: Annotated[int, typer.Option(min=1, max=MOST_ADAPTERS, help="hci0, hci1 …")] = 1,
    *,
    show_faults: Annotated[
        bool,
        typer.Option(
            "--faults", callback=_show_faults, is_eager=True, help="List the faults and end."
        ),
    ] = False,
) -> None:
    """Run a simulated org.bluez on a private D-Bus.

    Prints the DBUS_SYSTEM_BUS_ADDRESS to export for the program that shall
    use it (the agent, bluetoothctl), then takes commands: `help` lists them.
    Runs until `quit`, Ctrl-C or SIGTERM.
    """
    try:
        simulated = SimulatedBluez(socket, version=parse_version(version), adapters=adapters)
        asyncio.run(_run(simulated))
    except (OSError, ValueError) as err:
        typer.echo(f"store-sim bluez: {err}", err=True)
        raise typer.Exit(1) from err


def parse_version(text: str) -> Version:
    """``5.82`` as (5, 82); raises `ValueError` for anything else."""
    major, _, minor = text.partition(".")
    if not (major.isdecimal() and minor.isdecimal()):
        reason = f"{text!r} is no BlueZ version; write one such as 5.82"
        raise ValueError(reason)
    return int(major), int(minor)


async def _run(simulated: SimulatedBluez) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with simulated, asyncio.TaskGroup() as tasks:
        typer.echo(f"DBUS_SYSTEM_BUS_ADDRESS={simulated.address}")
        sys.stdout.flush()
        reading = tasks.create_task(_take_commands(simulated, stop), name="bluez commands")
        await stop.wait()
        reading.cancel()


async def _take_commands(simulated: SimulatedBluez, stop: asyncio.Event) -> None:
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
                typer.echo(await obey(simulated, line))
                sys.stdout.flush()
    finally:
        transport.close()


async def obey(simulated: SimulatedBluez, line: str) -> str:
    """Do what one typed line says; returns what to show the person who typed it."""
    word, *arguments = line.split()
    adapter = "hci0"
    if arguments and arguments[-1].startswith("hci"):
        adapter = arguments.pop()
    if adapter not in simulated.adapters:
        return f"there is no adapter {adapter}"
    match word, arguments:
        case "advertise", _:
            return _advertise(simulated.adapter(adapter), arguments)
        case "counters", []:
            return _counters(simulated)
        case "faults", []:
            return list_faults()
        case "mend", [name] if name in FAULTS:
            await faults.end(name, simulated, adapter)
        case name, [] if name in FAULTS:
            await faults.begin(name, simulated, adapter)
        case _:
            return _HELP
    return "ok"


def _advertise(adapter: Adapter, arguments: list[str]) -> str:
    try:
        address, rssi, ad = arguments
        adapter.advertise(Advert(address.upper(), int(rssi), bytes.fromhex(ad)))
    except (ValueError, MalformedAdvert) as err:
        return f"advertise ADDRESS RSSI HEX: {err}"
    return "ok"


def _counters(simulated: SimulatedBluez) -> str:
    lines = []
    for name, adapter in simulated.adapters.items():
        counters = adapter.counters
        unheard = "".join(f", {count} {reason}" for reason, count in counters.unheard.items())
        lines.append(f"{name}: {counters.sent} sent, {counters.signalled} signalled{unheard}")
    return "\n".join(lines)
