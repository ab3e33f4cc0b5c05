"""bthome-ble on the mix: one parser per transmitter, each advert in the library's own format.

The mix's transmitters send thermometer adverts here, whose bytes change when theirs do. `decode`
clears a parser's memory of the last packet, so that every advert is decoded; `repeats` leaves the
memory, with which it passes over bytes that it has just seen.
"""

from pathlib import Path
from time import process_time
from typing import Any

from bleak.backends.device import BLEDevice
from bthome_ble import BTHomeBluetoothDeviceData
from habluetooth import BluetoothServiceInfoBleak

from bench.workers.heard import records
from bench.workers.stdio import serve

UUID = "0000fcd2-0000-1000-8000-00805f9b34fb"
SIGHTINGS = 30_000

loaded: list[tuple[BTHomeBluetoothDeviceData, BluetoothServiceInfoBleak]] = []


def load(request: dict[str, Any]) -> int:
    """Read the mix and make service infos of it."""
    parsers: dict[str, BTHomeBluetoothDeviceData] = {}
    packets: dict[str, tuple[object, int]] = {}
    for record in records(Path(request["mix"]), SIGHTINGS):
        content = (record.manufacturer_data, record.service_data)
        before, number = packets.get(record.address, (None, 0))
        number += content != before
        packets[record.address] = (content, number)
        parser = parsers.setdefault(record.address, BTHomeBluetoothDeviceData())
        loaded.append((parser, _info(record.address, record.rssi, _thermometer(number))))
    return len(loaded)


def _thermometer(number: int) -> bytes:
    """BTHome v2 in the open: packet id, temperature, humidity, battery."""
    temperature = (2_000 + number % 500).to_bytes(2, "little")
    return bytes((0x40, 0x00, number & 0xFF, 0x01, 0x61, 0x02)) + temperature + b"\x03\xbf\x13"


def _info(address: str, rssi: int, data: bytes) -> BluetoothServiceInfoBleak:
    return BluetoothServiceInfoBleak(
        name="",
        address=address,
        rssi=rssi,
        manufacturer_data={},
        service_data={UUID: data},
        service_uuids=[UUID],
        source="",
        device=BLEDevice(address, None, None),
        advertisement=None,
        connectable=False,
        time=0.0,
        tx_power=None,
    )


def run(request: dict[str, Any]) -> dict[str, float]:
    """Update each transmitter's parser, in order."""
    forgetful = request["how"] == "decode"
    began = process_time()
    for parser, info in loaded:
        if forgetful:
            parser.last_service_info = None
        parser.update(info)
    return {"done": len(loaded), "seconds": process_time() - began}


serve(load, run)
