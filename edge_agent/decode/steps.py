"""Messages of one BTHome sensor in order: which are believed, and what is known after each.

The names are those of the vectors' `bthome_v2_sequence`, which are bthome-ble's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from device_profiles.beacons import BTHome, examine
from device_profiles.beacons.bthome_objects import Event, Value
from device_profiles.beacons.sensor import Sensor, Verdict, take
from edge_agent.decode.line import Line, advert


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the sensor after one message.

    Attributes:
        verdict: what became of the message; only news changes the readings.
        encryption: ``bthome_bindkey`` or ``none``, as the message says.
        bindkey_verified: the key has opened a message.
        decryption_failed: no message has been opened yet, or the last encrypted one was not.
        downgrade_detected: the message was plain although a key is known.
        sleepy_device: the sensor sends on events only.
        encryption_counter: the last believed.
        measurements, binary, events: the last believed of each kind.
    """

    verdict: Verdict
    supported: bool
    bthome_version: int
    encryption: str
    bindkey_verified: bool
    decryption_failed: bool
    downgrade_detected: bool
    sleepy_device: bool
    encryption_counter: int | None
    measurements: dict[str, Value]
    binary: dict[str, bool]
    events: dict[str, Event]


@dataclass(slots=True)
class _Device:
    sensor: Sensor = field(default_factory=Sensor)
    verified: bool = False
    failed: bool = True
    measurements: dict[str, Value] = field(default_factory=dict)
    binary: dict[str, bool] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)


def walk(lines: Iterable[Line]) -> tuple[Step, ...]:
    """A step for each BTHome frame of the lines; raises `BadLine`."""
    device = _Device()
    return tuple(
        _step(device, frame, line.t)
        for line in lines
        for frame in examine(advert(line)).frames
        if isinstance(frame, BTHome)
    )


def _step(device: _Device, frame: BTHome, now_s: float) -> Step:
    device.sensor, verdict = take(device.sensor, frame, now_s)
    if frame.decrypted is not None:
        device.failed = not frame.decrypted
        device.verified = device.verified or frame.decrypted
    if verdict is Verdict.NEWS:
        device.measurements |= frame.measurements
        device.binary |= frame.binary
        device.events |= frame.events
    return Step(
        verdict=verdict,
        supported=frame.supported,
        bthome_version=frame.bthome_version,
        encryption="bthome_bindkey" if frame.encrypted else "none",
        bindkey_verified=device.verified,
        decryption_failed=device.failed,
        downgrade_detected=frame.downgrade_rejected,
        sleepy_device=frame.trigger_based,
        encryption_counter=device.sensor.counter,
        measurements=dict(device.measurements),
        binary=dict(device.binary),
        events=dict(device.events),
    )
