"""One seed from beginning to end."""

import asyncio
from collections.abc import Callable

from structlog.testing import capture_logs

from tests.faults.seeds import SEED, chance
from tests.faults.simulation.gateway import Gateway
from tests.faults.simulation.hub import Hub
from tests.faults.simulation.oracle import judge
from tests.faults.simulation.story import Story
from tests.faults.simulation.world import Violation, World


def play(
    number: int,
    *,
    seed: int = SEED,
    hub: type[Hub] = Hub,
    gateway: type[Gateway] = Gateway,
    trace: Callable[[float, str], None] | None = None,
) -> None:
    """Play story `number` of the suite's `seed` and judge it.

    Raises:
        Violation: names the number under which it can be had again.
    """
    world = World(chance(seed, "simulation", number), trace)
    story = Story(world, hub=hub, gateway=gateway)
    try:
        asyncio.run(_run(world))
        judge(story)
    except Violation as err:
        msg = f"{err}; again: python -m tests.faults.simulation --seed {number} --suite {seed}"
        raise Violation(msg) from None


async def _run(world: World) -> None:
    """In a loop that turns for nobody: the hub's intake takes its seconds from one."""
    with capture_logs():
        world.run()
