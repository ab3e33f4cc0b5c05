"""The locker adapter: one process per bank of lockers.

On the gateway it is `edge-agent adapter locker`, which takes everything from the store's settings;
on a machine without them, beside a bank far from the gateway, it is
``python -m edge_agent.adapters.locker`` with options.
"""

import asyncio
import math
import signal
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from device_profiles.lockers.families import driver_for
from device_profiles.lockers.profile import BadProfile, Profile, load, load_file
from edge_agent.adapters.bank import Bank, Order
from edge_agent.adapters.journal import Journal, JournalProblem
from edge_agent.adapters.link import AgentLink
from edge_agent.adapters.serial_line import open_line
from edge_agent.devices.keys import DeviceKeys, KeyProblem, device_keys, enrol
from edge_agent.devices.messages import Heartbeat, Unlock

HEARTBEAT_S = 0.5
"""A quarter of the silence after which the agent counts a device as gone."""


def locker(
    *,
    bank: Annotated[
        str, typer.Option(help="The bank's name, such as A; also its name on the bus.")
    ],
    serial: Annotated[str, typer.Option(help="Serial port of the boards.")],
    bus: Annotated[str, typer.Option(help="The agent's device bus, tcp://host:port.")],
    keys: Annotated[Path, typer.Option(help="Key directory of the device bus.")],
    state: Annotated[Path, typer.Option(help="Where the journal of openings is kept.")],
    family: Annotated[str, typer.Option(help="Family of the boards.")] = "kerong_cu16",
    boards: Annotated[int, typer.Option(min=1, help="Boards on the line.")] = 1,
    profile: Annotated[
        Path | None, typer.Option(help="A site's own profile.toml instead of the family's.")
    ] = None,
    make_keys: Annotated[
        bool, typer.Option("--enrol", help="Make the bank's keys, print where, and stop.")
    ] = False,
) -> None:
    """Run a bank of lockers: read its sensors, open doors for the agent, each command once.

    Run once with --enrol before the first start.
    """
    try:
        if make_keys:
            enrol(keys, bank)
            typer.echo(f"{keys}: {bank} may connect")
            return
        settled = load_file(profile) if profile else load(family)
        check_boards(settled, boards)
        with Journal(state, bank) as journal:
            asyncio.run(
                run(
                    journal=journal,
                    serial=serial,
                    bus=bus,
                    keys=device_keys(keys, bank),
                    profile=settled,
                    boards=boards,
                )
            )
    except (KeyProblem, BadProfile, JournalProblem) as err:
        typer.echo(str(err), err=True)
        raise typer.Exit(2) from err


def check_boards(profile: Profile, boards: int) -> None:
    """Raise `BadProfile` when the family has no driver or cannot have so many boards."""
    driver_for(profile)
    if boards > profile.sizes.boards:
        text = f"{profile.name}: {boards} boards, but a line takes {profile.sizes.boards}"
        raise BadProfile(text)


async def run(
    *, journal: Journal, serial: str, bus: str, keys: DeviceKeys, profile: Profile, boards: int
) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with AgentLink(bus, keys) as link, asyncio.TaskGroup() as tasks:
        bank = Bank(profile, boards, journal, link.send)
        working = [
            tasks.create_task(bank.run(partial(open_line, serial, profile)), name="bank"),
            tasks.create_task(listen(link, bank), name="listen"),
            tasks.create_task(beat(link, bank), name="heartbeat"),
        ]
        await stop.wait()
        for task in working:
            task.cancel()


async def listen(link: AgentLink, bank: Bank) -> None:
    """Hand the agent's commands to the bank, with their deadlines on this machine's clock."""
    while True:
        letter = await link.receive()
        if isinstance(letter.message, Unlock):
            expires_ms = letter.expires_ms(link.session)
            not_after = -math.inf if expires_ms is None else expires_ms / 1000
            bank.offer(Order(letter.message, not_after))
        else:
            await bank.introduce()


async def beat(link: AgentLink, bank: Bank) -> None:
    """Show that the program runs, and make good for what the agent has missed."""
    while True:
        if link.owing:
            link.owing = False
            await bank.introduce()
        await link.send(Heartbeat())
        await asyncio.sleep(HEARTBEAT_S)


if __name__ == "__main__":
    typer.run(locker)
