"""Unknown phones are a number: near the truth, told apart by nothing, forgotten at midnight."""

from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from edge_agent.kernel.clock import Instant
from edge_agent.radio.strangers import Strangers

SEOUL = ZoneInfo("Asia/Seoul")


def at(hour: int, minute: int = 0, day: int = 22) -> Instant:
    wall = datetime(2026, 11, day, hour, minute, tzinfo=SEOUL).astimezone(UTC)
    return Instant(wall, wall.timestamp())


def addresses(seed: int, many: int) -> list[str]:
    random = Random(seed)  # noqa: S311 - a crowd, not a secret
    return [":".join(f"{byte:02X}" for byte in random.randbytes(6)) for _ in range(many)]


@pytest.mark.parametrize("many", [0, 1, 10, 1000, 20_000, 100_000])
def test_the_count_is_near_the_truth_however_often_each_is_heard(many: int) -> None:
    strangers = Strangers(SEOUL)
    for address in addresses(7, many) * 2:
        strangers.count(address, at(14, 5))
    assert strangers.hours(at(14, 6))[-1].transmitters == pytest.approx(many, rel=0.03)


def test_each_hour_has_its_own_number_and_the_day_counts_each_once() -> None:
    strangers = Strangers(SEOUL)
    for address in addresses(1, 100):
        strangers.count(address, at(14))
        strangers.count(address, at(14, 59))
    for address in addresses(1, 150):
        strangers.count(address, at(16))
    hours = strangers.hours(at(17))
    assert [hour.start.astimezone(SEOUL).hour for hour in hours] == [14, 16, 17]
    assert [hour.transmitters for hour in hours] == pytest.approx([100, 150, 0], abs=3)
    assert strangers.today(at(17)) == pytest.approx(150, abs=3)


def test_nobody_can_be_told_again_after_midnight_in_the_store() -> None:
    strangers = Strangers(SEOUL)
    strangers.count("AA:BB:CC:DD:EE:FF", at(23, 59))
    before = bytes(strangers._of_day.bits)
    assert any(before)
    strangers.count("AA:BB:CC:DD:EE:FF", at(0, 0, day=23))
    assert strangers.today(at(0, 1, day=23)) == 1
    again = Strangers(SEOUL)
    again.count("AA:BB:CC:DD:EE:FF", at(23, 59))
    maps = {before, bytes(strangers._of_day.bits), bytes(again._of_day.bits)}
    assert len(maps) > 1


def test_memory_does_not_grow_with_the_crowd() -> None:
    strangers = Strangers(SEOUL)
    size = len(strangers._of_hour.bits) + len(strangers._of_day.bits)
    for day in range(22, 27):
        for hour in range(24):
            for address in addresses(day * 24 + hour, 200):
                strangers.count(address, at(hour, day=day))
    assert len(strangers._of_hour.bits) + len(strangers._of_day.bits) == size
    assert len(strangers.hours(at(23, day=26))) == 49


def test_a_clock_that_is_set_back_begins_an_hour_anew() -> None:
    strangers = Strangers(SEOUL)
    strangers.count("AA:BB:CC:DD:EE:FF", at(14))
    strangers.count("AA:BB:CC:DD:EE:FF", at(3))
    assert strangers.hours(at(3))[-1] == (at(3).wall, 1)
