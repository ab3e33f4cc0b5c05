"""A phone carried through the simulated store: the world, turned round.

Each fixed beacon of the plan stands as a receiver, and the phone as a transmitter: what is lost on
the way is the same both ways.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from simulators.phone.client import Entry
from simulators.world.bodies import somewhere_in
from simulators.world.chance import seeded
from simulators.world.payloads import FLAGS
from simulators.world.plan import FloorPlan, Point, Receiver
from simulators.world.world import World

ADDRESS = "C0:FF:EE:00:00:01"
STAY_S = (4.0, 12.0)
"""How long its owner looks at a shelf before they go on."""

SCANS_LIKE = "bluez"
"""A phone whose app is in front scans all the time."""


class NothingToHear(Exception):
    """The plan has no fixed beacon that a phone could hear."""


def stroll(
    plan: FloorPlan, *, seconds: int, seed: int
) -> Iterator[tuple[float, Sequence[Entry], Point]]:
    """For each second: the second, what the phone heard in it, where it was.

    Raises:
        NothingToHear: the plan has no reference beacon.
    """
    named = {one.id: one.identity for one in plan.beacons if one.role == "reference"}
    if not named:
        msg = "the plan has no [[beacons]] of role reference: a phone hears nothing of its own"
        raise NothingToHear(msg)
    ears = tuple(
        Receiver(one.id, SCANS_LIKE, "", one.position) for one in plan.beacons if one.id in named
    )
    world = World(replace(plan, receivers=ears), seed)
    random = seeded(seed, "phone")
    body = world.body(somewhere_in(plan.zones[0], random))
    world.transmit(ADDRESS, lambda _: FLAGS, lambda: body.position)
    rests_until = 0.0
    for second in range(1, seconds + 1):
        heard = [Entry(named[one.receiver], one.rssi, one.at) for one in world.step(float(second))]
        yield float(second), heard, body.position
        if body.walking:
            rests_until = second + random.uniform(*STAY_S)
        elif second >= rests_until:
            body.walk(somewhere_in(random.choice(plan.zones), random))
