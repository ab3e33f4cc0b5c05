"""Recorded advertisements from files, line by line: JSON lines and CSV, gzipped or not.

JSON lines: `raw_adv` (hex) wins, else the AD structures are built from `manufacturer_data` (by
decimal company id), `service_data` (by UUID), `service_uuids` and `local_name`; `address` and
`rssi` are optional. There are no timestamps: `JSON_GAP` apart. CSV: iBeacons as the mall recordings
have them, with the columns `CSV_COLUMNS`.
"""

import csv
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from simulators.bluez.advert import Advert, MalformedAdvert

JSON_GAP = 0.1
"""Seconds between adverts that have no time: ten a second, a beacon's usual interval."""

LONGEST_GAP = 1.0
"""Seconds to which a pause is cut; a step back in time, to the next path, is no pause."""

DEFAULT_RSSI = -60
"""dBm for lines without one: a beacon some metres away."""

CSV_COLUMNS = ("t_ms", "uuid", "major", "minor", "tx_power", "rssi", "mac")

_BASE_UUID = "-0000-1000-8000-00805f9b34fb"
_MANUFACTURER, _NAME = 0xFF, 0x09
_SERVICE_16, _SERVICE_128, _UUIDS_16, _UUIDS_128 = 0x16, 0x21, 0x03, 0x07
_SHORT = 2
_IBEACON = bytes.fromhex("4c000215")
_FLAGS = bytes.fromhex("020106")
_LONGEST_STRUCTURE = 254


class Problem(StrEnum):
    """Why a line is not played."""

    NO_ADVERTISEMENT = "no advertisement"
    NOT_JSON = "not JSON"
    NOT_AN_OBJECT = "not an object"
    BAD_FIELD = "bad field"
    NOT_RECEIVABLE = "not receivable"


class UnreadableRecording(Exception):
    """A file that cannot be read on; its text names the file and, when known, the line."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """An advert and how many seconds it came after the one before."""

    advert: Advert
    gap: float


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line that was not played.

    Attributes:
        line: from 1.
        detail: what is wrong with it; empty when the line simply holds no advert.
    """

    line: int
    problem: Problem
    detail: str = ""


class _Unusable(Exception):
    def __init__(self, problem: Problem, detail: str = "") -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail


def read(path: Path) -> Iterator[Recorded | Skipped]:
    """Each line of the recording; raises `UnreadableRecording` where it cannot go on."""
    suffixes = [suffix for suffix in path.suffixes if suffix != ".gz"]
    kind = suffixes[-1] if suffixes else ""
    if kind not in {".jsonl", ".csv"}:
        reason = f"{path}: only .jsonl, .csv and the same with .gz can be replayed"
        raise UnreadableRecording(reason)
    try:
        with _open(path) as file:
            yield from _csv(path, file) if kind == ".csv" else _json_lines(file)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as err:
        reason = f"{path}: {err}"
        raise UnreadableRecording(reason) from err


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _json_lines(file: IO[str]) -> Iterator[Recorded | Skipped]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            yield Recorded(_from_json(line, number), JSON_GAP)
        except _Unusable as err:
            yield Skipped(number, err.problem, err.detail)


def _from_json(line: str, number: int) -> Advert:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as err:
        raise _Unusable(Problem.NOT_JSON, str(err)) from err
    if not isinstance(record, dict):
        raise _Unusable(Problem.NOT_AN_OBJECT, line.strip()[:40])
    try:
        ad = _ad(record)
        address = record.get("address") or _made_up_address(number)
        return _advert(address, record.get("rssi", DEFAULT_RSSI), ad)
    except (ValueError, TypeError, AttributeError, OverflowError) as err:
        raise _Unusable(Problem.BAD_FIELD, str(err)) from err


def _ad(record: dict[str, Any]) -> bytes:
    if (raw := record.get("raw_adv")) is not None:
        return bytes.fromhex(raw)
    structures = [
        *(_manufacturer(*item) for item in (record.get("manufacturer_data") or {}).items()),
        *(_service(*item) for item in (record.get("service_data") or {}).items()),
        *(_listed(each) for each in record.get("service_uuids") or []),
    ]
    if name := record.get("local_name"):
        structures.append(_structure(_NAME, name.encode()))
    if not structures:
        raise _Unusable(Problem.NO_ADVERTISEMENT)
    return b"".join(structures)


def _manufacturer(company: str, data: str) -> bytes:
    return _structure(_MANUFACTURER, int(company).to_bytes(2, "little") + bytes.fromhex(data))


def _service(uuid: str, data: str) -> bytes:
    key = _key(uuid)
    kind = _SERVICE_16 if len(key) == _SHORT else _SERVICE_128
    return _structure(kind, key + bytes.fromhex(data))


def _listed(uuid: str) -> bytes:
    key = _key(uuid)
    return _structure(_UUIDS_16 if len(key) == _SHORT else _UUIDS_128, key)


def _key(uuid: str) -> bytes:
    """The UUID as it goes on the air, little-endian: 2 bytes where the Bluetooth base allows it."""
    whole = UUID(uuid)
    short = str(whole).endswith(_BASE_UUID) and not any(whole.bytes[:2])
    return whole.bytes[3:1:-1] if short else whole.bytes[::-1]


def _structure(kind: int, data: bytes) -> bytes:
    if len(data) > _LONGEST_STRUCTURE:
        reason = f"{len(data)} bytes in one AD structure; {_LONGEST_STRUCTURE} fit"
        raise ValueError(reason)
    return bytes([len(data) + 1, kind]) + data


def _made_up_address(line: int) -> str:
    """A static random address that is the same in every replay."""
    digits = f"{0xC0 << 40 | line:012X}"
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _advert(address: str, rssi: int, ad: bytes) -> Advert:
    try:
        return Advert(address.upper(), rssi, ad)
    except MalformedAdvert as err:
        raise _Unusable(Problem.NOT_RECEIVABLE, str(err)) from err


def _csv(path: Path, file: IO[str]) -> Iterator[Recorded | Skipped]:
    rows = csv.DictReader(file)
    missing = [name for name in CSV_COLUMNS if name not in (rows.fieldnames or [])]
    if missing:
        reason = f"{path}: line 1: no column {', '.join(missing)}"
        raise UnreadableRecording(reason)
    previous: int | None = None
    for row in rows:
        try:
            at, advert = _from_row(row)
        except _Unusable as err:
            yield Skipped(rows.line_num, err.problem, err.detail)
            continue
        pause = 0.0 if previous is None else (at - previous) / 1000
        previous = at
        yield Recorded(advert, min(max(pause, 0.0), LONGEST_GAP))


def _from_row(row: dict[str, str]) -> tuple[int, Advert]:
    """When it was heard (ms) and the iBeacon."""
    try:
        payload = (
            _IBEACON
            + UUID(row["uuid"]).bytes
            + int(row["major"]).to_bytes(2)
            + int(row["minor"]).to_bytes(2)
            + int(row["tx_power"]).to_bytes(1, signed=True)
        )
        at, rssi = int(row["t_ms"]), int(row["rssi"])
        return at, _advert(row["mac"], rssi, _FLAGS + _structure(_MANUFACTURER, payload))
    except (ValueError, TypeError, OverflowError, AttributeError) as err:
        raise _Unusable(Problem.BAD_FIELD, str(err)) from err
