from device_profiles.lockers.board import BoardStatus
from edge_agent.adapters.readings import MISSES, Readings
from edge_agent.devices.messages import CompartmentState, Door

SHUT = BoardStatus(closed=(True, True), occupied=(False, None))


def test_compartments_are_numbered_through_all_boards() -> None:
    readings = Readings(boards=3, locks=16)
    assert len(readings) == 48
    assert readings.place(1) == (0, 1)
    assert readings.place(16) == (0, 16)
    assert readings.place(17) == (1, 1)
    assert 48 in readings
    assert 0 not in readings
    assert 49 not in readings


def test_only_what_changed_is_news() -> None:
    readings = Readings(boards=1, locks=2)
    assert len(readings.take(0, SHUT)) == 2
    assert readings.take(0, SHUT) == []
    ajar = BoardStatus(closed=(True, False), occupied=(False, None))
    assert readings.take(0, ajar) == [CompartmentState(2, Door.OPEN, None)]
    assert readings.of(2).door is Door.OPEN


def test_a_board_that_misses_one_reading_keeps_its_doors() -> None:
    readings = Readings(boards=2, locks=2)
    readings.take(0, SHUT)
    readings.take(1, SHUT)
    for _ in range(MISSES - 1):
        assert readings.miss(1) == []
    assert readings.silent_boards() == []
    assert [state.compartment for state in readings.miss(1)] == [3, 4]
    assert readings.silent_boards() == [1]
    assert readings.of(1).door is Door.CLOSED
    assert readings.of(3).door is Door.UNKNOWN
    readings.take(1, SHUT)
    assert readings.silent_boards() == []


def test_without_a_line_nothing_is_known() -> None:
    readings = Readings(boards=1, locks=2)
    assert readings.silent_boards() == [0]
    readings.take(0, SHUT)
    assert len(readings.lose()) == 2
    assert {state.door for state in readings.all()} == {Door.UNKNOWN}
