"""From bleak's callbacks to sightings: which of them is a packet, and what it says.

BlueZ calls back for any change of a device's properties and repeats the last payload with it
(facts: "A bleak callback is a property change, not a packet"). With DuplicateData it sends the
payload anew for each packet, and then bleak holds a new mapping; one that is the same object as
before was not sent again. A changed RSSI is a packet in any case.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from device_profiles.beacons import NOT_A_BEACON, Advert, Frame, examine, ignored_reason
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


@dataclass(frozen=True, slots=True)
class _Part:
    """One kind of data of one transmitter.

    Attributes:
        source: bleak's own mapping, compared by identity.
        payload: its content by company id or service UUID.
    """

    source: object
    payload: Mapping[Any, bytes]
    frames: tuple[Frame, ...]
    ignored: tuple[Ignored, ...]


@dataclass(frozen=True, slots=True)
class _Transmitter:
    rssi: int
    parts: tuple[_Part, _Part]


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
        if data.rssi not in RSSI_RANGE:
            self._audience.counters.ignored[IMPOSSIBLE_RSSI] += 1
            return
        path, properties = data.platform_data
        key = hash(path)
        known = self._transmitters.get(key)
        manufacturer = _manufacturer_part(known, properties.get("ManufacturerData"), data)
        service = _service_part(known, properties.get("ServiceData"), data)
        sent = _sent(known, data.rssi, (manufacturer, service))
        if not sent:
            self._audience.counters.ignored[NO_PACKET] += 1
            return
        self._remember(key, _Transmitter(data.rssi, (manufacturer, service)))
        now = self._audience.clock.now()
        self._packet(now)
        self._count(sent)
        frames = [frame for part in sent for frame in part.frames]
        self._audience.report(self._receiver, frames, data.rssi, now, address=device.address)

    def _remember(self, key: int, transmitter: _Transmitter) -> None:
        self._transmitters[key] = transmitter
        self._transmitters.move_to_end(key)
        if len(self._transmitters) > TRANSMITTERS:
            self._transmitters.popitem(last=False)

    def _count(self, sent: tuple[_Part, ...]) -> None:
        self._audience.counters.heard += 1
        ignored = {each for part in sent for each in part.ignored}
        if len(ignored) > 1 or any(part.frames for part in sent):
            ignored.discard(Ignored(NOT_A_BEACON))
        self._audience.counters.ignored.update(ignored)


def _sent(known: _Transmitter | None, rssi: int, parts: tuple[_Part, _Part]) -> tuple[_Part, ...]:
    """The parts that this packet carried; all for a packet that BlueZ shows by its RSSI only."""
    if known is None:
        return parts
    anew = tuple(
        part
        for part, before in zip(parts, known.parts, strict=True)
        if part.source is not before.source
    )
    return anew if anew or rssi == known.rssi else parts


def _manufacturer_part(
    known: _Transmitter | None, source: object, data: AdvertisementData
) -> _Part:
    before = known.parts[0] if known else None
    return _part(before, source, Advert(manufacturer_data=data.manufacturer_data))


def _service_part(known: _Transmitter | None, source: object, data: AdvertisementData) -> _Part:
    before = known.parts[1] if known else None
    return _part(before, source, Advert(service_data=data.service_data))


def _part(before: _Part | None, source: object, advert: Advert) -> _Part:
    """The part with its frames; bytes that are the same as before are not decoded again."""
    payload = advert.manufacturer_data or advert.service_data
    if before is not None and before.payload == payload:
        return _Part(source, payload, before.frames, before.ignored)
    frames, malformed = examine(advert)
    ignored = {Ignored("malformed", fault.format) for fault in malformed}
    if not frames and not ignored:
        ignored = {Ignored(ignored_reason(advert))}
    return _Part(source, payload, frames, tuple(ignored))
