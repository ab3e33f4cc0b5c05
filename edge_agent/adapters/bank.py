"""A bank of lockers at work: one task owns the line, reads the sensors and opens doors in turn."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import structlog

from device_profiles.lockers.board import BoardSilent, Driver, LineLost
from device_profiles.lockers.profile import Profile
from edge_agent.adapters.journal import Journal
from edge_agent.adapters.opening import End, Opening, Pulse, decide
from edge_agent.adapters.readings import Readings
from edge_agent.devices.messages import (
    CommandResult,
    DeviceFault,
    Door,
    FromDevice,
    Hello,
    Outcome,
    Unlock,
)

_WAITING = 64
"""Commands that wait for their turn; the coils take one at a time. What comes beyond is dropped
unanswered: its sender may ask again, and a minute's queue would be late anyway."""

_RETRY_S = (0.25, 5.0)
"""First and longest pause before the line is opened again: a replugged adapter is back within a
blink, and a missing one costs one failed `open` in five seconds."""

log = structlog.get_logger()

OpenLine = Callable[[], AbstractAsyncContextManager[Driver]]
Report = Callable[[FromDevice], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Order:
    """An unlock command with its end on this machine's monotonic clock, in seconds.

    Attributes:
        not_after: minus infinity for a command meant for an earlier life of this program.
    """

    unlock: Unlock
    not_after: float


class Bank:
    """Carries out each command at most once for ever, and reports what the doors do."""

    def __init__(self, profile: Profile, boards: int, journal: Journal, report: Report) -> None:
        """Nothing is opened yet; `report` must not wait for anybody."""
        self._timing = profile.timing
        self._boards = range(boards)
        self._readings = Readings(boards, profile.sizes.locks_per_board)
        self._journal = journal
        self._report = report
        self._orders: asyncio.Queue[Order] = asyncio.Queue(_WAITING)
        self._fault: str | None = "starting"
        self._pause = _RETRY_S[0]

    def offer(self, order: Order) -> None:
        """Queue a command for its turn."""
        try:
            self._orders.put_nowait(order)
        except asyncio.QueueFull:
            log.warning("command dropped, too many wait", command=order.unlock.command_id)

    async def introduce(self) -> None:
        """Report everything that is known, from `Hello` on."""
        await self._report(Hello(kind="locker", compartments=len(self._readings)))
        await self._report(DeviceFault(self._fault))
        for state in self._readings.all():
            await self._report(state)

    async def run(self, open_line: OpenLine) -> None:
        """Serve for ever; a line that is lost is opened again."""
        while True:
            try:
                async with open_line() as driver:
                    await self._serve(driver)
            except LineLost as err:
                for state in self._readings.lose():
                    await self._report(state)
                await self._set_fault(f"no serial line: {err}")
            await self._refuse_for(self._pause)
            self._pause = min(self._pause * 2, _RETRY_S[1])

    async def _serve(self, driver: Driver) -> None:
        while True:
            await self._read_all(driver)
            self._pause = _RETRY_S[0]
            order = await self._next_order(self._timing.poll)
            if order is not None:
                await self._execute(order, driver)

    async def _refuse_for(self, seconds: float) -> None:
        """Answer commands while there is no line."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            order = await self._next_order(left)
            if order is not None and not await self._was_taken(order.unlock):
                no_line = End(Outcome.FAILED, self._fault or "no serial line")
                await self._settle(order.unlock, self._hopeless(order) or no_line)

    async def _next_order(self, seconds: float) -> Order | None:
        try:
            async with asyncio.timeout(seconds):
                return await self._orders.get()
        except TimeoutError:
            return None

    async def _execute(self, order: Order, driver: Driver) -> None:
        """Carry out one command that may be carried out; raises `LineLost` after answering."""
        unlock = order.unlock
        if await self._was_taken(unlock):
            return
        hopeless = self._hopeless(order)
        if hopeless is not None:
            await self._settle(unlock, hopeless)
            return
        await asyncio.to_thread(self._journal.take, unlock.command_id)
        try:
            end = await self._open(order, driver)
        except LineLost as err:
            await self._settle(unlock, End(Outcome.FAILED, f"the line was lost: {err}"))
            raise
        await self._settle(unlock, end)

    async def _open(self, order: Order, driver: Driver) -> End:
        compartment = order.unlock.compartment
        board, lock = self._readings.place(compartment)
        opening, door = Opening(order.not_after), Door.UNKNOWN
        while True:
            step = decide(opening, door, now=time.monotonic(), timing=self._timing)
            if isinstance(step, End):
                return step
            if isinstance(step, Pulse):
                await driver.unlock(board, lock)
                log.info("pulsed", compartment=compartment, command=order.unlock.command_id)
                opening, door = opening.pulsed(time.monotonic()), Door.UNKNOWN
            await asyncio.sleep(self._timing.poll_opening)
            if board in await self._read_all(driver):
                door = self._readings.of(compartment).door

    def _hopeless(self, order: Order) -> End | None:
        """Why a command need not even be tried; None when it may be."""
        if time.monotonic() >= order.not_after:
            return End(Outcome.LATE, "its time ran out while it waited")
        if order.unlock.compartment not in self._readings:
            return End(Outcome.FAILED, f"there is no compartment {order.unlock.compartment}")
        return None

    async def _was_taken(self, unlock: Unlock) -> bool:
        """Answer a command that was taken before, whatever became of it."""
        if unlock.command_id not in self._journal:
            return False
        first = self._journal.outcome(unlock.command_id)
        await self._answer(unlock, End(Outcome.REPEATED), first=first)
        return True

    async def _settle(self, unlock: Unlock, end: End) -> None:
        await asyncio.to_thread(self._journal.settle, unlock.command_id, end.outcome)
        await self._answer(unlock, end)

    async def _answer(self, unlock: Unlock, end: End, *, first: Outcome | None = None) -> None:
        state = self._readings.of(unlock.compartment)
        await self._report(
            CommandResult(
                command_id=unlock.command_id,
                outcome=end.outcome,
                compartment=unlock.compartment,
                door=state.door,
                occupied=state.occupied,
                reason=end.reason,
                first=first,
            )
        )

    async def _read_all(self, driver: Driver) -> set[int]:
        """Read every board and report what changed; returns the boards that answered."""
        answered = set()
        for board in self._boards:
            try:
                changed = self._readings.take(board, await driver.status(board))
                answered.add(board)
            except BoardSilent:
                changed = self._readings.miss(board)
            for state in changed:
                await self._report(state)
        silent = ", ".join(map(str, self._readings.silent_boards()))
        await self._set_fault(f"no answer from board {silent}" if silent else None)
        return answered

    async def _set_fault(self, fault: str | None) -> None:
        if fault != self._fault:
            self._fault = fault
            log.info("fault", reason=fault)
            await self._report(DeviceFault(fault))
