import pytest

from edge_agent.devices.messages import (
    AgentLetter,
    CompartmentState,
    DeviceLetter,
    Door,
    NoLetter,
    ReportState,
    Unlock,
    decode_from_device,
    decode_to_device,
    encode,
)

ENDLESS_BATTERY = (
    f'"version":0,"battery_mv":1{"0" * 400},"temperature_c":null,"adv_count":1,"uptime_s":1'
)


def test_a_letter_keeps_its_message_on_the_way() -> None:
    up = DeviceLetter("s1", 1234, CompartmentState(3, Door.OPEN, occupied=None))
    down = AgentLetter("s1", 1234, Unlock("pickup/P-1/2", 3, 5000))
    assert decode_from_device(encode(up)) == up
    assert decode_to_device(encode(down)) == down


def test_what_the_agent_says_is_nothing_a_device_may_say() -> None:
    with pytest.raises(NoLetter):
        decode_from_device(encode(AgentLetter("s1", 1, ReportState())))


def test_a_field_that_a_newer_end_adds_is_passed_over() -> None:
    frame = b'{"session":"s1","sent_ms":1,"new":2,"message":{"type":"heartbeat","load":0.5}}'
    assert decode_from_device(frame).session == "s1"


def test_a_command_expires_on_the_clock_of_the_session_it_was_written_for() -> None:
    letter = AgentLetter("s1", 70_000, Unlock("c", 1, 5000))
    assert letter.expires_ms("s1") == 75_000


def test_a_command_for_an_earlier_session_may_never_be_carried_out() -> None:
    assert AgentLetter("s1", 70_000, Unlock("c", 1, 5000)).expires_ms("s2") is None


@pytest.mark.parametrize(
    "message",
    [
        '{"type":"hello","kind":"locker","compartments":1000000000}',
        '{"type":"hello","kind":"locker","compartments":-1}',
        '{"type":"compartment_state","compartment":36893488147419103232,"door":"open","occupied":null}',
        '{"type":"compartment_state","compartment":0,"door":"open","occupied":null}',
        *(
            f'{{"type":"adverts","receiver":"r","heard":[[1,"{address}",{rssi},[{frame}]]]}}'
            for address, rssi, frame in (
                ("C0:00:00:00:00:01", -60, '{"format":"eddystone_eid","tx_power_0m":0,"eid":"x"}'),
                ("C0:00:00:00:00:01", -60, f'{{"format":"eddystone_tlm",{ENDLESS_BATTERY}}}'),
                ("C0:00:00:00:00:01", 20, ""),
                ("somewhere", -60, ""),
            )
        ),
    ],
)
def test_a_device_cannot_say_more_than_the_agent_can_hold(message: str) -> None:
    with pytest.raises(NoLetter):
        decode_from_device(f'{{"session":"s1","sent_ms":1,"message":{message}}}'.encode())


@pytest.mark.parametrize(
    "frame",
    [
        b"open sesame",
        b'{"session":"\xff","sent_ms":1,"message":{"type":"heartbeat"}}',
        b'{"session":"s","sent_ms":1,"new":' + b"[" * 8000 + b"]" * 8000 + b"}",
    ],
    ids=["no JSON", "no UTF-8", "deeper than any letter"],
)
def test_bytes_that_are_no_letter_are_refused_in_one_way(frame: bytes) -> None:
    with pytest.raises(NoLetter):
        decode_from_device(frame)


def test_a_clock_that_no_device_can_have_is_not_believed() -> None:
    frame = '{"session":"s1","sent_ms":1%s,"message":{"type":"heartbeat"}}' % ("0" * 400)
    with pytest.raises(NoLetter):
        decode_from_device(frame.encode())
