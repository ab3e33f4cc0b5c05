"""One line out: what the line in says."""

from collections.abc import Iterable

import msgspec
from msgspec import UNSET, UnsetType

from device_profiles.beacons import Frame, examine
from device_profiles.beacons.ad import Outline, outline
from device_profiles.receivers import NoReport, liveness_of, report_of
from edge_agent.decode.keyed import ResolvedEid, Rotation, opened, resolves, rotation
from edge_agent.decode.line import BadLine, Line, advert, octets, payload, read
from edge_agent.decode.steps import Step, walk


class Heard(msgspec.Struct, frozen=True):
    """A sighting: a receiver, by its own name, heard a beacon."""

    receiver: str
    identity: str
    rssi: float
    power: int | None


class Decoded(msgspec.Struct, frozen=True, kw_only=True):
    """One line out; what does not concern the line in is left out.

    Attributes:
        frames: none where the advertisement is no beacon's.
        error: what is wrong with the line or with a payload in it.
        resolves: whether the key in the line is that of the beacon, or of the address.
        eid: what the beacon of the key in the line sends at the stated time.
        ad: the parts of `raw_adv`.
        steps: what is known of the sensor after each of the messages.
        sightings: of a receiver's message.
        online: a receiver's word on itself.
    """

    frames: tuple[Frame, ...]
    error: str | None
    resolves: bool | UnsetType = UNSET
    eid: str | UnsetType = UNSET
    ad: Outline | UnsetType = UNSET
    steps: tuple[Step, ...] | UnsetType = UNSET
    sightings: tuple[Heard, ...] | UnsetType = UNSET
    online: bool | UnsetType = UNSET


def decode_line(line: bytes) -> Decoded:
    """What one line holds. Raises nothing."""
    try:
        heard = read(line)
        if heard.topic is not None:
            return _message(heard.topic, heard)
        if heard.steps is not None:
            return Decoded(frames=(), error=None, steps=walk(heard.steps))
        return _advertisement(heard)
    except BadLine as bad:
        return Decoded(frames=(), error=str(bad))


def _advertisement(line: Line) -> Decoded:
    frames, malformed = examine(advert(line))
    beacon = rotation(line)
    frames, resolved = _opened(frames, beacon)
    by_address = resolves(line)
    return Decoded(
        frames=frames,
        error="; ".join(map(str, malformed)) or None,
        resolves=resolved if by_address is None else by_address,
        eid=UNSET if beacon is None else beacon.sends().hex(),
        ad=UNSET if line.raw_adv is None else outline(octets("raw_adv", line.raw_adv)),
    )


def _opened(
    frames: tuple[Frame, ...], beacon: Rotation | None
) -> tuple[tuple[Frame, ...], bool | UnsetType]:
    """The frames with what the key tells of them, and whether it told anything."""
    if beacon is None or not frames:
        return frames, UNSET
    seen = tuple(opened(frame, beacon) for frame in frames)
    return seen, seen != frames


def _message(topic: str, line: Line) -> Decoded:
    body = payload(line)
    if (word := liveness_of(topic, body)) is not None:
        return Decoded(frames=(), error=None, sightings=(), online=word.online)
    try:
        report = report_of(topic, body)
    except NoReport as refusal:
        return Decoded(frames=(), error=refusal.reason, sightings=())
    frames, resolved = _opened(report.frames, rotation(line))
    sightings = tuple(_sightings(report.receiver, report.rssi, frames))
    return Decoded(frames=frames, error=None, resolves=resolved, sightings=sightings)


def _sightings(receiver: str, rssi: float, frames: Iterable[Frame]) -> Iterable[Heard]:
    for frame in frames:
        identity = frame.known_as if isinstance(frame, ResolvedEid) else frame.identity
        if identity is not None:
            yield Heard(receiver, identity, rssi, frame.power_1m)
