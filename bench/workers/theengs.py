"""TheengsDecoder: JSON text in, JSON text out."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from TheengsDecoder import decodeBLE  # type: ignore[import-not-found]  # only in bench/.peers

from bench.workers.stdio import serve_decoder

SHORT_UUID = slice(4, 8)


def prepare(advert: dict[str, Any]) -> Callable[[], object] | None:
    """A call that decodes one device's JSON, written beforehand."""
    device: dict[str, object] = {"id": advert["address"], "rssi": -60, "name": advert["name"]}
    for company, raw in advert["manufacturer_data"].items():
        device["manufacturerdata"] = int(company).to_bytes(2, "little").hex() + raw
    for uuid, raw in advert["service_data"].items():
        device["servicedatauuid"] = uuid[SHORT_UUID]
        device["servicedata"] = raw
    text = json.dumps(device)
    return partial(decodeBLE, text) if decodeBLE(text) else None


serve_decoder(prepare)
