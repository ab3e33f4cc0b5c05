"""A bank of lockers as the device bus shows it, and an order to put into it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_bridge.wire.streams.orders import CancelOrder, OrderLine, PlaceOrder
from edge_agent.capabilities.pickup import store
from edge_agent.capabilities.pickup.model import Box, Compartment, Order, Policy, Size
from edge_agent.capabilities.pickup.service import DoorKeeper, Pickups
from edge_agent.devices.messages import CommandResult, CompartmentState, Door, FromDevice, Outcome
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import AisleError
from edge_agent.storage import Storage
from tests.capabilities.world import StillClock

POLICY = Policy()
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SHOE = "8801234500011"
BOXES = [
    Box(Compartment("A", 1), Size.L),
    Box(Compartment("A", 2), Size.S),
    Box(Compartment("A", 3), Size.M),
]


def place_order(order: str = "W-1", *, quantity: int = 1, hours: float = 48) -> PlaceOrder:
    return PlaceOrder(
        order=order,
        lines=[
            OrderLine(gtin=SHOE, quantity=quantity, name={"ko": "신발", "en": "Shoe"}, size="250")
        ],
        shopper="anna",
        collector="김안나",
        phone_last4="0199",
        language="ko",
        collect_by=StillClock().now().wall + timedelta(hours=hours),
    )


class Bank:
    """Bank A: three doors with sensors, the promises of the locker adapter in a few lines.

    A command id is carried out once; what is late is not done; a jammed door stays shut.
    """

    def __init__(self, clock: StillClock) -> None:
        self.clock = clock
        self.here = True
        self.jammed = False
        self.mute = False
        self.sensors = True
        self.asked: list[str] = []
        self.outcomes: dict[str, Outcome] = {}
        self.opened: list[tuple[str, int]] = []
        self.door = dict.fromkeys((1, 2, 3), Door.CLOSED)
        self.goods = dict.fromkeys((1, 2, 3), False)
        self.say: Callable[[str, FromDevice], Awaitable[None]]

    def present(self, bank: str) -> bool:
        return bank == "A" and self.here

    async def unlock(
        self, bank: str, compartment: int, command_id: str, not_after: Instant
    ) -> None:
        if not self.present(bank):
            text = f"{bank} is not connected"
            raise AisleError(text)
        self.asked.append(command_id)
        if self.mute:
            return
        first = self.outcomes.get(command_id)
        if first is not None:
            outcome, reason = Outcome.REPEATED, ""
        elif self.clock.now().monotonic >= not_after.monotonic:
            outcome, reason = Outcome.LATE, "its time ran out"
        elif self.jammed:
            outcome, reason = Outcome.FAILED, "did not open"
        else:
            outcome, reason = Outcome.DONE, ""
            self.opened.append((command_id, compartment))
            self.door[compartment] = Door.OPEN
        self.outcomes.setdefault(command_id, outcome)
        await self.say(
            "A",
            CommandResult(
                command_id,
                outcome,
                compartment,
                self.door[compartment],
                self._occupied(compartment),
                reason,
                first,
            ),
        )

    async def report(self) -> None:
        for compartment in self.door:
            await self._report(compartment)

    async def pull_open(self, compartment: int) -> None:
        self.door[compartment] = Door.OPEN
        await self._report(compartment)

    async def put_in(self, compartment: int) -> None:
        self.goods[compartment] = True
        await self._report(compartment)

    async def take_out(self, compartment: int) -> None:
        self.goods[compartment] = False
        await self._report(compartment)

    async def close(self, compartment: int) -> None:
        self.door[compartment] = Door.CLOSED
        await self._report(compartment)

    def _occupied(self, compartment: int) -> bool | None:
        return self.goods[compartment] if self.sensors else None

    async def _report(self, compartment: int) -> None:
        state = CompartmentState(compartment, self.door[compartment], self._occupied(compartment))
        await self.say("A", state)


class Shop:
    """The room over a real database, with bank A before it."""

    def __init__(self, storage: Storage, clock: StillClock, bank: Bank) -> None:
        self.storage = storage
        self.clock = clock
        self.bank = bank
        self.keeper = DoorKeeper(storage, clock, POLICY, bank)
        self.pickups = Pickups(
            storage, clock, POLICY, store_id="s-1", key=KEY, boxes=BOXES, keeper=self.keeper
        )
        bank.say = self.keeper.heard

    @classmethod
    async def opened(cls, storage: Storage, clock: StillClock) -> Self:
        shop = cls(storage, clock, Bank(clock))
        await shop.bank.report()
        return shop

    async def place(self, command: PlaceOrder | None = None) -> None:
        command = command or place_order()
        await self.storage.run(lambda tx: self.pickups.place(tx, command, self.clock.now()))

    async def cancel(self, order: str = "W-1") -> None:
        command = CancelOrder(order=order, reason="customer")
        await self.storage.run(lambda tx: self.pickups.cancel(tx, command, self.clock.now()))

    async def pick(self, order: str = "W-1") -> None:
        await self.pickups.start_picking(order)
        await self.pickups.finish_picking(order)

    async def ready_in_locker(self, order: str = "W-1") -> int:
        """Place, pick and stage; returns the compartment."""
        await self.place(place_order(order))
        await self.pick(order)
        await self.pickups.stage(order)
        slot = (await self.order(order)).slot
        assert isinstance(slot, Compartment)
        await self.bank.put_in(slot.number)
        await self.bank.close(slot.number)
        return slot.number

    async def order(self, order: str = "W-1") -> Order:
        found = await self.storage.view(lambda reads: store.find(reads, order))
        assert found is not None
        return found

    async def pass_of(self, order: str = "W-1") -> str:
        return await self.pickups.pass_of(order, "anna")
