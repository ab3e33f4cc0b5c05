"""Orders from the cloud, from staff, from the customer, and the pass at the scanner."""

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_bridge.wire.facts.pickup import CancelRefused
from cloud_bridge.wire.streams.orders import CancelOrder, PlaceOrder
from edge_agent.capabilities.pickup import store
from edge_agent.capabilities.pickup.decide import doors, orders, passes, places
from edge_agent.capabilities.pickup.machine import refusal
from edge_agent.capabilities.pickup.model import (
    AtDesk,
    AtDoor,
    Box,
    Compartment,
    Decision,
    Desk,
    Opening,
    Order,
    Policy,
    Purpose,
    Size,
    State,
    Withheld,
)
from edge_agent.capabilities.pickup.service.doors import DoorKeeper, new_pass_id
from edge_agent.capabilities.pickup.service.unit import keep, load
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.errors import Refused
from edge_agent.kernel.ids import uuid7
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Reads, Run

DESK = "desk"
"""Where a bank's id is asked for, this means the pickup desk."""

_MOST_OPEN_ORDERS = 50
"""Of one shopper, looked at when they arrive; more is no customer."""

_ENDS = {one.value: one for one in (State.COLLECTED, State.CANCELLED, State.REJECTED)}
"""The cloud's words for orders that have ended."""


def _never(_reads: Reads) -> bool:
    return False


