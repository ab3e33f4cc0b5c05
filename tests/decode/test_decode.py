"""`edge-agent decode`: one object out per line in, whatever the line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from edge_agent.decode import LONGEST_LINE, decode, decode_line

IBEACON = "0215e2c56db5dffb48d2b060d0f5a71096e000640000c5"
EID = "30e34549445f74657374"
EDDYSTONE = "0000feaa-0000-1000-8000-00805f9b34fb"

app = typer.Typer()
app.command()(decode)


Answer = dict[str, Any]


def answers(text: bytes) -> list[Answer]:
    result = CliRunner().invoke(app, input=text)
    assert result.exit_code == 0
    assert result.exception is None
    return [json.loads(line) for line in result.stdout.splitlines()]


def answer(line: object) -> Answer:
    (only,) = answers(json.dumps(line).encode() + b"\n")
    return only


def test_an_ibeacon_is_printed_with_its_format_and_fields() -> None:
    frame = {
        "format": "ibeacon",
        "uuid": "e2c56db5-dffb-48d2-b060-d0f5a71096e0",
        "major": 100,
        "minor": 0,
        "measured_power": -59,
    }
    assert answer({"manufacturer_data": {"76": IBEACON}}) == {"frames": [frame], "error": None}


def test_raw_data_wins_over_the_parts() -> None:
    line = {"raw_adv": "0201060d16aafe" + EID, "manufacturer_data": {"76": IBEACON}}
    assert [frame["format"] for frame in answer(line)["frames"]] == ["eddystone_eid"]


def test_a_service_may_be_named_by_its_short_uuid() -> None:
    assert [frame["format"] for frame in answer({"service_data": {"FEAA": EID}})["frames"]] == [
        "eddystone_eid"
    ]


def test_what_is_no_beacon_gives_no_frames_and_no_error() -> None:
    assert answer({"manufacturer_data": {"76": "1005"}}) == {"frames": [], "error": None}
    assert answer({}) == {"frames": [], "error": None}


def test_a_broken_payload_is_told_beside_the_frame_that_is_whole() -> None:
    told = answer({"manufacturer_data": {"76": IBEACON}, "service_data": {EDDYSTONE: "20"}})
    assert [frame["format"] for frame in told["frames"]] == ["ibeacon"]
    assert told["error"] == "malformed eddystone_tlm: 1 bytes, 2 needed"


@pytest.mark.parametrize(
    "line",
    [
        b"{",
        b"[]",
        b"null",
        b"7",
        b'"text"',
        b"\xff\xfe",
        b"",
        b"   ",
        b"[" * 5000,
        b'{"x": ' * 5000,
        b'{"raw_adv": "0g"}',
        b'{"raw_adv": "021"}',
        b'{"raw_adv": 5}',
        b'{"raw_adv": ["02"]}',
        b'{"manufacturer_data": []}',
        b'{"manufacturer_data": {"x": "00"}}',
        b'{"manufacturer_data": {"-1": "00"}}',
        b'{"manufacturer_data": {"65536": "00"}}',
        b'{"manufacturer_data": {"76": null}}',
        b'{"service_data": {"feaa": 1}}',
        b'{"service_data": {"eddystone": "00"}}',
        b'{"bindkey": "secret"}',
        b'{"rssi": "loud"}',
        b'{"raw_adv": "' + b"00" * LONGEST_LINE + b'"}',
    ],
)
def test_a_line_that_cannot_be_read_gives_its_error_and_the_next_line_is_read(line: bytes) -> None:
    good = json.dumps({"manufacturer_data": {"76": IBEACON}}).encode()
    bad, next_one = answers(line + b"\n" + good + b"\n")
    assert bad["frames"] == []
    assert bad["error"]
    assert len(next_one["frames"]) == 1


def test_the_longest_line_is_still_read() -> None:
    line = b'{"raw_adv": ""' + b" " * (LONGEST_LINE - 16) + b"}\n"
    assert len(line) == LONGEST_LINE
    assert [told["error"] for told in answers(line + line)] == [None, None]


def test_a_last_line_without_its_newline_counts() -> None:
    assert len(answers(b"{}\n{}")) == 2


def test_no_line_gives_no_answer() -> None:
    assert answers(b"") == []


def test_a_file_is_read_like_the_standard_input(tmp_path: Path) -> None:
    file = tmp_path / "heard.jsonl"
    file.write_text(json.dumps({"manufacturer_data": {"76": IBEACON}}) + "\n")
    result = CliRunner().invoke(app, [str(file)])
    assert json.loads(result.stdout)["frames"][0]["format"] == "ibeacon"


@pytest.mark.slow
@pytest.mark.timeout(30)
def test_each_answer_leaves_before_the_next_line_is_awaited() -> None:
    program = [sys.executable, "-c", "from edge_agent.decode import decode; decode()"]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as agent:
        assert agent.stdin
        assert agent.stdout
        for _ in range(2):
            agent.stdin.write(b"{}\n")
            agent.stdin.flush()
            assert json.loads(agent.stdout.readline()) == {"frames": [], "error": None}
        agent.stdin.close()
        assert agent.wait() == 0


@given(st.binary(max_size=300))
def test_any_bytes_get_an_answer(line: bytes) -> None:
    decode_line(line)


@given(
    st.dictionaries(
        st.sampled_from(["raw_adv", "manufacturer_data", "service_data", "bindkey", "address"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        ),
    )
)
def test_any_json_gets_an_answer(line: dict[str, object]) -> None:
    decode_line(json.dumps(line).encode())


@pytest.mark.parametrize(
    "line",
    [
        {"service_data": {"feaa": EID}, "identity_key": "00" * 16},
        {"service_data": {"feaa": EID}, "identity_key": "00" * 15, "rotation_exponent": 4},
        {"identity_key": "00" * 15, "rotation_exponent": 4, "beacon_time_s": 5},
        {"identity_key": "0g" * 16, "rotation_exponent": 4, "beacon_time_s": 5},
        {"identity_key": "00" * 16, "rotation_exponent": 16, "beacon_time_s": 5},
        {"identity_key": "00" * 16, "rotation_exponent": 4, "beacon_time_s": -1},
        {"identity_key": "00" * 16, "rotation_exponent": 4, "beacon_time_s": 1 << 32},
        {"temporary_key": "00", "rotation_exponent": 4, "beacon_time_s": 5},
        {"address": "40:01:02:B2:12:DA", "irk": "00"},
    ],
)
def test_a_key_that_cannot_be_one_is_an_error(line: dict[str, object]) -> None:
    told = answer(line)
    assert told["error"]
    assert told["frames"] == []


def test_an_address_that_is_none_is_not_resolved() -> None:
    assert answer({"address": "TEST DEVICE", "irk": "00" * 16})["resolves"] is False
