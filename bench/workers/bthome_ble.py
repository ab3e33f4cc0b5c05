"""bthome-ble: one parser per device, kept, as Home Assistant keeps it."""

from collections.abc import Callable
from typing import Any

from bleak.backends.device import BLEDevice
from bthome_ble import BTHomeBluetoothDeviceData
from habluetooth import BluetoothServiceInfoBleak

from bench.workers.stdio import serve_decoder


def prepare(advert: dict[str, Any]) -> Callable[[], object] | None:
    """A call that updates the device's parser, with its memory of the last packet cleared."""
    service_data = {uuid: bytes.fromhex(raw) for uuid, raw in advert["service_data"].items()}
    device = BTHomeBluetoothDeviceData(
        bindkey=bytes.fromhex(advert["bindkey"]) if advert["bindkey"] else None
    )
    info = BluetoothServiceInfoBleak(
        name="",
        address=advert["address"],
        rssi=-60,
        manufacturer_data={},
        service_data=service_data,
        service_uuids=list(service_data),
        source="",
        device=BLEDevice(advert["address"], None, None),
        advertisement=None,
        connectable=False,
        time=0.0,
        tx_power=None,
    )
    if not device.supported(info):
        return None

    def call() -> object:
        device.last_service_info = None
        return device.update(info)

    return call


serve_decoder(prepare)
