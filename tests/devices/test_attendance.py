from hypothesis import given
from hypothesis import strategies as st

from edge_agent.devices.attendance import ABSENT_AFTER_S, Attendance, DeviceClock

ROUTE, SESSION = b"r1", "s1"


@given(
    ahead=st.integers(-(10**9), 10**9),
    transits=st.lists(st.floats(0, 5), min_size=1, max_size=200),
    wait=st.floats(0, 100),
)
def test_a_devices_clock_is_never_read_ahead_of_the_truth(
    ahead: int, transits: list[float], wait: float
) -> None:
    clock, at = DeviceClock(), 0.0
    for number, transit in enumerate(transits):
        sent = number * 10.0
        at = sent + transit
        clock.observe(int(sent * 1000) + ahead, at)
    truth = (at + wait) * 1000 + ahead
    fastest = min(transits[-64:]) * 1000
    assert truth - fastest - 2 <= clock.read(at + wait) <= truth + 1


def test_a_letter_that_waited_in_a_queue_does_not_set_the_clock_back() -> None:
    clock = DeviceClock()
    clock.observe(10_000, 100.0)
    clock.observe(10_500, 108.0)
    assert clock.read(108.0) == 18_000


def test_a_device_is_present_from_its_introduction() -> None:
    roll = Attendance()
    assert roll.heard("A", ROUTE, SESSION, 0, 1.0)
    assert not roll.present()
    assert roll.introduce("A")
    assert roll.present() == {"A"}
    assert not roll.introduce("A")


def test_a_known_connection_need_not_introduce_itself_again() -> None:
    roll = Attendance()
    roll.heard("A", ROUTE, SESSION, 0, 1.0)
    assert not roll.heard("A", ROUTE, SESSION, 500, 1.5)


def test_a_new_connection_or_a_new_program_must_introduce_itself_and_was_not_away() -> None:
    roll = Attendance()
    roll.heard("A", ROUTE, SESSION, 0, 1.0)
    roll.introduce("A")
    assert roll.heard("A", b"r2", SESSION, 500, 1.5)
    assert roll.heard("A", b"r2", "s2", 0, 2.0)
    assert not roll.introduce("A")
    assert roll.present() == {"A"}


def test_a_new_program_brings_a_new_clock() -> None:
    roll = Attendance()
    roll.heard("A", ROUTE, SESSION, 900_000, 1.0)
    roll.heard("A", b"r2", "s2", 100, 2.0)
    assert roll.address("A", 3.0) == (b"r2", "s2", 1100)


def test_who_is_silent_for_two_seconds_is_gone_once() -> None:
    roll = Attendance()
    roll.heard("A", ROUTE, SESSION, 0, 1.0)
    roll.introduce("A")
    roll.heard("stranger", b"r9", "s9", 0, 1.0)
    assert roll.lapse(1.0 + ABSENT_AFTER_S - 0.01) == []
    assert roll.lapse(1.0 + ABSENT_AFTER_S) == ["A"]
    assert roll.lapse(9.0) == []
    assert roll.address("A", 9.0) is None
