import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.dbus import WireError
from simulators.dbus.auth import MAX_LINE, Handshake


def test_external_with_descriptors_is_agreed_and_what_follows_begin_is_left() -> None:
    handshake = Handshake("00" * 16)
    answers, rest = handshake.receive(b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\nl\1")
    assert answers == b"OK " + b"00" * 16 + b"\r\nAGREE_UNIX_FD\r\n"
    assert handshake.finished
    assert rest == b"l\1"


def test_external_without_an_identity_is_asked_for_data() -> None:
    handshake = Handshake("ab")
    assert handshake.receive(b"\0AUTH EXTERNAL\r\n") == (b"DATA\r\n", b"")
    assert handshake.receive(b"DATA\r\n") == (b"OK ab\r\n", b"")


def test_other_mechanisms_are_rejected_and_nonsense_is_an_error() -> None:
    handshake = Handshake("ab")
    assert handshake.receive(b"\0AUTH ANONYMOUS\r\n")[0] == b"REJECTED EXTERNAL\r\n"
    assert handshake.receive(b"HOW ARE YOU\r\n")[0] == b"ERROR\r\n"


@pytest.mark.parametrize("data", [b"AUTH EXTERNAL 30\r\n", b"\0" + b"A" * (MAX_LINE + 1)])
def test_a_peer_that_does_not_speak_the_protocol_is_dropped(data: bytes) -> None:
    with pytest.raises(WireError):
        Handshake("ab").receive(data)


@given(st.lists(st.integers(1, 12), max_size=30))
def test_lines_may_arrive_in_any_pieces(sizes: list[int]) -> None:
    whole = b"\0AUTH EXTERNAL 30\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n"
    handshake = Handshake("ab")
    answers, rest = b"", b""
    for size in [*sizes, len(whole)]:
        piece, whole = whole[:size], whole[size:]
        more, rest = handshake.receive(rest + piece)
        answers += more
    assert (answers, rest, handshake.finished) == (b"OK ab\r\nAGREE_UNIX_FD\r\n", b"", True)
