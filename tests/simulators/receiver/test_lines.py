"""What the radios read: adverts, switches, and anything else without a traceback."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.receiver.lines import Fault, Heard, read_lines

ADVERT = {"t": 1.5, "receiver": "door", "address": "c0:00:00:00:00:01", "rssi": -60}
LINE = json.dumps(ADVERT | {"raw_adv": "020106"})


def read(*lines: str, receiver: str = "") -> tuple[list[Heard | Fault], list[str]]:
    complaints: list[str] = []
    told = [*read_lines(lines, receiver=receiver, complain=complaints.append)]
    return told, complaints


def test_an_advert_is_heard_by_its_own_radio_and_by_one_that_hears_everything() -> None:
    heard = Heard(1.5, "C0:00:00:00:00:01", -60, b"\x02\x01\x06")
    assert read(LINE) == ([heard], [])
    assert read(LINE, receiver="door") == ([heard], [])
    assert read(LINE, receiver="till") == ([], [])


def test_a_position_of_the_walk_is_no_advert_and_no_mistake() -> None:
    assert read(json.dumps({"t": 1.0, "beacon": "x", "x": 1, "y": 2, "zone": None})) == ([], [])


@pytest.mark.parametrize("fault", list(Fault))
def test_a_fault_is_a_switch(fault: Fault) -> None:
    assert read(json.dumps({"fault": fault.value})) == ([fault], [])


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("hello", "line 1 is not JSON"),
        ("[1]", "line 1 is no advert: it is no object"),
        ('{"fault": "rain"}', "'rain' is not a valid Fault"),
        ('{"raw_adv": "zz", "address": "c0:00:00:00:00:01", "rssi": 1, "t": 1}', "hexadecimal"),
        ('{"raw_adv": ""}', "it lacks 'address'"),
        ('{"raw_adv": "", "address": "00", "rssi": 1, "t": 1}', "its address has not six bytes"),
    ],
)
def test_a_line_that_is_none_of_these_is_named_and_passed_over(line: str, complaint: str) -> None:
    told, complaints = read(line, LINE)
    assert len(told) == 1
    assert complaint in complaints[0]


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(json.dumps))
def test_no_line_is_a_traceback(line: str) -> None:
    read(line)
