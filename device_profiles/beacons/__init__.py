"""Beacon formats: advertisement bytes to frames. Pure; one file per format.

`decode` is the whole of it for most callers; `ignored_reason` says why it found nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from device_profiles.beacons import altbeacon, bthome, eddystone, ibeacon
from device_profiles.beacons.ad import full_uuid, parse_ad
from device_profiles.beacons.altbeacon import AltBeacon
from device_profiles.beacons.bthome import BTHome
from device_profiles.beacons.eddystone import (
    EddystoneEid,
    EddystoneEtlm,
    EddystoneTlm,
    EddystoneUid,
    EddystoneUrl,
)
from device_profiles.beacons.frame import Advert, Frame, MalformedAdvert
from device_profiles.beacons.ibeacon import IBeacon
from device_profiles.beacons.keys import BeaconKey, key_identity

NOT_A_BEACON = "not a beacon"

MANUFACTURERS: Mapping[int, Callable[[bytes, int], Frame | None]] = {
    ibeacon.COMPANY: ibeacon.read,
}
"""Who reads a company's payload; one that begins as an AltBeacon is that, whichever company's."""

SERVICES: Mapping[str, Callable[[bytes, Advert], Frame | None]] = {
    eddystone.SERVICE: eddystone.read,
    bthome.SERVICE: bthome.read,
}
"""Who reads a service's payload."""


class Examined(NamedTuple):
    """All that one advertisement holds: frames, and what announced one and broke its rules."""

    frames: tuple[Frame, ...]
    malformed: tuple[MalformedAdvert, ...]


def examine(advert: Advert) -> Examined:
    """Every frame and every malformed payload of an advertisement; raises nothing."""
    frames: list[Frame] = []
    malformed: list[MalformedAdvert] = []
    for part in (advert, *advert.overwritten):
        for attempt in _attempts(part):
            try:
                frame = attempt()
            except MalformedAdvert as fault:
                malformed.append(fault)
            else:
                if frame is not None:
                    frames.append(frame)
    return Examined(tuple(frames), tuple(malformed))


def decode(advert: Advert) -> tuple[Frame, ...]:
    """The frames of an advertisement, manufacturer data first; none where it is no beacon.

    Raises:
        MalformedAdvert: it holds no whole frame, but a broken one.
    """
    frames, malformed = examine(advert)
    if malformed and not frames:
        raise malformed[0]
    return frames


def ignored_reason(advert: Advert) -> str:
    """Why an advertisement without frames has none, in words to count by: few, no address."""
    _, malformed = examine(advert)
    return f"malformed {malformed[0].format}" if malformed else foreign_reason(advert)


def foreign_reason(advert: Advert) -> str:
    """Why an advertisement that announces no format of ours has no frames."""
    payload = advert.service_data.get(eddystone.SERVICE)
    return eddystone.FOREIGN.get(payload[0], NOT_A_BEACON) if payload else NOT_A_BEACON


def _attempts(advert: Advert) -> Iterator[Callable[[], Frame | None]]:
    for company, payload in advert.manufacturer_data.items():
        announced = payload.startswith(altbeacon.PREFIX)
        if read := altbeacon.read if announced else MANUFACTURERS.get(company):
            yield partial(read, payload, company)
    for service, payload in advert.service_data.items():
        if parse := SERVICES.get(service):
            yield partial(parse, payload, advert)


__all__ = [
    "NOT_A_BEACON",
    "Advert",
    "AltBeacon",
    "BTHome",
    "BeaconKey",
    "EddystoneEid",
    "EddystoneEtlm",
    "EddystoneTlm",
    "EddystoneUid",
    "EddystoneUrl",
    "Examined",
    "Frame",
    "IBeacon",
    "MalformedAdvert",
    "decode",
    "examine",
    "foreign_reason",
    "full_uuid",
    "ignored_reason",
    "key_identity",
    "parse_ad",
]
