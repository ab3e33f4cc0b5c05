"""org.bluez.Device1 of a transmitter that was heard: its properties, and what an advert changes."""

from dataclasses import dataclass, field
from typing import Any

from simulators.bluez.advert import Advert, Payload, parse
from simulators.bluez.discovery import Reporting
from simulators.bluez.objects import Interfaces, Properties
from simulators.dbus import Variant

INTERFACE = "org.bluez.Device1"

TEMPORARY_TIMEOUT = 30.0
"""Seconds after its last advert until an unpaired device is removed (main.conf's
TemporaryTimeout, seen at 30.0 s during a scan too)."""


@dataclass
class Device:
    """One Device1 object.

    Attributes:
        rssi: as last signalled, None while no scan has reported it.
        last_heard: seconds on the simulator's clock.
        resolved: whether the services of a connected device are known.
    """

    path: str
    adapter_path: str
    address: str
    random_address: bool
    connectable: bool
    last_heard: float
    name: str | None = None
    rssi: int | None = None
    tx_power: int | None = None
    uuids: tuple[str, ...] = ()
    manufacturer_data: dict[int, bytes] = field(default_factory=dict)
    service_data: dict[str, bytes] = field(default_factory=dict)
    connected: bool = False
    resolved: bool = False
    paired: bool = False
    trusted: bool = False

    @property
    def kept(self) -> bool:
        """Whether silence does not remove it: connected or paired."""
        return self.connected or self.paired

    @classmethod
    def heard(cls, advert: Advert, adapter_path: str, now: float) -> "Device":
        """The object for the first advert of an address, with everything the advert says."""
        path = f"{adapter_path}/dev_{advert.address.replace(':', '_')}"
        device = cls(
            path, adapter_path, advert.address, advert.random_address, advert.connectable, now
        )
        device.take(advert, Reporting(every_rssi=True, duplicate_data=True), now)
        return device

    def take(self, advert: Advert, reporting: Reporting, now: float) -> Properties:
        """Fold `advert` in; returns the properties that bluetoothd signals for it."""
        self.last_heard = now
        self.connectable = advert.connectable
        payload = parse(advert.ad)
        changed = self._take_identity(payload)
        if reporting.rssi_is_news(self.rssi, advert.rssi):
            self.rssi = advert.rssi
            changed["RSSI"] = Variant("n", advert.rssi)
        changed.update(self._take_data(payload, reporting))
        return changed

    def forget_signal(self) -> None:
        """RSSI and transmit power are known only while a scan runs."""
        self.rssi = None
        self.tx_power = None

    def properties(self) -> Properties:
        """All properties, as GetManagedObjects and InterfacesAdded show them."""
        known: Properties = {
            "Address": Variant("s", self.address),
            "AddressType": Variant("s", "random" if self.random_address else "public"),
            "Alias": Variant("s", self.name or self.address.replace(":", "-")),
            "Adapter": Variant("o", self.adapter_path),
            "UUIDs": Variant("as", list(self.uuids)),
        } | self._flags()
        for name, value in (
            ("Name", self.name),
            ("RSSI", self.rssi),
            ("TxPower", self.tx_power),
            ("ManufacturerData", self.manufacturer_data),
            ("ServiceData", self.service_data),
        ):
            if value is not None and value != {}:
                known[name] = _VARIANTS[name](value)
        return known

    def interfaces(self) -> Interfaces:
        """The object's one interface, as ObjectManager shows it."""
        return {INTERFACE: self.properties()}

    def state(self, *names: str) -> Properties:
        """The present values of some properties, for a signal."""
        current = self.properties()
        return {name: current[name] for name in names}

    def _flags(self) -> Properties:
        flags = {
            "Paired": self.paired,
            "Bonded": self.paired,
            "Trusted": self.trusted,
            "Blocked": False,
            "LegacyPairing": False,
            "Connected": self.connected,
            "ServicesResolved": self.resolved,
        }
        return {name: Variant("b", value) for name, value in flags.items()}

    def _take_identity(self, payload: Payload) -> Properties:
        """Name, transmit power and UUIDs are signalled when they change; UUIDs only grow."""
        changed: Properties = {}
        if payload.name is not None and payload.name != self.name:
            self.name = payload.name
            changed |= {"Name": Variant("s", self.name), "Alias": Variant("s", self.name)}
        if payload.tx_power is not None and payload.tx_power != self.tx_power:
            self.tx_power = payload.tx_power
            changed["TxPower"] = Variant("n", self.tx_power)
        if new := [uuid for uuid in payload.uuids if uuid not in self.uuids]:
            self.uuids = (*self.uuids, *new)
            changed["UUIDs"] = Variant("as", list(self.uuids))
        return changed

    def _take_data(self, payload: Payload, reporting: Reporting) -> Properties:
        """With DuplicateData just this advert's data, else merged and signalled on a change."""
        changed: Properties = {}
        manufacturer, service = payload.manufacturer_data, payload.service_data
        if not reporting.duplicate_data:
            manufacturer = self.manufacturer_data | manufacturer
            service = self.service_data | service
        if manufacturer and (reporting.duplicate_data or manufacturer != self.manufacturer_data):
            self.manufacturer_data = manufacturer
            changed["ManufacturerData"] = _manufacturer_variant(manufacturer)
        if service and (reporting.duplicate_data or service != self.service_data):
            self.service_data = service
            changed["ServiceData"] = _service_variant(service)
        return changed


def _manufacturer_variant(data: dict[int, bytes]) -> Variant:
    return Variant("a{qv}", {company: Variant("ay", value) for company, value in data.items()})


def _service_variant(data: dict[str, bytes]) -> Variant:
    return Variant("a{sv}", {uuid: Variant("ay", value) for uuid, value in data.items()})


_VARIANTS: dict[str, Any] = {
    "Name": lambda value: Variant("s", value),
    "RSSI": lambda value: Variant("n", value),
    "TxPower": lambda value: Variant("n", value),
    "ManufacturerData": _manufacturer_variant,
    "ServiceData": _service_variant,
}
