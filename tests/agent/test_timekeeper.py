"""Which wall time the agent believes: set back, ahead, frozen, never set, saved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality
from edge_agent.kernel.timekeeping import AHEAD, BUILT, Believed, begin, go_on
from edge_agent.storage.clock_quality import is_synchronised, machine_boot
from edge_agent.timekeeper import TIME_FILE, Timekeeper

TODAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
YEARS_10, YEARS_40 = timedelta(days=3652), timedelta(days=14_610)
SYNCED, SAVED, UNSET = ClockQuality.SYNCED, ClockQuality.SAVED, ClockQuality.UNSET


class Machine:
    """A machine whose wall clock anybody can set."""

    def __init__(self, wall: datetime = TODAY, *, synchronised: bool = False) -> None:
        self.wall = wall
        self.monotonic = 100.0
        self.synchronised = synchronised
        self.frozen = False

    def now(self) -> Instant:
        return Instant(self.wall, self.monotonic)

    def move(self, seconds: float) -> None:
        self.monotonic += seconds
        if not self.frozen:
            self.wall += timedelta(seconds=seconds)


def keeper(machine: Machine, folder: Path) -> Timekeeper:
    return Timekeeper(machine, synchronised=lambda: machine.synchronised, file=folder / TIME_FILE)


@pytest.mark.parametrize(
    "jump", [timedelta(hours=-2), timedelta(hours=2), -YEARS_10, YEARS_40, BUILT - TODAY]
)
def test_after_a_jump_time_goes_on_from_what_was_believed_and_nothing_may_end(
    tmp_path: Path, jump: timedelta
) -> None:
    machine = Machine()
    clock = keeper(machine, tmp_path)
    machine.move(60)
    before = clock.now()
    machine.wall += jump
    machine.move(30)
    assert clock.now() == before.plus(30)
    assert clock.quality() is UNSET
    machine.move(3600 * 5)
    assert clock.now() == before.plus(30 + 3600 * 5)
    assert clock.quality() is UNSET


def test_a_clock_set_by_hand_is_not_believed_for_having_been_synchronised_before(
    tmp_path: Path,
) -> None:
    machine = Machine(synchronised=True)
    clock = keeper(machine, tmp_path)
    assert clock.quality() is SYNCED
    before = clock.now()
    machine.wall += YEARS_40
    machine.synchronised = False
    machine.move(30)
    assert clock.now() == before.plus(30)
    assert clock.quality() is UNSET


@pytest.mark.parametrize("jump", [timedelta(hours=-2), YEARS_40])
def test_a_jump_is_believed_as_soon_as_the_clock_is_synchronised(
    tmp_path: Path, jump: timedelta
) -> None:
    machine = Machine()
    clock = keeper(machine, tmp_path)
    machine.wall += jump
    assert clock.quality() is UNSET
    machine.synchronised = True
    assert clock.quality() is SYNCED
    assert clock.now() == machine.now()


@pytest.mark.parametrize("step", [timedelta(minutes=-59), timedelta(minutes=59)])
def test_a_step_within_the_hour_is_a_correction(tmp_path: Path, step: timedelta) -> None:
    machine = Machine()
    clock = keeper(machine, tmp_path)
    machine.wall += step
    assert (clock.now(), clock.quality()) == (machine.now(), SAVED)


def test_a_frozen_wall_clock_is_left_behind_after_an_hour(tmp_path: Path) -> None:
    machine = Machine()
    clock = keeper(machine, tmp_path)
    machine.frozen = True
    begun = clock.now()
    machine.move(3601 * 2)
    assert clock.now() == begun.plus(3601 * 2)
    assert clock.quality() is UNSET


def test_1970_at_boot_is_the_builds_date_and_unset(tmp_path: Path) -> None:
    machine = Machine(datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC))
    clock = keeper(machine, tmp_path)
    machine.move(10)
    assert clock.now().wall == BUILT + timedelta(seconds=10)
    assert clock.quality() is UNSET


async def test_1970_at_boot_is_the_time_that_was_saved_last(tmp_path: Path) -> None:
    synchronised = Machine(synchronised=True)
    clock = keeper(synchronised, tmp_path)
    synchronised.move(500)
    await clock.save()
    machine = Machine(datetime(1970, 1, 1, tzinfo=UTC))
    again = keeper(machine, tmp_path)
    machine.move(7200)
    assert again.now().wall == TODAY + timedelta(seconds=500 + 7200)
    assert again.quality() is SAVED


async def test_time_is_saved_only_while_it_is_synchronised(tmp_path: Path) -> None:
    machine = Machine()
    await keeper(machine, tmp_path).save()
    assert not (tmp_path / TIME_FILE).exists()


def test_forty_years_ahead_at_boot_are_not_believed_unless_synchronised() -> None:
    raw = Instant(TODAY + YEARS_40, 5.0)
    at_start = begin(raw, synchronised=False, saved=TODAY)
    assert at_start == Believed(Instant(TODAY, 5.0), SAVED, own=True)
    assert go_on(at_start, raw.plus(3), synchronised=False).at == Instant(TODAY, 5.0).plus(3)
    assert go_on(at_start, raw.plus(3), synchronised=True).at == raw.plus(3)


def test_a_clock_that_was_kept_by_its_battery_is_believed() -> None:
    raw = Instant(TODAY + timedelta(days=200), 5.0)
    assert begin(raw, synchronised=False, saved=TODAY) == Believed(raw, SAVED, own=False)
    assert begin(raw, synchronised=False, saved=None) == Believed(raw, SAVED, own=False)


def test_a_saved_time_years_past_the_build_is_given_up_once_a_synchronised_source_disagrees(
    tmp_path: Path,
) -> None:
    (tmp_path / TIME_FILE).write_text((BUILT + 2 * AHEAD).isoformat(), "ascii")
    machine = Machine()
    clock = keeper(machine, tmp_path)
    assert clock.now().wall == BUILT + 2 * AHEAD
    machine.synchronised = True
    clock.quality()
    assert clock.now() == machine.now()


@pytest.mark.parametrize("saved", ["", "yesterday", "2026-11-23T10:00:00", "\x00" * 20])
def test_a_saved_time_that_cannot_be_read_is_none(tmp_path: Path, saved: str) -> None:
    (tmp_path / TIME_FILE).write_text(saved, "utf-8")
    machine = Machine(datetime(1970, 1, 1, tzinfo=UTC))
    assert keeper(machine, tmp_path).now().wall == BUILT


def test_a_synchronised_clock_before_the_build_is_not_believed() -> None:
    raw = Instant(datetime(1970, 1, 1, tzinfo=UTC), 5.0)
    assert begin(raw, synchronised=True, saved=None).quality is UNSET


def test_the_kernel_says_whether_it_is_synchronised_and_which_boot_this_is() -> None:
    assert is_synchronised() in (True, False)
    assert len(machine_boot()) in (0, 36)
