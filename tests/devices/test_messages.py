import msgspec
import pytest

from edge_agent.devices.messages import (
    AgentLetter,
    CompartmentState,
    DeviceLetter,
    Door,
    ReportState,
    Unlock,
    decode_from_device,
    decode_to_device,
    encode,
)


def test_a_letter_keeps_its_message_on_the_way() -> None:
    up = DeviceLetter("s1", 1234, CompartmentState(3, Door.OPEN, occupied=None))
    down = AgentLetter("s1", 1234, Unlock("pickup/P-1/2", 3, 5000))
    assert decode_from_device(encode(up)) == up
    assert decode_to_device(encode(down)) == down


def test_what_the_agent_says_is_nothing_a_device_may_say() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_from_device(encode(AgentLetter("s1", 1, ReportState())))


def test_a_field_that_a_newer_end_adds_is_passed_over() -> None:
    frame = b'{"session":"s1","sent_ms":1,"new":2,"message":{"type":"heartbeat","load":0.5}}'
    assert decode_from_device(frame).session == "s1"


def test_a_command_expires_on_the_clock_of_the_session_it_was_written_for() -> None:
    letter = AgentLetter("s1", 70_000, Unlock("c", 1, 5000))
    assert letter.expires_ms("s1") == 75_000


def test_a_command_for_an_earlier_session_may_never_be_carried_out() -> None:
    assert AgentLetter("s1", 70_000, Unlock("c", 1, 5000)).expires_ms("s2") is None
