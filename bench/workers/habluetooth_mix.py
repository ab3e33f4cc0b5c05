"""habluetooth's manager on the mix: which source owns a transmitter, who is told; no decoding."""

import asyncio
from pathlib import Path
from time import process_time
from typing import Any

from bleak.backends.device import BLEDevice
from bleak_retry_connector import BleakSlotManager
from bluetooth_adapters import BluetoothAdapters
from habluetooth import BluetoothManager, BluetoothServiceInfoBleak
from typing_extensions import override

from bench.workers.heard import Record, records
from bench.workers.stdio import serve

loaded: list[BluetoothServiceInfoBleak] = []


class NoAdapters(BluetoothAdapters):
    """A machine without any: the mix comes from nowhere."""

    @property
    @override
    def adapters(self) -> dict[str, Any]:
        """None."""
        return {}

    @property
    @override
    def default_adapter(self) -> str:
        """None."""
        return ""

    @property
    @override
    def history(self) -> dict[str, Any]:
        """Nothing."""
        return {}


def load(request: dict[str, Any]) -> int:
    """Read the mix and make service infos of it."""
    loaded[:] = map(_info, records(Path(request["mix"])))
    return len(loaded)


def _info(record: Record) -> BluetoothServiceInfoBleak:
    return BluetoothServiceInfoBleak(
        name="",
        address=record.address,
        rssi=record.rssi,
        manufacturer_data=record.manufacturer_data,
        service_data=record.service_data,
        service_uuids=list(record.service_data),
        source=record.receiver,
        device=BLEDevice(record.address, None, None),
        advertisement=None,
        connectable=False,
        time=record.at,
        tx_power=None,
    )


async def receive() -> dict[str, float]:
    """Hand all to a fresh manager with one subscriber."""
    manager = BluetoothManager(NoAdapters(), BleakSlotManager())
    await manager.async_setup()
    try:
        began = process_time()
        for info in loaded:
            manager.scanner_adv_received(info)
        return {"done": len(loaded), "seconds": process_time() - began}
    finally:
        manager.async_stop()


serve(load, lambda _: asyncio.run(receive()))
