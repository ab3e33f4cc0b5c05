"""The adapter as a process of its own, between a real bus and simulated boards on a real PTY."""

import asyncio
import contextlib
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge_agent.adapters.journal import Journal
from edge_agent.devices.bus import DeviceBus
from edge_agent.devices.keys import enrol
from edge_agent.devices.messages import CommandResult, DeviceFault, Door, Outcome, Unlock
from edge_agent.kernel.clock import Instant, SystemClock
from simulators.locker.bank import SimulatedBank
from simulators.locker.diary import Entry, read
from tests.devices.hearing import DEADLINE_S, Hearing

PROGRAM = (sys.executable, "-m", "edge_agent.adapters.locker")
PROFILE = Path(__file__).parents[2] / "device_profiles/lockers/kerong_cu16/profile.toml"

pytestmark = pytest.mark.slow


@dataclass
class LaggingClock:
    """The machine's clock, or what it said `behind_s` seconds ago."""

    behind_s: float = 0.0

    def now(self) -> Instant:
        return SystemClock().now().plus(-self.behind_s)


@dataclass
class Store:
    """A bus, a bank on a stable port and the means to start the adapter between them."""

    folder: Path
    bus: DeviceBus
    hearing: Hearing
    clock: LaggingClock

    @property
    def port(self) -> Path:
        return self.folder / "ttyLOCKER"

    @property
    def log(self) -> Path:
        return self.folder / "doors.jsonl"

    @property
    def arguments(self) -> list[str]:
        options = {
            "bank": "A",
            "serial": self.port,
            "bus": self.bus.address,
            "keys": self.folder / "keys",
            "state": self.folder / "state",
        }
        return [text for name, value in options.items() for text in (f"--{name}", str(value))]

    def boards(self) -> SimulatedBank:
        return SimulatedBank(seed=7, log=self.log, link=self.port)

    @contextlib.asynccontextmanager
    async def adapter(self) -> AsyncIterator[Process]:
        """The adapter, serving; killed at the end unless it has ended before."""
        faults = self.faults()
        process = await asyncio.create_subprocess_exec(
            *(*PROGRAM, *self.arguments),
            *("--profile", str(self.folder / "profile.toml")),
        )
        try:
            await self.hearing.until(lambda: self.faults()[len(faults) :][-1:] == [None])
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()

    async def order(
        self, command: str, compartment: int = 3, valid_ms: int = 10_000
    ) -> CommandResult:
        answered = len(self.results())
        await self.bus.send("A", Unlock(command, compartment, valid_ms))
        await self.hearing.until(lambda: len(self.results()) > answered)
        return self.results()[-1]

    def faults(self) -> list[str | None]:
        return [m.reason for _, m in self.hearing.heard if isinstance(m, DeviceFault)]

    def results(self) -> list[CommandResult]:
        return [m for _, m in self.hearing.heard if isinstance(m, CommandResult)]

    def pulses(self) -> int:
        return sum(entry.event == "unlock_received" for entry in read(self.log))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    enrol(tmp_path / "keys", "A")
    quick = re.sub(r"(?m)^(confirm|cool_down) = \S+", r"\1 = 0.3", PROFILE.read_text("utf-8"))
    (tmp_path / "profile.toml").write_text(quick)
    clock = LaggingClock()
    async with DeviceBus("tcp://127.0.0.1:*", tmp_path / "keys", clock) as bus:
        yield Store(tmp_path, bus, Hearing(bus), clock)


async def test_an_unlock_opens_the_door_and_only_that_one(store: Store) -> None:
    async with store.boards(), store.adapter():
        result = await store.order("c1", compartment=3)
    assert (result.outcome, result.compartment, result.door) == (Outcome.DONE, 3, Door.OPEN)
    assert [(e.event, e.door) for e in read(store.log)] == [
        ("unlock_received", 3),
        ("unlatched", 3),
    ]


