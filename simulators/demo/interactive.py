"""A store to play with: people wander, and a person at the console decides the rest."""

import asyncio

import httpx
from rich.console import Console

from simulators.demo.background import background
from simulators.demo.control import serving
from simulators.demo.director import order_body
from simulators.demo.directory import Keys
from simulators.demo.failure import DemoFailure
from simulators.demo.faults import begin
from simulators.demo.household import Household
from simulators.demo.persons import Person
from simulators.demo.ports import Ports
from simulators.demo.prepared import Prepared
from simulators.demo.scene import Scene
from simulators.demo.stage import Stage
from simulators.demo.wandering import Hands, Wanderer
from simulators.world.chance import seeded


async def play(demo: Prepared, scene: Scene, household: Household) -> None:
    """Let the store live until the person has enough (Ctrl-C); runs for ever.

    Raises:
        DemoFailure: when the pages are not built.
    """
    await _require_pages(scene)
    story, ports, keys = demo.story, demo.options.ports, demo.keys
    wanderers = {
        name: Wanderer(person, scene, seeded(story.seed, "wander", name))
        for name, person in scene.people.items()
    }
    stage = Stage(scene, household, wanderers, demo.articles, seeded(story.seed, "visitor"))
    await begin(stage.switches, demo.options.faults)
    origins = [f"http://{host}:{ports.agent}" for host in ("127.0.0.1", "localhost")]
    async with background() as beside:
        for name, wanderer in wanderers.items():
            beside.start(wanderer.wander(), f"{name} wanders")
            beside.start(_follow(wanderer.person), f"{name}'s phone")
        beside.start(Hands(scene).work(), "hands at the locker")
        beside.start(stage.tick_coupon(), "story strip, coupon")
        beside.start(stage.tick_handover(), "story strip, handover")
        beside.start(stage.tick_restore(), "story strip, cloud")
        async with serving(stage, keys.simulator, origins, ports.control):
            first = story.orders[0]
            await scene.hub.place(scene.store, order_body(scene.people[first.guest], first))
            await _welcome(scene, stage, ports, keys)
            await asyncio.Event().wait()


async def _require_pages(scene: Scene) -> None:
    for client, path in (
        *((scene.agent, f"/{page}/") for page in ("console", "shopper", "staff", "mirror")),
        (scene.hub.client, "/"),
    ):
        answer = await client.get(path)
        if not answer.is_success:
            msg = (
                f"the page {client.base_url}{path} is not there ({answer.status_code}): the pages "
                "are not built; `make demo` builds them, --headless does without"
            )
            raise DemoFailure(msg)


async def _follow(person: Person) -> None:
    """Keep somebody's page open, until they leave the store's care altogether."""
    if person.phone is None:
        return
    try:
        await person.phone.view.follow()
    except httpx.HTTPStatusError as err:
        if err.response.status_code != httpx.codes.UNAUTHORIZED:
            raise
        person.phone = None


async def _welcome(scene: Scene, stage: Stage, ports: Ports, keys: Keys) -> None:
    """Print where everything is, and the key."""
    agent, hub = (f"http://127.0.0.1:{port}" for port in (ports.agent, ports.hub))
    shopper, person = next(iter(scene.people.items()))
    name = " / ".join(person.guest.name.values())
    mirror = next(iter(scene.mirrors))
    rows: list[tuple[str, str]] = [
        ("Store console", f"{agent}/console/"),
        ("Staff", f"{agent}/staff/"),
        (
            "Shopper",
            f"{agent}/shopper/#join={await stage.phone(shopper)}  (the phone of {name})",
        ),
        ("Mirror", f"{agent}/mirror/#join={await stage.pair_mirror(mirror)}"),
        ("Hub", f"{hub}/"),
        ("Sign-in key", keys.desk),
    ]
    console = Console(soft_wrap=True, highlight=False)
    console.print("\n[bold green]The store is open.[/bold green]\n")
    for name, value in rows:
        console.print(f"  [bold]{name:<13}[/bold]  {value}")
    console.print("\nThe key opens console, staff and hub. Ctrl-C stops everything.\n")
