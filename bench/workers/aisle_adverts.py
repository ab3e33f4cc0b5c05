"""Aisle's decoder: advertisement to frames and the beacon's identity."""

from collections.abc import Callable
from typing import Any

from bench.workers.stdio import serve_decoder
from device_profiles.beacons import Advert, decode


def prepare(advert: dict[str, Any]) -> Callable[[], object]:
    """A call as the radio makes it for a payload not seen before."""
    heard = Advert(
        {int(company): bytes.fromhex(raw) for company, raw in advert["manufacturer_data"].items()},
        {uuid: bytes.fromhex(raw) for uuid, raw in advert["service_data"].items()},
        advert["address"],
        bytes.fromhex(advert["bindkey"]) if advert["bindkey"] else None,
    )
    return lambda: [frame.identity for frame in decode(heard)]


serve_decoder(prepare)