async def test_an_adapter_killed_at_the_pulse_never_pulses_for_that_command_again(
    store: Store,
) -> None:
    async with store.boards() as bank:
        async with store.adapter() as process:

            def kill(entry: Entry) -> None:
                if entry.event == "unlock_received" and process.returncode is None:
                    process.send_signal(signal.SIGKILL)

            bank.watch(kill)
            await store.bus.send("A", Unlock("c1", 3, 10_000))
            async with asyncio.timeout(DEADLINE_S):
                assert await process.wait() == -signal.SIGKILL
        async with store.adapter():
            again = await store.order("c1")
    assert (again.outcome, again.first, again.door) == (Outcome.REPEATED, None, Door.OPEN)
    assert store.pulses() == 1


async def test_an_adapter_killed_between_journal_and_pulse_never_pulses(store: Store) -> None:
    with Journal(store.folder / "state", "A") as journal:
        journal.take("c1")
    async with store.boards(), store.adapter():
        result = await store.order("c1")
    assert (result.outcome, result.first) == (Outcome.REPEATED, None)
    assert store.pulses() == 0


async def test_a_jammed_door_fails_after_three_pulses(store: Store) -> None:
    async with store.boards() as bank, store.adapter():
        bank.faults.jam(3)
        result = await store.order("c1")
    assert (result.outcome, result.reason) == (Outcome.FAILED, "did not open")
    assert store.pulses() == 3


async def test_a_command_that_was_on_its_way_for_too_long_is_late(store: Store) -> None:
    async with store.boards(), store.adapter():
        store.clock.behind_s = 1.0
        await store.bus.send("A", Unlock("c1", 3, 900))
        store.clock.behind_s = 0.0
        await store.hearing.until(lambda: bool(store.results()))
        assert store.results()[0].outcome is Outcome.LATE
        again = await store.order("c1")
    assert (again.outcome, again.first) == (Outcome.REPEATED, Outcome.LATE)
    assert store.pulses() == 0


async def test_a_lost_line_is_reported_and_found_again(store: Store) -> None:
    async with store.boards() as bank, store.adapter():
        await bank.__aexit__(None, None, None)
        await store.hearing.until(lambda: "no serial line" in str(store.faults()[-1]))
        async with store.boards():
            await store.hearing.until(lambda: store.faults()[-1] is None)
            assert (await store.order("c1")).outcome is Outcome.DONE


async def test_the_adapter_finds_a_restarted_agent(store: Store) -> None:
    async with store.boards(), store.adapter():
        address = store.bus.address
        await store.bus.__aexit__(None, None, None)
        async with DeviceBus(address, store.folder / "keys", SystemClock()) as bus:
            again = Store(store.folder, bus, Hearing(bus), store.clock)
            await again.hearing.until(lambda: again.hearing.presence == [("A", True)])
            assert (await again.order("c1")).outcome is Outcome.DONE


async def test_sigterm_ends_the_adapter_in_good_order(store: Store) -> None:
    async with store.boards(), store.adapter() as process:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(DEADLINE_S):
            assert await process.wait() == 0


@pytest.mark.parametrize(
    ("option", "value", "complaint"),
    [
        ("--family", "kerong_cu99", "no known family"),
        ("--boards", "16", "16 boards, but a line takes 15"),
        ("--bank", "B", "--enrol"),
    ],
)
async def test_a_start_that_cannot_work_ends_with_one_clear_line(
    store: Store, option: str, value: str, complaint: str
) -> None:
    arguments = [*store.arguments, option, value]
    code, said = await started(arguments)
    assert code == 2
    assert complaint in said
    assert len(said.splitlines()) == 1


async def test_enrolling_makes_the_keys_and_stops(store: Store) -> None:
    arguments = [*store.arguments, "--bank", "B", "--enrol"]
    code, _ = await started(arguments)
    assert code == 0
    assert (store.folder / "keys/allowed/B.key").exists()
    assert (store.folder / "keys/private/B.key_secret").stat().st_mode & 0o777 == 0o600


async def started(arguments: list[str]) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(*PROGRAM, *arguments, stdout=PIPE, stderr=PIPE)
    async with asyncio.timeout(DEADLINE_S):
        out, err = await process.communicate()
    return process.returncode, (err or out).decode()
