"""One demo from an empty directory to the last process stopped."""

import asyncio
import signal
import tempfile
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from simulators.demo.background import background
from simulators.demo.directory import TROLLEY_EXPONENT, TROLLEY_ZERO
from simulators.demo.headless import perform
from simulators.demo.household import Household, open_household
from simulators.demo.interactive import play
from simulators.demo.journal import Journal, journal, wall_time
from simulators.demo.judge import judge
from simulators.demo.observer import watch_screens
from simulators.demo.opening import STORY_TERMS, VISIT_TERMS, Terms, open_scene, open_store
from simulators.demo.premises import Premises, open_premises
from simulators.demo.prepared import Options, Prepared
from simulators.demo.progress import Progress
from simulators.demo.sabotage import Sabotage, jam_all
from simulators.demo.scene import Scene
from simulators.demo.surveyor import CARD
from simulators.world.plan import load_plan
from simulators.world.rotating import EphemeralId

Tell = Callable[[str], None]

DOORS = 16
"""Of the demo's bank: one CU16 board."""


async def run_demo(demo: Prepared, say: Tell) -> dict[str, Any] | None:
    """Run it; headless: the judge's verdict, else None when the person has enough.

    Raises:
        DemoFailure: (in an exception group) when a process does not start.
        asyncio.CancelledError: on SIGINT or SIGTERM in a headless run.
    """
    _cancel_on_signals()
    async with AsyncExitStack() as stack:
        actors = stack.enter_context(journal(demo.run.actors_journal))
        if demo.options.headless:
            actors.watch(Progress(say))
        radio = stack.enter_context(journal(demo.run.radio_journal))
        sockets = stack.enter_context(tempfile.TemporaryDirectory(prefix="aisle-"))
        premises = await stack.enter_async_context(
            open_premises(
                load_plan(demo.run.settings),
                seed=demo.story.seed,
                socket=Path(sockets) / "bus",  # short: a socket's path has at most 107 bytes
                locker=demo.run.state / "locker-A",
                doors=demo.run.doors_journal,
                radio=radio,
                trolley=_trolley(demo),
            )
        )
        environment = {"DBUS_SYSTEM_BUS_ADDRESS": premises.bluez.address}
        demo.run.write_radio(premises.bluez.address, CARD.identity)
        household = await stack.enter_async_context(
            open_household(demo.run, demo.options.ports, environment, say)
        )
        await _run(demo, premises, household, actors, say)
    return judge(demo.run, demo.story.seed) if demo.options.headless else None


async def _run(
    demo: Prepared, premises: Premises, household: Household, actors: Journal, say: Tell
) -> None:
    async with background() as beside:
        beside.start(premises.live(), "world")
        say("starting the brokers, the hub, the agent and the locker adapter")
        if not demo.options.headless:
            await household.found_ca()
        await household.start()
        beside.start(household.mind(), "household")
        ports = demo.options.ports
        with premises.gateways(ports.store_broker):
            async with open_scene(demo.store, ports, demo.keys, premises, actors) as scene:
                await _open_and_act(demo, scene, household)


async def _open_and_act(demo: Prepared, scene: Scene, household: Household) -> None:
    async with background() as beside:
        beside.start(watch_screens(scene), "screens")
        if demo.options.sabotage is Sabotage.NO_DOOR:
            jam_all(scene.bank.faults, DOORS)
        await open_store(scene, demo.story, demo.consent_text, _terms(demo.options))
        scene.begin()
        act = perform if demo.options.headless else play
        await act(demo, scene, household)


def _trolley(demo: Prepared) -> EphemeralId:
    key = bytes.fromhex(demo.run.trolley_key.read_text(encoding="utf-8"))
    return EphemeralId(key, TROLLEY_EXPONENT, (wall_time() - TROLLEY_ZERO).total_seconds())


def _terms(options: Options) -> Terms | None:
    if options.sabotage is Sabotage.NO_COUPON:
        return None
    return STORY_TERMS if options.headless else VISIT_TERMS


def _cancel_on_signals() -> None:
    """The first SIGINT or SIGTERM ends the demo in order; more of them change nothing."""
    loop = asyncio.get_running_loop()
    current = asyncio.current_task()

    def end() -> None:
        if current is not None and not current.cancelling():
            current.cancel()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, end)
