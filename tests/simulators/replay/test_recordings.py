import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.bluez.advert import parse
from simulators.bluez.recordings import (
    DEFAULT_RSSI,
    JSON_GAP,
    LONGEST_GAP,
    Problem,
    Recorded,
    Skipped,
    UnreadableRecording,
    read,
)

FEAA = "0000feaa-0000-1000-8000-00805f9b34fb"
LONG = "0f0e0d0c-0b0a-0908-0706-050403020100"
HEADER = "path,floor,t_ms,uuid,major,minor,tx_power,rssi,distance_m,mac"
UUID = "9195B3AD-A9D0-4500-85FF-9FB0F65A5201"
MAC = "E0:78:A3:3E:93:35"


def _json_lines(tmp_path: Path, *records: object) -> list[Recorded | Skipped]:
    file = tmp_path / "adverts.jsonl"
    lines = [each if isinstance(each, str) else json.dumps(each) for each in records]
    file.write_text("\n".join(lines))
    return list(read(file))


def _csv(tmp_path: Path, *rows: str) -> list[Recorded | Skipped]:
    file = tmp_path / "mall.csv.gz"
    with gzip.open(file, "wt") as out:
        out.write("\n".join([HEADER, *rows]))
    return list(read(file))


def _row(t_ms: int, rssi: object = -84, *, major: object = 7, path: str = "p1") -> str:
    return f"{path},B1,{t_ms},{UUID},{major},513,-56,{rssi},20.6,{MAC}"


def _adverts(items: list[Recorded | Skipped]) -> list[Recorded]:
    return [each for each in items if isinstance(each, Recorded)]


def _problems(items: list[Recorded | Skipped]) -> list[tuple[int, Problem]]:
    return [(each.line, each.problem) for each in items if isinstance(each, Skipped)]


def test_raw_bytes_win_over_the_parts(tmp_path: Path) -> None:
    raw = "0201061aff4c0002159195b3ada9d0450085ff9fb0f65a520100000000c8"
    record = {"raw_adv": raw, "manufacturer_data": {"1": "ff"}, "rssi": -77, "address": MAC}
    (item,) = _adverts(_json_lines(tmp_path, record))
    assert (item.advert.ad.hex(), item.advert.rssi, item.advert.address) == (raw, -77, MAC)
    assert item.gap == JSON_GAP


def test_an_advert_is_built_from_its_parts(tmp_path: Path) -> None:
    record = {
        "manufacturer_data": {"76": "0215aa"},
        "service_data": {FEAA: "1000", LONG: "01"},
        "service_uuids": [FEAA, LONG],
        "local_name": "신발",
    }
    (item,) = _adverts(_json_lines(tmp_path, record))
    payload = parse(item.advert.ad)
    assert payload.manufacturer_data == {76: bytes.fromhex("0215aa")}
    assert payload.service_data == {FEAA: b"\x10\x00", LONG: b"\x01"}
    assert payload.uuids == (FEAA, LONG)
    assert payload.name == "신발"
    assert item.advert.rssi == DEFAULT_RSSI


def test_lines_without_an_address_get_one_each_and_the_same_in_every_replay(tmp_path: Path) -> None:
    records = [{"raw_adv": "020106"}, {"raw_adv": "020106"}]
    first = [each.advert.address for each in _adverts(_json_lines(tmp_path, *records))]
    assert first == ["C0:00:00:00:00:01", "C0:00:00:00:00:02"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"address": MAC, "irk": "00"}, Problem.NO_ADVERTISEMENT),
        ({"steps": []}, Problem.NO_ADVERTISEMENT),
        ("{", Problem.NOT_JSON),
        ("[" * 100_000, Problem.NOT_JSON),
        ("[1]", Problem.NOT_AN_OBJECT),
        ({"raw_adv": "xyz"}, Problem.BAD_FIELD),
        ({"raw_adv": 7}, Problem.BAD_FIELD),
        ({"manufacturer_data": {"seventy": "00"}}, Problem.BAD_FIELD),
        ({"manufacturer_data": {"65536": "00"}}, Problem.BAD_FIELD),
        ({"manufacturer_data": {"76": "00" * 253}}, Problem.BAD_FIELD),
        ({"manufacturer_data": ["76"]}, Problem.BAD_FIELD),
        ({"service_data": {"not-a-uuid": "00"}}, Problem.BAD_FIELD),
        ({"raw_adv": "020106", "rssi": "loud"}, Problem.BAD_FIELD),
        ({"raw_adv": "020106", "rssi": 42}, Problem.NOT_RECEIVABLE),
        ({"raw_adv": "020106", "rssi": -128}, Problem.NOT_RECEIVABLE),
        ({"raw_adv": "020106", "address": "nowhere"}, Problem.NOT_RECEIVABLE),
        ({"raw_adv": "020106", "address": 12}, Problem.BAD_FIELD),
    ],
)
def test_a_line_that_cannot_be_played_is_named_and_the_rest_is_played(
    tmp_path: Path, line: object, problem: Problem
) -> None:
    items = _json_lines(tmp_path, {"raw_adv": "020106"}, line, {"raw_adv": "020106"})
    assert len(_adverts(items)) == 2
    assert _problems(items) == [(2, problem)]


def test_a_mall_row_is_an_ibeacon_with_its_time(tmp_path: Path) -> None:
    first, second = _adverts(_csv(tmp_path, _row(1_574_572_522_535), _row(1_574_572_522_635)))
    assert parse(first.advert.ad).manufacturer_data == {
        76: bytes.fromhex("0215" + UUID.replace("-", "") + "00070201c8")
    }
    assert (first.advert.address, first.advert.rssi, first.gap) == (MAC, -84, 0.0)
    assert second.gap == pytest.approx(0.1)


def test_long_pauses_are_cut_and_the_next_path_follows_at_once(tmp_path: Path) -> None:
    rows = [_row(100_000), _row(190_000), _row(5_000, path="p2"), _row(5_500, path="p2")]
    gaps = [each.gap for each in _adverts(_csv(tmp_path, *rows))]
    assert gaps == [0.0, LONGEST_GAP, 0.0, 0.5]


def test_rows_with_impossible_values_are_counted(tmp_path: Path) -> None:
    rows = [
        _row(0, 21),
        _row(0, -128),
        _row(0, "loud"),
        _row(0, major=65_536),
        "short,row",
        _row(0),
    ]
    items = _csv(tmp_path, *rows)
    assert len(_adverts(items)) == 1
    assert _problems(items) == [
        (2, Problem.NOT_RECEIVABLE),
        (3, Problem.NOT_RECEIVABLE),
        (4, Problem.BAD_FIELD),
        (5, Problem.BAD_FIELD),
        (6, Problem.BAD_FIELD),
    ]


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.txt", b"", "only .jsonl"),
        ("a.csv", b"t_ms,uuid\n", "no column major"),
        ("a.csv", b"", "no column"),
        ("a.csv.gz", b"not gzip", "a.csv.gz"),
        ("a.jsonl.gz", gzip.compress(b"{}\n" * 5000, mtime=0)[:40], "a.jsonl.gz"),
        ("a.jsonl", b"\xff\xfe", "a.jsonl"),
    ],
)
def test_a_file_that_cannot_be_read_on_is_named(
    tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UnreadableRecording, match=complaint):
        list(read(file))


@given(st.text(max_size=80))
def test_any_line_is_played_or_skipped(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    file = tmp_path_factory.getbasetemp() / "any.jsonl"
    file.write_text(text, encoding="utf-8", errors="replace")
    assert all(isinstance(each, Recorded | Skipped) for each in read(file))
