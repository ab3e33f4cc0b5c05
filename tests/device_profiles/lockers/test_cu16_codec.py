import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.lockers.kerong_cu16 import codec

RECORDINGS = files("device_profiles.lockers.kerong_cu16") / "recordings"

BOARDS = st.integers(0, 14)
WORDS = st.integers(0, 0xFFFF)


def recording(name: str) -> dict[str, list[dict[str, Any]]]:
    vectors = json.loads((RECORDINGS / name).read_text(encoding="utf-8"))
    return {kind: held for kind, held in vectors.items() if isinstance(held, list)}


NEVER_BUILT = {bytes.fromhex(v["bytes"]) for v in recording("vendor.json")["never_built"]}


def reply(board: int, hooks: int, infrared: int) -> bytes:
    body = bytes(
        (2, board << 4, 0x35, *hooks.to_bytes(2, "little"), *infrared.to_bytes(2, "little"), 3)
    )
    return body + bytes((sum(body) & 0xFF,))


@pytest.mark.parametrize("vector", recording("vendor.json")["commands"], ids=lambda v: v["bytes"])
def test_commands_are_the_vendors_bytes(vector: dict[str, Any]) -> None:
    if vector["command"] == "status":
        built = codec.status_request(vector["board"])
    else:
        built = codec.unlock_request(vector["board"], vector["lock"])
    assert built == bytes.fromhex(vector["bytes"])


@pytest.mark.parametrize("vector", recording("layout.json")["replies"], ids=lambda v: v["bytes"])
def test_replies_are_read_as_the_vendors_layout_says(vector: dict[str, Any]) -> None:
    read = codec.parse_status(bytes.fromhex(vector["bytes"]))
    assert read is not None
    assert read.board == vector["board"]
    assert [n for n in range(1, 17) if read.hooks >> n - 1 & 1] == vector["hooks"]
    assert [n for n in range(1, 17) if read.infrared >> n - 1 & 1] == vector["infrared"]


@given(board=st.integers(), lock=st.integers())
def test_no_arguments_build_a_frame_for_the_whole_bus_or_for_all_locks(
    board: int, lock: int
) -> None:
    built = []
    for build, arguments in (
        (codec.status_request, (board,)),
        (codec.unlock_request, (board, lock)),
    ):
        try:
            built.append(build(*arguments))
        except ValueError:
            continue
    for frame in built:
        assert frame[1] >> 4 <= 14
        assert frame[2] in {0x30, 0x31}
    assert not set(built) & NEVER_BUILT


@pytest.mark.parametrize(("board", "lock"), [(-1, 1), (15, 1), (0, 0), (0, 17)])
def test_a_board_or_lock_that_does_not_exist_is_refused(board: int, lock: int) -> None:
    with pytest.raises(ValueError, match="is not within"):
        codec.unlock_request(board, lock)


@given(BOARDS, WORDS, WORDS)
def test_a_reply_is_found_behind_our_own_echo(board: int, hooks: int, infrared: int) -> None:
    line = codec.status_request(board) + reply(board, hooks, infrared)
    assert codec.find_status(line, board) == codec.StatusReply(board, hooks, infrared)


@given(BOARDS, WORDS, WORDS, st.integers(0, 8), st.integers(1, 255))
def test_one_spoilt_byte_makes_a_reply_unreadable(
    board: int, hooks: int, infrared: int, place: int, spoilt: int
) -> None:
    frame = bytearray(reply(board, hooks, infrared))
    frame[place] ^= spoilt
    assert codec.parse_status(bytes(frame)) is None


@given(BOARDS, WORDS, WORDS)
def test_another_boards_reply_is_not_taken_for_ours(board: int, hooks: int, infrared: int) -> None:
    assert codec.find_status(reply(board, hooks, infrared), (board + 1) % 15) is None


@given(st.binary(max_size=64), BOARDS)
def test_garbage_raises_nothing(garbage: bytes, board: int) -> None:
    codec.find_status(garbage, board)
    codec.parse_status(garbage)
