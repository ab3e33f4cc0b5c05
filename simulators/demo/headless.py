"""The story without a person watching: everybody acts their part until the curtain falls."""

import asyncio
from collections.abc import Coroutine, Mapping
from typing import Any

from simulators.demo.background import background
from simulators.demo.clerk import Clerk
from simulators.demo.director import break_cloud, place_orders
from simulators.demo.directory import RunDirectory
from simulators.demo.faults import all_faults, begin
from simulators.demo.household import Household
from simulators.demo.observer import caught_up, note_reception
from simulators.demo.prepared import Prepared
from simulators.demo.sabotage import Sabotage, double_fact, drop_fact
from simulators.demo.scene import Scene
from simulators.demo.shopper import Shopper
from simulators.demo.story import Story
from simulators.world.chance import seeded

CATCH_UP_S = 30.0
"""How long the cloud may take for the rest: the hub looks for its broker every 10 s at least."""

_TAMPER = {Sabotage.DROP_FACT: drop_fact, Sabotage.DOUBLE_FACT: double_fact}


async def perform(demo: Prepared, scene: Scene, household: Household) -> None:
    """Act the story out, and wait until the cloud has caught up or will not.

    What is not done when the curtain falls is written down, with who had to do it.
    """
    story, sabotage = demo.story, demo.options.sabotage
    faults = all_faults(scene.premises, household, lambda: scene.people)
    await begin(faults, demo.options.faults)
    at_desk = [plan.order for plan in story.orders if plan.desk]
    clerk = Clerk(scene, seeded(story.seed, "clerk"), at_desk)
    async with background() as beside:
        beside.start(clerk.prepare(), "clerk prepares")
        beside.start(clerk.receive(), "clerk receives")
        shoppers = {
            part.guest.id: Shopper(
                scene.people[part.guest.id], scene, seeded(story.seed, "hand", part.guest.id)
            )
            for part in story.parts
        }
        for shopper in shoppers.values():
            beside.start(shopper.follow_phone(), "phone")
            beside.start(shopper.look_at_phone(), "eyes on the phone")
        acts: dict[str, Coroutine[Any, Any, None]] = {
            **{part.guest.id: shoppers[part.guest.id].play(part) for part in story.parts},
            "retailer": place_orders(scene, story.orders),
            "cloud": break_cloud(scene, household, story.outage),
        }
        if sabotage in _TAMPER:
            acts["saboteur"] = _tamper(scene, story, demo.run, sabotage)
        await _act(scene, acts, until=story.curtain)
        scene.premises.close()
        await household.restore_cloud()
        await _let_catch_up(scene)
        note_reception(scene)


async def _act(scene: Scene, acts: Mapping[str, Coroutine[Any, Any, None]], until: float) -> None:
    """Run all acts; at second `until` of the story those that still run are cut short."""
    async with asyncio.TaskGroup() as tasks:
        running = {name: tasks.create_task(act, name=name) for name, act in acts.items()}
        await asyncio.wait(running.values(), timeout=until - scene.seconds)
        unfinished = sorted(
            name
            for name, task in running.items()
            if not task.done() and not _only_leaving(scene, name)
        )
        if unfinished:
            scene.journal.note("curtain_fell", unfinished=unfinished)
        for task in running.values():
            task.cancel()


def _only_leaving(scene: Scene, name: str) -> bool:
    return name in scene.people and scene.people[name].activity == "leave"


async def _let_catch_up(scene: Scene) -> None:
    try:
        async with asyncio.timeout(CATCH_UP_S):
            await caught_up(scene)
    except TimeoutError:
        scene.journal.note("not_caught_up", after_s=CATCH_UP_S)


async def _tamper(scene: Scene, story: Story, run: RunDirectory, sabotage: Sabotage) -> None:
    await scene.at(story.outage.begins)
    await asyncio.to_thread(_TAMPER[sabotage], run)
    scene.journal.note("sabotaged", what=sabotage)
