"""Opening doors, and believing only what their sensors say."""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from edge_agent.capabilities.pickup import store
from edge_agent.capabilities.pickup.decide import doors as decide
from edge_agent.capabilities.pickup.model import (
    Compartment,
    Doors,
    Opening,
    OpeningState,
    Policy,
    Problem,
    Reading,
)
from edge_agent.capabilities.pickup.service.unit import keep, load
from edge_agent.devices.messages import (
    CommandResult,
    CompartmentState,
    Door,
    FromDevice,
    Hello,
    Outcome,
)
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.errors import AisleError
from edge_agent.storage import Storage, StorageUnavailable, Tx

TEND_S: Final = 0.5
"""Between two looks at the openings in hand: an unlock that could not be sent is sent again this
soon after its bank is back, well within the 20 s that it is good for."""

_OVER_S: Final = -1.0
"""What is left of an opening that is over: nothing, by more than any clock is coarse."""

FORGET_EVERY_S: Final = 3600.0
"""Between two rounds of forgetting names: an hour more or less does not matter to three days."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which bank was asked for an opening, and when (monotonic seconds)."""

    bank: str
    at: float


class DoorKeeper:
    """Sends unlocks, hears the banks, ends openings that nobody answers."""

    def __init__(self, storage: Storage, clock: Clock, policy: Policy, doors: Doors) -> None:
        self._storage = storage
        self._clock = clock
        self._policy = policy
        self._doors = doors
        self._began = clock.now().monotonic
        self._asked: dict[str, _Asked] = {}

    def present(self, bank: str) -> bool:
        """Whether a bank can be asked now."""
        return self._doors.present(bank)

    async def send(self, opening: Opening) -> None:
        """Ask for the door of a committed opening; what cannot be sent now, `tend` sends.

        One whose time is over is asked for, too: its bank does nothing more, and says what became
        of it while nobody listened.
        """
        now = self._clock.now()
        left = max(_OVER_S, decide.left_s(opening, boot=self._storage.boot, now=now))
        place = opening.place
        try:
            await self._doors.unlock(place.bank, place.number, opening.key, now.plus(left))
        except AisleError:
            return
        self._asked[opening.key] = _Asked(place.bank, now.monotonic)

    async def heard(self, bank: str, message: FromDevice) -> None:
        """Take in what a bank of lockers says; what is not about doors passes by.

        A bank that introduces itself may have begun a new life and forgotten what it was asked:
        `tend` asks again.
        """
        now = self._clock.now()
        if isinstance(message, Hello):
            self._forget_asked(lambda _, asked: asked == bank)
        if isinstance(message, CompartmentState):
            place = Compartment(bank, message.compartment)
            seen = Reading(message.door, message.occupied)
            await self._storage.run(lambda tx: self._sensed(tx, place, seen, now))
        elif isinstance(message, CommandResult):
            result = message
            await self._storage.run(lambda tx: self._answered(tx, bank, result, now))

    async def run(self) -> None:
        """Tend the openings in hand and forget names in time, for ever.

        What storage cannot keep now (a full disk) is still to be done at the next look.
        """
        forget_at = self._clock.now().monotonic
        while True:
            with suppress(StorageUnavailable):
                await self.tend()
                if self._clock.now().monotonic >= forget_at:
                    await self.forget_people()
                    forget_at += FORGET_EVERY_S
            await asyncio.sleep(TEND_S)

    async def tend(self) -> None:
        """Send what was not sent, end what was not answered, remind of doors left open.

        At a start this sends the openings again that a previous life has left: under the same
        key, which the adapter carries out at most once, and only before their end; after it the
        adapter tells whether the door has opened.
        """
        in_hand = await self._storage.view(store.openings_in_hand)
        keys = {opening.key for opening in in_hand}
        self._forget_asked(lambda key, bank: key not in keys or not self._doors.present(bank))
        for opening in in_hand:
            await self._tend_one(opening, self._clock.now())

    async def forget_people(self) -> None:
        """Empty the names of orders that ended long ago."""
        before = self._clock.now().wall - timedelta(seconds=self._policy.forget_after_s)
        await self._storage.run(lambda tx: store.forget_people(tx, before))

    async def _tend_one(self, opening: Opening, now: Instant) -> None:
        if opening.state is OpeningState.OPENED:
            await self._storage.run(lambda tx: self._remind(tx, opening, now))
            return
        if opening.key not in self._asked:
            await self.send(opening)
        asked = self._asked.get(opening.key)
        waited_s = now.monotonic - (asked.at if asked else self._began)
        left = decide.left_s(opening, boot=self._storage.boot, now=now)
        if left < -decide.ANSWER_S and waited_s >= decide.ANSWER_S:
            await self._storage.run(lambda tx: self._give_up(tx, opening.key, now))

    def _forget_asked(self, gone: Callable[[str, str], bool]) -> None:
        """Drop from what was asked for, command id and bank, all that is `gone`."""
        self._asked = {
            key: asked for key, asked in self._asked.items() if not gone(key, asked.bank)
        }

    def _remind(self, tx: Tx, opening: Opening, now: Instant) -> None:
        order = decide.reminded(load(tx, opening.order), opening, now=now, policy=self._policy)
        if order is not None:
            store.save(tx, order)

    def _give_up(self, tx: Tx, key: str, now: Instant) -> None:
        opening = store.opening(tx, key)
        if opening is not None and opening.state is OpeningState.PENDING:
            _fail(tx, opening, Problem.LOCKER_SILENT, "the bank did not answer in time", now)

    def _sensed(self, tx: Tx, place: Compartment, seen: Reading, now: Instant) -> None:
        before = store.reading(tx, place)
        store.save_reading(tx, place, seen)
        opening = store.opening_in_hand(tx, place)
        has_opened = decide.has_opened(before, seen)
        if opening is None:
            if has_opened:
                _report_unasked(tx, place, now)
        elif opening.state is OpeningState.OPENED:
            if seen.door is Door.CLOSED:
                self._closed(tx, opening, seen, now)
        elif has_opened:
            _opened(tx, opening, now)

    def _answered(self, tx: Tx, bank: str, result: CommandResult, now: Instant) -> None:
        place = Compartment(bank, result.compartment)
        opening = store.opening_in_hand(tx, place)
        pending = opening is not None and opening.state is OpeningState.PENDING
        if opening is not None and pending and opening.key == result.command_id:
            outcome = result.first if result.outcome is Outcome.REPEATED else result.outcome
            if outcome is Outcome.DONE:
                _opened(tx, opening, now)
                store.save_reading(tx, place, Reading(Door.OPEN, result.occupied))
            elif outcome is Outcome.LATE:
                _fail(tx, opening, Problem.OPENED_TOO_LATE, result.reason, now)
            elif outcome is Outcome.FAILED:
                _fail(tx, opening, Problem.DOOR_DID_NOT_OPEN, result.reason, now)
                if result.door is Door.CLOSED:
                    store.set_service(tx, place, result.reason or "did not open")
        self._sensed(tx, place, Reading(result.door, result.occupied), now)

    def _closed(self, tx: Tx, opening: Opening, seen: Reading, now: Instant) -> None:
        decision = decide.closed(
            load(tx, opening.order),
            opening,
            seen.occupied,
            pass_id=new_pass_id(),
            now=now,
            policy=self._policy,
        )
        keep(tx, decision, now)


def new_pass_id() -> str:
    """An id for a pass: 48 random bits tell the passes of an order apart."""
    return secrets.token_urlsafe(6)


def _opened(tx: Tx, opening: Opening, now: Instant) -> None:
    keep(tx, decide.opened(load(tx, opening.order), opening, now=now), now)
    store.set_service(tx, opening.place, None)


def _fail(tx: Tx, opening: Opening, problem: Problem, reason: str, now: Instant) -> None:
    keep(tx, decide.failed(load(tx, opening.order), opening, problem, reason), now)


def _report_unasked(tx: Tx, place: Compartment, now: Instant) -> None:
    order, fact = decide.opened_by_itself(place, store.in_compartment(tx, place))
    if order is not None:
        store.save(tx, order)
    tx.record(fact, now)
