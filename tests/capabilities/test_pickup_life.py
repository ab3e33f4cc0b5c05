"""Random lives of orders against a bank that does what it likes, held to a small model."""

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)
from typing_extensions import override

from edge_agent.capabilities.pickup import store
from edge_agent.capabilities.pickup.decide.doors import ANSWER_S
from edge_agent.capabilities.pickup.model import Compartment, Order, State
from edge_agent.devices.messages import Door
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage, open_storage
from edge_agent.storage.reads import Reads
from tests.capabilities.pickup_world import POLICY, Shop, place_order
from tests.capabilities.world import StillClock, facts

ORDERS = st.sampled_from(["W-1", "W-2", "W-3"])
SEEN = ["pass_verified", "door_opened", "goods_taken", "door_closed"]
AT_A_DOOR = {State.STAGING, State.OPENING, State.OPEN}
PLACED = {*AT_A_DOOR, State.READY, State.ARRIVED}
DOORS = st.sampled_from([1, 2, 3])


def _holder(reads: Reads, number: int) -> Order | None:
    return store.in_compartment(reads, Compartment("A", number))


def _standing(reads: Reads) -> tuple[list[Order], set[str]]:
    """All orders, and those for which a door is being opened."""
    return store.newest(reads, 10), {one.order for one in store.openings_in_hand(reads)}


class Lives(RuleBasedStateMachine):
    """Clerks, customers, the cloud and a bank of lockers act in any order.

    The model keeps what really happened at the doors; no order may be collected without it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = StillClock()
        self.opening = open_storage(
            Path(self.folder.name) / "store.db", gateway="gw-1", clock=self.clock
        )
        self.storage: Storage = self.do(self.opening.__aenter__())
        self.shop: Shop = self.do(Shop.opened(self.storage, self.clock))
        self.shown: set[str] = set()
        self.emptied: set[str] = set()

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401 - whatever the work gives
        return self.runner.run(work)

    def attempt(self, work: Coroutine[Any, Any, Any]) -> None:
        """What may be refused: then nothing has happened."""
        with suppress(Refused):
            self.do(work)

    @override
    def teardown(self) -> None:
        self.do(self.opening.__aexit__(None, None, None))
        self.runner.close()
        self.folder.cleanup()

    @initialize()
    def the_day_begins(self) -> None:
        self.do(self.shop.ready_in_locker("W-1"))
        self.do(self.shop.ready_in_locker("W-2"))
        self.do(self.shop.place(place_order("W-3")))
        self.do(self.shop.pick("W-3"))

    @rule(order=ORDERS)
    def place(self, order: str) -> None:
        self.do(self.shop.place(place_order(order)))

    @rule(order=ORDERS)
    def cancel(self, order: str) -> None:
        self.do(self.shop.cancel(order))

    @rule(order=ORDERS)
    def pick(self, order: str) -> None:
        self.attempt(self.shop.pick(order))

    @rule(order=ORDERS, bank=st.sampled_from([None, "A", "desk"]))
    def stage(self, order: str, bank: str | None) -> None:
        self.attempt(self.shop.pickups.stage(order, bank=bank))

    @rule(order=ORDERS)
    def remove(self, order: str) -> None:
        self.attempt(self.shop.pickups.remove(order))

    @rule(order=ORDERS)
    def press_the_button(self, order: str) -> None:
        self.attempt(self.shop.pickups.arrive(order, "anna"))

    @rule(order=ORDERS)
    def hand_over(self, order: str) -> None:
        self.attempt(self.shop.pickups.hand_over(order))

    @precondition(lambda self: self.waiting())
    @rule(data=st.data(), at=st.sampled_from(["A", "A", "A", "desk"]))
    def a_customer_shows_the_pass(self, data: st.DataObject, at: str) -> None:
        self.attempt(self._show(data.draw(st.sampled_from(self.waiting())), at))

    def waiting(self) -> list[str]:
        """The orders that have a pass."""
        orders, _ = self.do(self.storage.view(_standing))
        return sorted(one.id for one in orders if one.state in (State.READY, State.ARRIVED))

    async def _show(self, order: str, at: str) -> None:
        await self.shop.pickups.scan(await self.shop.pass_of(order), at=at)
        self.shown.add(order)

    @rule(number=DOORS)
    def a_door_is_forced(self, number: int) -> None:
        self.do(self.shop.bank.pull_open(number))

    @precondition(lambda self: Door.OPEN in self.shop.bank.door.values())
    @rule(data=st.data(), goods=st.booleans())
    def goods_move_and_an_open_door_is_closed(self, data: st.DataObject, *, goods: bool) -> None:
        bank = self.shop.bank
        number = data.draw(
            st.sampled_from([n for n, door in bank.door.items() if door is Door.OPEN])
        )
        holder = self.do(self.storage.view(partial(_holder, number=number)))
        if holder is not None and not goods:
            self.emptied.add(holder.id)
        self.do((bank.put_in if goods else bank.take_out)(number))
        self.do(bank.close(number))

    @rule(mood=st.sampled_from(["well", "well", "well", "jammed", "mute", "away"]))
    def the_bank_changes(self, mood: str) -> None:
        bank = self.shop.bank
        bank.jammed, bank.mute, bank.here = mood == "jammed", mood == "mute", mood != "away"

    @rule(seconds=st.sampled_from([1.0, POLICY.open_within_s, POLICY.open_within_s + ANSWER_S]))
    def time_passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.do(self.shop.keeper.tend())

    @rule()
    def the_agent_restarts(self) -> None:
        self.shop = Shop(self.storage, self.clock, self.shop.bank)
        self.do(self.shop.keeper.tend())

    @invariant()
    def no_order_is_collected_twice_or_without_evidence(self) -> None:
        collected = self.do(facts(self.storage, "store.pickup.collected"))
        orders = [data["order"] for _, data in collected]
        assert len(orders) == len(set(orders))
        for _, data in collected:
            if "staff_confirmed" not in data["evidence"]:
                assert data["evidence"] == SEEN
                assert data["order"] in self.shown & self.emptied

    @invariant()
    def every_bag_has_one_place_and_every_wait_at_a_door_an_opening(self) -> None:
        orders, in_hand = self.do(self.storage.view(_standing))
        places = [order.slot for order in orders if isinstance(order.slot, Compartment)]
        assert len(places) == len(set(places))
        for order in orders:
            assert order.slot is not None or order.state not in PLACED
            assert order.id in in_hand or order.state not in AT_A_DOOR

    @invariant()
    def every_command_opens_at_most_one_door_once(self) -> None:
        keys = [key for key, _ in self.shop.bank.opened]
        assert len(keys) == len(set(keys))


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
