"""A simulated org.bluez: adapters, devices and adverts as real BlueZ shows them on D-Bus.

What it does is what a real bluetoothd did in a virtual machine (`advertising.py`, `discovery.py`
and `daemon.py` name the versions); GATT and passive monitors are not simulated.
"""

from simulators.bluez.adapter import Adapter
from simulators.bluez.advert import Advert, MalformedAdvert
from simulators.bluez.daemon import SimulatedBluez

__all__ = ["Adapter", "Advert", "MalformedAdvert", "SimulatedBluez"]
