"""The file of `bench.mix` for workers: standard library only, for every interpreter."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_BASE_UUID = "0000{:04x}-0000-1000-8000-00805f9b34fb"
_SERVICE, _MANUFACTURER = 0x16, 0xFF


class Record(NamedTuple):
    """What one receiver heard, the AD structures taken apart."""

    at: float
    receiver: str
    address: str
    rssi: int
    manufacturer_data: dict[int, bytes]
    service_data: dict[str, bytes]


def people(path: Path) -> list[dict[str, Any]]:
    """Who is in the store, as `bench.mix.Enrolled` has them."""
    with path.open(encoding="utf-8") as file:
        enrolled: list[dict[str, Any]] = json.loads(next(file))["people"]
    return enrolled


def records(path: Path, most: int | None = None) -> Iterator[Record]:
    """What was heard, in order of time; fresh dictionaries for each, as off D-Bus."""
    with path.open(encoding="utf-8") as file:
        next(file)
        for number, line in enumerate(file):
            if number == most:
                return
            at, receiver, address, rssi, ad = json.loads(line)
            yield Record(at, receiver, address, rssi, *_parts(bytes.fromhex(ad)))


def _parts(ad: bytes) -> tuple[dict[int, bytes], dict[str, bytes]]:
    manufacturer: dict[int, bytes] = {}
    service: dict[str, bytes] = {}
    at = 0
    while at < len(ad):
        kind, data = ad[at + 1], ad[at + 2 : at + 1 + ad[at]]
        if kind == _MANUFACTURER:
            manufacturer[int.from_bytes(data[:2], "little")] = data[2:]
        elif kind == _SERVICE:
            service[_BASE_UUID.format(int.from_bytes(data[:2], "little"))] = data[2:]
        at += 1 + ad[at]
    return manufacturer, service
