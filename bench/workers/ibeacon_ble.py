"""ibeacon-ble."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from home_assistant_bluetooth import BluetoothServiceInfo  # type: ignore[import-not-found]  # in bench/.peers
from ibeacon_ble import iBeaconParser  # type: ignore[import-not-found]  # only in bench/.peers

from bench.workers.stdio import serve_decoder

parser = iBeaconParser()
asyncio.run(parser.async_setup())


def prepare(advert: dict[str, Any]) -> Callable[[], object] | None:
    """A call that parses one service info."""
    info = BluetoothServiceInfo(
        name="",
        address=advert["address"],
        rssi=-60,
        manufacturer_data={
            int(company): bytes.fromhex(raw) for company, raw in advert["manufacturer_data"].items()
        },
        service_data={},
        service_uuids=[],
        source="",
    )
    return partial(parser.parse, info) if parser.parse(info) else None


serve_decoder(prepare)
