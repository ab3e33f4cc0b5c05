"""TheengsDecoder on the mix: JSON text in, JSON text out."""

import json
from pathlib import Path
from time import process_time
from typing import Any

from TheengsDecoder import decodeBLE  # type: ignore[import-not-found]  # only in bench/.peers

from bench.workers.heard import Record, records
from bench.workers.stdio import serve

SIGHTINGS = 1_500
"""Two seconds at the rate measured."""

loaded: list[str] = []


def load(request: dict[str, Any]) -> int:
    """Read the mix and write it as its gateway would."""
    loaded[:] = [_text(record) for record in records(Path(request["mix"]), SIGHTINGS)]
    return len(loaded)


def _text(record: Record) -> str:
    device: dict[str, object] = {"id": record.address, "rssi": record.rssi, "name": ""}
    for company, data in record.manufacturer_data.items():
        device["manufacturerdata"] = (company.to_bytes(2, "little") + data).hex()
    for uuid, data in record.service_data.items():
        device |= {"servicedatauuid": uuid[4:8], "servicedata": data.hex()}
    return json.dumps(device)


def run(_: object) -> dict[str, float]:
    """Decode all."""
    began = process_time()
    for text in loaded:
        decodeBLE(text)
    return {"done": len(loaded), "seconds": process_time() - began}


serve(load, run)
