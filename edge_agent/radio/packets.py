"""From bleak's callbacks to sightings: which of them is a packet, and what it says.

BlueZ calls back for any change of a device's properties and repeats the last payload with it
(facts: "A bleak callback is a property change, not a packet"). With DuplicateData it sends the
payload anew for each packet, and then bleak holds a new mapping; one that is the same object as
before was not sent again. A changed RSSI is a packet in any case.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from device_profiles.beacons import NOT_A_BEACON, Advert, Frame, examine, foreign_reason
from edge_agent.kernel.clock import Instant
from edge_agent.radio.audience import Audience
from edge_agent.radio.counters import Ignored

TRANSMITTERS = 4096
"""Transmitters remembered per adapter. BlueZ itself forgets one 30 s after its last packet; a
crowded mall shows about 2,000 in that time. The one unheard for longest makes room."""

RSSI_RANGE = range(-126, 1)
"""dBm. -127 is BlueZ's word for a radio that went silent, 127 the controller's for "not
available", and above 0 a defect of the receiver."""

IMPOSSIBLE_RSSI = Ignored("impossible rssi")
NO_PACKET = Ignored("no packet")


class _Said(NamedTuple):
    """What a packet says, to be counted and reported."""

    frames: tuple[Frame, ...]
    ignored: tuple[Ignored, ...]


class _Part:
    """One kind of data of one transmitter.

    Attributes:
        source: bleak's own mapping, compared by identity.
        payload: its content by company id or service UUID.
    """

    __slots__ = ("payload", "said", "source")

    def __init__(self, source: object, payload: Mapping[Any, bytes], said: _Said) -> None:
        self.source = source
        self.payload = payload
        self.said = said


class _Transmitter:
    """What one transmitter last sent; bytes that are the same as before are not decoded again."""

    __slots__ = ("_manufacturer", "_rssi", "_service")

    def __init__(self, data: AdvertisementData, properties: Mapping[str, object]) -> None:
        manufacturer, service = data.manufacturer_data, data.service_data
        self._rssi = data.rssi
        self._manufacturer = _Part(
            properties.get("ManufacturerData"),
            manufacturer,
            _said(Advert(manufacturer_data=manufacturer)),
        )
        self._service = _Part(
            properties.get("ServiceData"), service, _said(Advert(service_data=service))
        )

    def said(self) -> _Said:
        """All that is known of it."""
        return _together(self._manufacturer.said, self._service.said)

    def sent(self, data: AdvertisementData, properties: Mapping[str, object]) -> _Said | None:
        """What this callback's packet carried; all for one that BlueZ shows by its RSSI only.

        None when it was no packet.
        """
        rssi, self._rssi = self._rssi, data.rssi
        manufacturer, service = self._manufacturer, self._service
        said: _Said | None = None
        source = properties.get("ManufacturerData")
        if source is not manufacturer.source:
            manufacturer.source, payload = source, data.manufacturer_data
            if payload != manufacturer.payload:
                manufacturer.payload = payload
                manufacturer.said = _said(Advert(manufacturer_data=payload))
            said = manufacturer.said
        source = properties.get("ServiceData")
        if source is not service.source:
            service.source, content = source, data.service_data
            if content != service.payload:
                service.payload = content
                service.said = _said(Advert(service_data=content))
            said = service.said if said is None else _together(said, service.said)
        return said or (None if rssi == data.rssi else self.said())


class PacketEar:
    """bleak's detection callback for one adapter.

    It keeps what a transmitter last sent under a hash of its object path that differs in each
    process, so that no address is kept.
    """

    def __init__(
        self,
        receiver: str,
        audience: Audience,
        packet: Callable[[Instant], None],
    ) -> None:
        """`packet` is told of each packet, whoever sent it."""
        self._receiver = receiver
        self._audience = audience
        self._packet = packet
        self._transmitters: OrderedDict[int, _Transmitter] = OrderedDict()

    def __call__(self, device: BLEDevice, data: AdvertisementData) -> None:
        """Take one callback."""
        audience = self._audience
        counters = audience.counters
        if data.rssi not in RSSI_RANGE:
            counters.ignored[IMPOSSIBLE_RSSI] += 1
            return
        said = self._sent(data)
        if said is None:
            counters.ignored[NO_PACKET] += 1
            return
        now = audience.clock.now()
        self._packet(now)
        counters.heard += 1
        for reason in said.ignored:
            counters.ignored[reason] += 1
        audience.report(self._receiver, said.frames, data.rssi, now, address=device.address)

    def _sent(self, data: AdvertisementData) -> _Said | None:
        path, properties = data.platform_data
        key = hash(path)
        transmitter = self._transmitters.get(key)
        if transmitter is not None:
            self._transmitters.move_to_end(key)
            return transmitter.sent(data, properties)
        transmitter = self._transmitters[key] = _Transmitter(data, properties)
        if len(self._transmitters) > TRANSMITTERS:
            self._transmitters.popitem(last=False)
        return transmitter.said()


def _said(advert: Advert) -> _Said:
    """What one kind of data says."""
    frames, malformed = examine(advert)
    ignored = {Ignored("malformed", fault.format) for fault in malformed}
    if not frames and not ignored:
        ignored = {Ignored(foreign_reason(advert))}
    return _Said(frames, tuple(ignored))


def _together(manufacturer: _Said, service: _Said) -> _Said:
    """What both kinds of data say; that one of them is no beacon is not worth saying."""
    frames = manufacturer.frames + service.frames
    ignored = {*manufacturer.ignored, *service.ignored}
    if frames or len(ignored) > 1:
        ignored.discard(Ignored(NOT_A_BEACON))
    return _Said(frames, tuple(ignored))
