"""A bank in this process: the real journal, a driver whose doors are two lists."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from device_profiles.lockers.board import BoardSilent, BoardStatus, Driver, LineLost
from device_profiles.lockers.profile import Timing, load
from edge_agent.adapters.bank import Bank, Order
from edge_agent.adapters.journal import Journal
from edge_agent.devices.messages import (
    CommandResult,
    CompartmentState,
    DeviceFault,
    Door,
    FromDevice,
    Hello,
    Outcome,
    Unlock,
)

QUICK = Timing(
    reply=0.01, quiet=0.001, poll=0.005, poll_opening=0.001, confirm=0.01, cool_down=0.02
)
PROFILE = msgspec.structs.replace(load("kerong_cu16"), timing=QUICK)


@dataclass
class FakeLine:
    """A line with one board, as `Driver` promises: silent or lost when told so."""

    journal_file: Path
    shut: list[bool] = field(default_factory=lambda: [True] * 16)
    jammed: bool = False
    silent_after_pulse: bool = False
    silent: bool = False
    lost: bool = False
    lost_at_pulse: bool = False
    pulses: list[int] = field(default_factory=list)
    journal_at_pulse: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[Driver]:
        self._check()
        yield self

    async def status(self, board: int) -> BoardStatus:
        await asyncio.sleep(0)
        self._check()
        if self.silent:
            text = f"board {board} does not answer"
            raise BoardSilent(text)
        return BoardStatus(closed=tuple(self.shut), occupied=(False,) * 16)

    async def unlock(self, board: int, lock: int) -> None:
        assert board == 0
        self.journal_at_pulse.append(self.journal_file.read_text())
        self.pulses.append(lock)
        self.lost = self.lost_at_pulse
        self._check()
        self.silent = self.silent_after_pulse
        if not self.jammed:
            self.shut[lock - 1] = False

    def _check(self) -> None:
        if self.lost:
            text = "unplugged"
            raise LineLost(text)


class Reports:
    """What the bank reported, to be waited for."""

    def __init__(self) -> None:
        self.all: list[FromDevice] = []
        self._news = asyncio.Event()

    async def take(self, message: FromDevice) -> None:
        self.all.append(message)
        self._news.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not condition():
                self._news.clear()
                await self._news.wait()

    @property
    def results(self) -> list[CommandResult]:
        return [message for message in self.all if isinstance(message, CommandResult)]


@dataclass
class Scene:
    bank: Bank
    line: FakeLine
    reports: Reports

    async def outcome(
        self, command: str, compartment: int = 3, valid_s: float = 10
    ) -> CommandResult:
        """Order and wait for the answer."""
        answered = len(self.reports.results)
        self.bank.offer(Order(Unlock(command, compartment, 0), time.monotonic() + valid_s))
        await self.reports.until(lambda: len(self.reports.results) > answered)
        return self.reports.results[-1]


@contextlib.asynccontextmanager
async def running(folder: Path, **faults: bool) -> AsyncIterator[Scene]:
    with Journal(folder, "A") as journal:
        line, reports = FakeLine(folder / "A.journal"), Reports()
        for name, present in faults.items():
            setattr(line, name, present)
        bank = Bank(PROFILE, 1, journal, reports.take)
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(bank.run(line.open))
            yield Scene(bank, line, reports)
            work.cancel()


async def test_the_command_is_on_disk_before_the_lock_is_pulsed(tmp_path: Path) -> None:
    async with running(tmp_path) as scene:
        result = await scene.outcome("c1")
    assert (result.outcome, result.door) == (Outcome.DONE, Door.OPEN)
    assert scene.line.pulses == [3]
    assert scene.line.journal_at_pulse == ['{"id": "c1", "outcome": null}\n']


async def test_a_repeated_command_moves_nothing_and_tells_the_first_answer(tmp_path: Path) -> None:
    async with running(tmp_path) as scene:
        await scene.outcome("c1")
        scene.line.shut[2] = True
        await scene.reports.until(
            lambda: scene.reports.all[-1] == CompartmentState(3, Door.CLOSED, occupied=False)
        )
        again = await scene.outcome("c1")
    assert (again.outcome, again.first, again.door) == (
        Outcome.REPEATED,
        Outcome.DONE,
        Door.CLOSED,
    )
    assert scene.line.pulses == [3]


async def test_a_command_cut_short_by_a_crash_is_never_tried_again(tmp_path: Path) -> None:
    with Journal(tmp_path, "A") as journal:
        journal.take("c1")
    async with running(tmp_path) as scene:
        result = await scene.outcome("c1")
    assert (result.outcome, result.first) == (Outcome.REPEATED, None)
    assert scene.line.pulses == []


async def test_a_late_command_moves_nothing_then_or_ever(tmp_path: Path) -> None:
    async with running(tmp_path) as scene:
        assert (await scene.outcome("c1", valid_s=-0.001)).outcome is Outcome.LATE
        again = await scene.outcome("c1")
    assert (again.outcome, again.first) == (Outcome.REPEATED, Outcome.LATE)
    assert scene.line.pulses == []


async def test_a_door_that_does_not_open_is_pulsed_three_times_and_no_more(tmp_path: Path) -> None:
    async with running(tmp_path, jammed=True) as scene:
        result = await scene.outcome("c1")
    assert (result.outcome, result.reason) == (Outcome.FAILED, "did not open")
    assert scene.line.pulses == [3, 3, 3]


async def test_a_board_that_falls_silent_after_the_pulse_is_not_pulsed_again(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, silent_after_pulse=True) as scene:
        result = await scene.outcome("c1")
    assert result.outcome is Outcome.FAILED
    assert "does not answer" in result.reason
    assert scene.line.pulses == [3]


async def test_a_compartment_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path) as scene:
        result = await scene.outcome("c1", compartment=17)
    assert (result.outcome, result.door) == (Outcome.FAILED, Door.UNKNOWN)
    assert "no compartment 17" in result.reason


async def test_without_a_line_a_command_fails_and_the_bank_says_why(tmp_path: Path) -> None:
    async with running(tmp_path, lost=True) as scene:
        await scene.reports.until(
            lambda: DeviceFault("no serial line: unplugged") in scene.reports.all
        )
        result = await scene.outcome("c1")
        assert (result.outcome, result.reason) == (Outcome.FAILED, "no serial line: unplugged")
        scene.line.lost = False
        await scene.reports.until(lambda: scene.reports.all[-1] == DeviceFault(None))
        assert (await scene.outcome("c1")).outcome is Outcome.REPEATED
        assert (await scene.outcome("c2")).outcome is Outcome.DONE
    assert scene.line.pulses == [3]


async def test_a_line_lost_at_the_pulse_is_a_failure_and_is_never_made_up_for(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, lost_at_pulse=True) as scene:
        assert (await scene.outcome("c1")).outcome is Outcome.FAILED
        scene.line.lost = False
        await scene.reports.until(lambda: scene.reports.all[-1] == DeviceFault(None))
        assert (await scene.outcome("c1")).first is Outcome.FAILED
    assert scene.line.pulses == [3]


async def test_a_silent_board_is_a_fault_and_its_doors_are_unknown(tmp_path: Path) -> None:
    async with running(tmp_path) as scene:
        await scene.reports.until(lambda: DeviceFault(None) in scene.reports.all)
        scene.line.silent = True
        await scene.reports.until(
            lambda: scene.reports.all[-1] == DeviceFault("no answer from board 0")
        )
        assert CompartmentState(16, Door.UNKNOWN, None) in scene.reports.all


async def test_a_door_that_opens_by_itself_is_reported(tmp_path: Path) -> None:
    async with running(tmp_path) as scene:
        await scene.reports.until(lambda: DeviceFault(None) in scene.reports.all)
        scene.line.shut[4] = False
        await scene.reports.until(
            lambda: scene.reports.all[-1] == CompartmentState(5, Door.OPEN, occupied=False)
        )
    assert scene.line.pulses == []
    assert scene.reports.results == []


async def test_commands_take_turns_and_what_is_too_much_is_dropped(tmp_path: Path) -> None:
    with Journal(tmp_path, "A") as journal:
        line, reports = FakeLine(tmp_path / "A.journal"), Reports()
        bank = Bank(PROFILE, 1, journal, reports.take)
        for number in range(100):
            bank.offer(Order(Unlock(f"c{number}", number % 16 + 1, 0), time.monotonic() + 60))
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(bank.run(line.open))
            await reports.until(lambda: len(reports.results) == 64)
            await bank.introduce()
            work.cancel()
    assert line.pulses == [number % 16 + 1 for number in range(64)]
    assert Hello("locker", 16) in reports.all
