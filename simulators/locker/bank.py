"""A simulated bank of CU16 boards on one line."""

import asyncio
import random
import time
import tomllib
from collections.abc import Callable
from contextlib import AsyncExitStack
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from simulators.locker.diary import Diary, Entry, Movement
from simulators.locker.doors import Cabinet, Position
from simulators.locker.faults import Faults
from simulators.locker.frames import WHOLE_BUS, Command, Ear, status_reply
from simulators.locker.line import Line, named

LOCKS = 16

_ANSWER_S = (0.003, 0.008)
"""How long a board thinks before it answers, from and to; unverified (no capture yet)."""

_UNLATCH_S = (0.04, 0.12)
"""From the pulse to the hook switch, from and to: the coil's pull and the spring; unverified."""

_PENDING_PULSES = 64


class SimulatedBank:
    """Boards, doors and people behind a PTY, alive within `async with`.

    Attributes:
        device: what the host opens: the PTY, or the link to it.
        faults: what can be wrong with it.
    """

    def __init__(
        self,
        *,
        boards: int = 1,
        seed: int = 0,
        log: Path | None = None,
        link: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is opened yet.

        Args:
            boards: how many, addresses 0 upwards, 16 doors each.
            seed: of the delays of boards and latches.
            log: appended to, one JSON line per movement (`simulators.locker.diary`).
            link: a symbolic link to keep on the PTY, which survives a restart of the simulator.
            clock: stamps the log.
        """
        self._boards = boards
        self._dice = random.Random(seed)  # noqa: S311 - reproducible on purpose
        self._log = log
        self._link = link
        self._clock = clock
        self._diary = Diary(None, clock)
        self._watchers: list[Callable[[Entry], None]] = []
        self._cabinet = Cabinet(boards * LOCKS, self._tell)
        self._pulses: asyncio.Queue[int] = asyncio.Queue(_PENDING_PULSES)
        self._polarity = _profile()["sensors"]
        self._resources = AsyncExitStack()
        self.faults = Faults(self._cabinet.unlatch)
        self.device = ""

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            file = (
                opening.enter_context(self._log.open("a", encoding="utf-8")) if self._log else None
            )
            self._diary = Diary(file, self._clock)
            for watcher in self._watchers:
                self._diary.watch(watcher)
            line = await opening.enter_async_context(Line(_byte_time(), self._dice))
            self.device = opening.enter_context(named(line.device, self._link))
            tasks = await opening.enter_async_context(asyncio.TaskGroup())
            for name, work in (("boards", self._serve(line)), ("latches", self._move_latches())):
                opening.callback(tasks.create_task(work, name=f"locker {name}").cancel)
            self._resources = opening.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._resources.__aexit__(kind, error, trace)

    def watch(self, watcher: Callable[[Entry], None]) -> None:
        """`watcher` is called with every movement, after it was logged."""
        self._watchers.append(watcher)
        self._diary.watch(watcher)

    def position(self, door: int) -> Position:
        """Where `door` really is, whatever the sensors say."""
        return self._cabinet[door].position

    def occupied(self, door: int) -> bool:
        """Whether goods really lie behind `door`."""
        return self._cabinet[door].goods

    def pull(self, door: int) -> bool:
        """A person pulls at `door`; False when it holds."""
        return self._cabinet.pull(door)

    def put(self, door: int) -> None:
        """A person puts goods in, pulling the door wide first; raises `DoorIsShut`."""
        self._cabinet.put(door)

    def take(self, door: int) -> None:
        """A person takes the goods, pulling the door wide first; raises `DoorIsShut`."""
        self._cabinet.take(door)

    def close(self, door: int) -> None:
        """A person closes `door`."""
        self._cabinet.close(door)

    def _tell(self, event: str, door: int) -> None:
        self._diary.note(cast("Movement", event), door)

    async def _serve(self, line: Line) -> None:
        ear = Ear()
        async for burst in line.bursts():
            if self.faults.echo:
                await line.transmit(burst)
            for command in ear.hear(burst):
                await self._obey(command, line)

    async def _obey(self, command: Command, line: Line) -> None:
        boards = range(self._boards) if command.board == WHOLE_BUS else (command.board,)
        for board in boards:
            if board >= self._boards or board in self.faults.silent:
                continue
            first = board * LOCKS + 1
            if command.name == "status":
                await asyncio.sleep(self._dice.uniform(*_ANSWER_S))
                await line.transmit(self._report(board))
            elif command.name == "unlock":
                await self._pulse(first + command.lock)
            else:
                for door in range(first, first + LOCKS):
                    await self._pulse(door)

    async def _pulse(self, door: int) -> None:
        self._tell("unlock_received", door)
        if door not in self.faults.jammed:
            await self._pulses.put(door)

    async def _move_latches(self) -> None:
        while True:
            door = await self._pulses.get()
            await asyncio.sleep(self._dice.uniform(*_UNLATCH_S))
            self._cabinet.unlatch(door)

    def _report(self, board: int) -> bytes:
        doors = range(board * LOCKS + 1, (board + 1) * LOCKS + 1)
        closed = [self._hook(door) == bool(self._polarity["closed"]) for door in doors]
        occupied = [self._infrared(door) == bool(self._polarity["occupied"]) for door in doors]
        return status_reply(board, [int(bit) for bit in closed], [int(bit) for bit in occupied])

    def _hook(self, door: int) -> bool:
        shut = self._cabinet[door].position is Position.SHUT
        return self.faults.hook_says(door, closed=shut)

    def _infrared(self, door: int) -> bool:
        return self.faults.infrared_says(door, occupied=self._cabinet[door].goods)


def _profile() -> dict[str, Any]:
    """The data sheet, not the driver: baud rate and polarity of the boards that stand here."""
    folder = files("device_profiles.lockers.kerong_cu16")
    return tomllib.loads((folder / "profile.toml").read_text(encoding="utf-8"))


def _byte_time() -> float:
    return 10 / float(_profile()["line"]["baud"])  # 8N1: ten bits a byte
