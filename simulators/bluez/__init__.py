"""A simulated org.bluez: adapters, devices, adverts and GATT as real BlueZ shows them on D-Bus.

What it does is what a real bluetoothd did in a virtual machine (`discovery.py`, `links.py` and
`adapter.py` name the versions); `faults.py` lists what can go wrong.
"""

from simulators.bluez.adapter import Adapter, Cure
from simulators.bluez.advert import Advert, MalformedAdvert
from simulators.bluez.daemon import SimulatedBluez
from simulators.bluez.peripheral import (
    Characteristic,
    Connecting,
    Descriptor,
    Peripheral,
    Service,
    uuid16,
)
from simulators.bluez.twists import How, Twist

__all__ = [
    "Adapter",
    "Advert",
    "Characteristic",
    "Connecting",
    "Cure",
    "Descriptor",
    "How",
    "MalformedAdvert",
    "Peripheral",
    "Service",
    "SimulatedBluez",
    "Twist",
    "uuid16",
]