class Pickups:
    """The room's service for everything that is not a door's own word."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        policy: Policy,
        *,
        store_id: str,
        key: Ed25519PrivateKey,
        boxes: Sequence[Box],
        keeper: DoorKeeper,
        withheld: Withheld = _never,
    ) -> None:
        """`boxes` are all compartments of all banks of the store."""
        self._storage = storage
        self._clock = clock
        self._policy = policy
        self._store_id = store_id
        self._key = key
        self._boxes = boxes
        self._keeper = keeper
        self._withheld = withheld

    def place(self, tx: Tx, command: PlaceOrder, now: Instant) -> None:
        """Take an order on; one that is known already is answered as it was, without effect."""
        known = store.find(tx, command.order)
        if known is not None:
            for fact in orders.placed_before(known):
                tx.record(fact, now)
            return
        keep(tx, orders.place(command, now=now), now)

    def cancel(self, tx: Tx, command: CancelOrder, now: Instant) -> None:
        """End an order, or answer why it cannot be ended any more."""
        try:
            keep(tx, orders.cancel(load(tx, command.order), command.reason, now=now), now)
        except Refused as err:
            data = CancelRefused(order=command.order, reason=err.code)
            tx.record(orders.about(command.order, data), now)

    def settle(self, tx: Tx, order: str, state: str, now: Instant) -> None:
        """The cloud knows how an order stands; one that has ended there ends here, too.

        What the store itself has ended stays as it ended, and an order that waits waits on.
        """
        known = store.find(tx, order)
        ended = _ENDS.get(state)
        if known is not None and known.ended_at is None and ended is not None:
            keep(tx, orders.settle(known, ended, now=now), now)

    def arrived(self, tx: Tx, shopper: str, now: Instant) -> None:
        """A shopper was heard at the pickup point: all that waits for them has its customer."""
        for order in store.of_shopper(tx, shopper, _MOST_OPEN_ORDERS):
            if order.state is State.READY:
                keep(tx, orders.arrive(order, "presence", now=now), now)

    async def arrive(self, order: str, shopper: str, *, run: Run | None = None) -> None:
        """The shopper says so.

        Raises:
            Refused: `order_unknown` (also another's), and what the order's state refuses.
        """

        def choose(one: Order, now: Instant) -> Decision:
            if one.shopper != shopper:
                raise refusal("order_unknown")
            return orders.arrive(one, "button", now=now)

        await self._change(order, choose, run)

    async def start_picking(self, order: str, *, run: Run | None = None) -> None:
        """A clerk begins; raises `Refused` as the order's state does, like all that follow."""
        await self._change(order, lambda one, _: orders.start_picking(one), run)

    async def finish_picking(self, order: str, *, run: Run | None = None) -> None:
        """All lines are in the bag."""
        await self._change(order, lambda one, _: orders.finish_picking(one), run)

    async def hand_over(self, order: str, *, run: Run | None = None) -> None:
        """A clerk gives the bag over the desk; `restored` while nothing may be handed over."""
        now = self._clock.now()

        def work(tx: Tx) -> None:
            self._must_not_be_withheld(tx)
            keep(tx, orders.hand_over(load(tx, order), now=now), now)

        await (run or self._storage.run)(work)

    async def stage(
        self, order: str, *, bank: str | None = None, size: Size = Size.S, run: Run | None = None
    ) -> AtDoor | AtDesk:
        """Open the smallest free compartment for the clerk, or keep the bag at the desk.

        Args:
            order: which is picked.
            bank: only there; ``desk`` for the desk; None: any bank, and the desk when all are full.
            size: what the bag needs at least.
            run: the request's.

        Raises:
            Refused: `no_compartment` when `bank` has none, and what the order's state refuses.
        """
        now = self._clock.now()

        def work(tx: Tx) -> tuple[Decision, AtDoor | AtDesk]:
            one = load(tx, order)
            place = self._place(tx, bank, size)
            if place is None:
                decision = orders.stage_at_desk(
                    one, pass_id=new_pass_id(), now=now, policy=self._policy
                )
            else:
                decision = self._open(one, Purpose.STAGE, now, place)
            return decision, _where(decision.order)

        return await self._at_the_door(work, now, run)

    async def remove(self, order: str, *, run: Run | None = None) -> AtDoor | AtDesk:
        """Open the compartment of a cancelled order, so that a clerk takes the bag out."""
        now = self._clock.now()

        def work(tx: Tx) -> tuple[Decision, AtDoor | AtDesk]:
            one = load(tx, order)
            if isinstance(one.slot, Compartment):
                self._must_answer(tx, one.slot)
            decision = self._open(one, Purpose.REMOVE, now)
            return decision, _where(decision.order)

        return await self._at_the_door(work, now, run)

    async def scan(self, code: str, *, at: str, run: Run | None = None) -> AtDoor | AtDesk:
        """A pass is held to the scanner of a bank, or shown at the desk.

        Raises:
            Refused: `pass_invalid`, `pass_expired`, `wrong_store`, `wrong_bank`, `in_locker`,
                `bank_silent`, `restored`, and what the order's state refuses
                (`already_collected` …).
        """
        now = self._clock.now()
        claims = passes.read(code, key=self._key.public_key(), store=self._store_id, now=now)

        def work(tx: Tx) -> tuple[Decision, AtDoor | AtDesk]:
            self._must_not_be_withheld(tx)
            one = load(tx, claims.order)
            verified = orders.verify(one, pass_id=claims.id, at=at, now=now)
            if isinstance(one.slot, Desk):
                return verified, _where(one)
            if at == DESK:
                raise refusal("in_locker")
            if not isinstance(one.slot, Compartment) or one.slot.bank != at:
                raise refusal("wrong_bank")
            self._must_answer(tx, one.slot)
            opening = self._open(verified.order, Purpose.COLLECT, now)
            decision = Decision(opening.order, verified.facts, opening.opening)
            return decision, _where(decision.order)

        return await self._at_the_door(work, now, run)

    async def return_to_service(
        self, bank: str, compartment: int, *, run: Run | None = None
    ) -> None:
        """A clerk has mended a compartment; bags may be put into it again."""
        place = Compartment(bank, compartment)
        await (run or self._storage.run)(lambda tx: store.set_service(tx, place, None))

    async def pass_of(self, order: str, shopper: str) -> str:
        """The pass of a shopper's own order.

        Raises:
            Refused: `order_unknown` (also another's), `not_ready`.
        """
        one = await self._storage.view(lambda reads: store.find(reads, order))
        if one is None or one.shopper != shopper:
            raise refusal("order_unknown")
        text = self.pass_text(one)
        if text is None:
            raise refusal("not_ready")
        return text

    def pass_text(self, order: Order) -> str | None:
        """The pass to show for an order; None while, or once, there is nothing to collect."""
        if order.pass_id is None or order.state not in (State.READY, State.ARRIVED):
            return None
        claims = passes.Claims(order.id, self._store_id, order.collect_by, order.pass_id)
        return passes.write(claims, self._key)

    async def _change(
        self, order: str, choose: Callable[[Order, Instant], Decision], run: Run | None
    ) -> None:
        now = self._clock.now()
        await (run or self._storage.run)(lambda tx: keep(tx, choose(load(tx, order), now), now))

    async def _at_the_door(
        self,
        choose: Callable[[Tx], tuple[Decision, AtDoor | AtDesk]],
        now: Instant,
        run: Run | None,
    ) -> AtDoor | AtDesk:
        """One unit of work, then the deed that it has committed."""
        openings: list[Opening] = []

        def work(tx: Tx) -> AtDoor | AtDesk:
            decision, where = choose(tx)
            keep(tx, decision, now)
            if decision.opening is not None:
                openings.append(decision.opening)
            return where

        where = await (run or self._storage.run)(work)
        for opening in openings:
            await self._keeper.send(opening)
        return where

    def _open(
        self, order: Order, purpose: Purpose, now: Instant, place: Compartment | None = None
    ) -> Decision:
        return doors.open_for(
            order,
            purpose,
            place,
            key=uuid7(now),
            boot=self._storage.boot,
            now=now,
            policy=self._policy,
        )

    def _place(self, tx: Tx, bank: str | None, size: Size) -> Compartment | None:
        if bank == DESK:
            return None
        in_hand = {one.place for one in store.openings_in_hand(tx)}
        place = places.choose(
            [
                box
                for box in self._boxes
                if bank in (None, box.place.bank) and self._keeper.present(box.place.bank)
            ],
            needed=size,
            readings=store.readings(tx),
            unusable={*store.held(tx), *store.out_of_service(tx), *in_hand},
        )
        if place is None and bank is not None:
            raise refusal("no_compartment")
        return place

    def _must_not_be_withheld(self, tx: Tx) -> None:
        if self._withheld(tx):
            raise refusal("restored")

    def _must_answer(self, tx: Tx, place: Compartment) -> None:
        if not self._keeper.present(place.bank):
            raise refusal("bank_silent")
        if store.opening_in_hand(tx, place) is not None:
            raise refusal("door_opening")


def _where(order: Order) -> AtDoor | AtDesk:
    if isinstance(order.slot, Compartment):
        return AtDoor(order.id, order.slot.bank, order.slot.number)
    return AtDesk(order.id)
