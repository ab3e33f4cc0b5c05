"""What happens in one seed: facts, orders and changes in the midst of all that can go wrong."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field

import msgspec

from cloud_bridge.wire.envelope import ROLLABLE
from cloud_bridge.wire.messages import REMOVED, Change
from tests.faults.simulation.disk import KIND, POISON, Disk
from tests.faults.simulation.gateway import Gateway
from tests.faults.simulation.hub import Hub
from tests.faults.simulation.world import CALM_AT, World

LANES = ("pickup", "stock", "presence", "telemetry")
STREAMS = ("coupons", "shoppers")
POISONED = 0.1
KEYS = ("a", "b", "c", "d", "e")


@dataclass
class Account:
    """What must be found again.

    Attributes:
        recorded: every fact that somebody recorded, by its id, and the gateway that did.
        sums: of a fact that stands for others, these; of every other fact nothing.
        gone: facts that a restored disk no longer had.
        poison: facts that the hub cannot take.
        twice: happenings that were summed up after the backup in which they waited: the hub may
            have the sum, and gets them one by one (contract, "After a restore").
    """

    recorded: dict[str, str] = field(default_factory=dict)
    sums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)

    def stands_for(self, fact_id: str) -> tuple[str, ...]:
        """The happenings behind a fact."""
        parts = self.sums.get(fact_id)
        if parts is None:
            return (fact_id,)
        return tuple(each for part in parts for each in self.stands_for(part))


class Story:
    """A store with one gateway, or two; told by `world.random` alone."""

    def __init__(
        self, world: World, *, hub: type[Hub] = Hub, gateway: type[Gateway] = Gateway
    ) -> None:
        self.world = world
        self.hub = hub(world)
        self.account = Account()
        self._names = iter(range(10**9))
        self.gateways = [gateway(world, self.hub, "gw-1")]
        random = world.random
        self.restores = random.random() < 0.4
        if random.random() < 0.3:
            self.gateways.append(gateway(world, self.hub, "gw-2"))
        self._backup = Disk()
        self._plan()

    def _plan(self) -> None:
        random, world, first = self.world.random, self.world, self.gateways[0]
        world.at(0.0, first.connect)
        world.at(0.0, self.hub.look)
        for other in self.gateways[1:]:
            world.at(random.uniform(0, CALM_AT), other.connect)
        self._often(10, 50, self._record)
        self._often(0, 4, self._kick)
        self._often(0, 2, self._restart)
        self._often(0, 2, self.hub.crash)
        self._often(0, 2, world.forget)
        self._often(0, 8, self._order)
        self._often(0, 10, self._change)
        self._often(0, 2, self._mislay)
        if self.restores:
            backed_up = random.uniform(0, CALM_AT)
            world.at(backed_up, self._back_up)
            world.at(random.uniform(backed_up, CALM_AT), self._restore)
        self._often(0, 6, self._roll_up)

    def _often(self, least: int, most: int, action: Callable[[], None]) -> None:
        random = self.world.random
        for _ in range(random.randint(least, most)):
            self.world.at(random.uniform(0, CALM_AT), action)

    def _name(self, kind: str) -> str:
        return f"{kind}-{next(self._names)}"

    def _record(self) -> None:
        random = self.world.random
        gateway, lane, fact_id = random.choice(self.gateways), random.choice(LANES), self._name("f")
        self.account.recorded[fact_id] = gateway.name
        poisoned = lane not in ROLLABLE and random.random() < POISONED
        if poisoned:
            self.account.poison.add(fact_id)
        gateway.record(lane, fact_id, POISON if poisoned else KIND)

    def _roll_up(self) -> None:
        random = self.world.random
        gateway, lane = random.choice(self.gateways), random.choice(sorted(ROLLABLE))
        fact_id = self._name("sum")
        if parts := gateway.roll_up(lane, fact_id):
            self.account.sums[fact_id] = parts
            backed_up = {fact.id for fact in self._backup.waiting}
            self.account.twice.update(
                happening
                for part in backed_up.intersection(parts)
                for happening in self.account.stands_for(part)
            )

    def _kick(self) -> None:
        self.world.random.choice(self.gateways).disconnect("is kicked")

    def _restart(self) -> None:
        self.world.random.choice(self.gateways).restart("is killed")

    def _order(self) -> None:
        self.hub.command(self._name("order"))

    def _change(self) -> None:
        random = self.world.random
        key = random.choice(KEYS)
        item = msgspec.Raw(msgspec.json.encode({"id": key, "text": "x" * random.randrange(40)}))
        removes = random.random() < 0.3
        change = Change(key=key, item=REMOVED if removes else item)
        self.hub.change(random.choice(STREAMS), [change])

    def _mislay(self) -> None:
        random = self.world.random
        random.choice(self.gateways).disk.mislay(random.choice(STREAMS))

    def _back_up(self) -> None:
        self._backup = deepcopy(self.gateways[0].disk)

    def _restore(self) -> None:
        """What only the younger copy held and the hub has not got is gone; nobody promised it."""
        gateway = self.gateways[0]
        kept, lost = self._happenings(self._backup), self._happenings(gateway.disk)
        self.account.gone |= lost - kept
        gateway.disk = self._backup
        gateway.disk.set_apart()
        gateway.restart("is restored")

    def _happenings(self, disk: Disk) -> set[str]:
        """What waits on it."""
        waiting = (self.account.stands_for(fact.id) for fact in disk.waiting)
        return {happening for each in waiting for happening in each}
