import json
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.locker.frames import Command, Ear, status_reply

RECORDINGS = files("device_profiles.lockers.kerong_cu16") / "recordings"


def recording(name: str) -> dict[str, list[dict[str, Any]]]:
    vectors = json.loads((RECORDINGS / name).read_text(encoding="utf-8"))
    return {kind: held for kind, held in vectors.items() if isinstance(held, list)}


def heard(vector: dict[str, Any]) -> Command:
    return Command(vector["command"], vector["board"], vector.get("lock", 1) - 1)


COMMANDS = recording("vendor.json")["commands"]


@pytest.mark.parametrize("vector", COMMANDS, ids=lambda v: v["bytes"])
def test_the_board_understands_the_vendors_bytes(vector: dict[str, Any]) -> None:
    assert Ear().hear(bytes.fromhex(vector["bytes"])) == [heard(vector)]


@pytest.mark.parametrize("vector", recording("layout.json")["replies"], ids=lambda v: v["bytes"])
def test_the_board_answers_in_the_vendors_layout(vector: dict[str, Any]) -> None:
    hooks, infrared = ([int(n in vector[k]) for n in range(1, 17)] for k in ("hooks", "infrared"))
    assert status_reply(vector["board"], hooks, infrared) == bytes.fromhex(vector["bytes"])


@given(st.lists(st.binary(max_size=12), max_size=4), st.lists(st.integers(1, 9), max_size=40))
def test_commands_are_heard_between_noise_and_in_any_pieces(
    noise: list[bytes], sizes: list[int]
) -> None:
    quiet = [bytes(octet for octet in burst if octet != 2) for burst in noise]
    line = b"".join(
        burst + bytes.fromhex(COMMANDS[i % len(COMMANDS)]["bytes"]) for i, burst in enumerate(quiet)
    )
    ear, commands = Ear(), []
    for size in [*sizes, len(line)]:
        commands += ear.hear(line[:size])
        line = line[size:]
    assert commands == [heard(COMMANDS[i % len(COMMANDS)]) for i in range(len(quiet))]


def test_a_frame_to_the_whole_bus_is_heard_for_what_it_is() -> None:
    assert Ear().hear(bytes.fromhex("02 F0 33 03 28")) == [Command("unlock_all", 15, 0)]
