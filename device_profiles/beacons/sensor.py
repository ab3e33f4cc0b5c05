"""What one BTHome sensor was heard to say, message after message: news, repeats and replays. Pure.

bthome.io asks receivers to refuse a counter that is not above the last; it goes round at 2**32
and begins anew when a battery is changed. A device that restarts cannot prove it: what it sends
looks like its own first messages played back. So a low counter is believed once the device has
been silent for long, and then all is as strict as before: whoever replays after such a silence
gets at most `RESTARTS_BELOW` old readings in, and the device itself, heard again, ends that.

A plain message may carry a packet id of one byte; it tells a late message from a new one, and
nothing about who sent it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from device_profiles.beacons.bthome import BTHome

WRAPS_AT = 1 << 32

WRAP_WITHIN = 1 << 16
"""Counters above ``WRAPS_AT - WRAP_WITHIN`` may be followed by those below `WRAP_WITHIN`: at a
message a second the rest of the round is 18 hours, longer than a gateway is usually off."""

RESTARTS_BELOW = 1024
"""A restarted device counts from 0; at a message a minute it is heard anew within 17 hours."""

RESTART_SILENCE_S = 600.0
"""A change of battery is noticed after this long: sensors send each minute or oftener, so a
device that is being heard leaves no such gap for others to fill."""

PACKET_IDS = 256
PACKETS_AHEAD = 64
PACKET_MEMORY_S = 4.0
"""bthome-ble's rule: an id fewer than 64 ahead is new, and after 4 s without one any is."""


class Verdict(StrEnum):
    """What became of a message."""

    NEWS = "news"
    REPEATED = "repeated"
    REPLAYED = "replayed"
    DOWNGRADED = "downgraded"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Sensor:
    """What is known of one device.

    Attributes:
        counter: the last that was believed; None before the first encrypted message.
        counted_at: when that was, UTC seconds since 1970.
        wrapped: it went round, so counters far above it are from before.
        packet_id: of the last plain message that had one.
        packet_at: when that was.
    """

    counter: int | None = None
    counted_at: float = 0.0
    wrapped: bool = False
    packet_id: int | None = None
    packet_at: float = 0.0


def take(sensor: Sensor, frame: BTHome, now_s: float) -> tuple[Sensor, Verdict]:
    """Judge one message; the device afterwards is another one only if the message was news."""
    if frame.downgrade_rejected:
        return sensor, Verdict.DOWNGRADED
    if not frame.supported or frame.decrypted is False:
        return sensor, Verdict.UNREADABLE
    if frame.encryption_counter is not None:
        verdict = _judge_counter(sensor, frame.encryption_counter, now_s)
        after = _counted(sensor, frame.encryption_counter, now_s)
    else:
        packet_id = frame.measurements.get("packet_id")
        if not isinstance(packet_id, int):
            return sensor, Verdict.NEWS
        verdict = _judge_packet(sensor, packet_id, now_s)
        after = replace(sensor, packet_id=packet_id, packet_at=now_s)
    return (after if verdict is Verdict.NEWS else sensor), verdict


def _judge_counter(sensor: Sensor, counter: int, now_s: float) -> Verdict:
    last = sensor.counter
    if last is None:
        return Verdict.NEWS
    if counter == last:
        return Verdict.REPEATED
    if counter > last:
        before = _wraps(counter, last) or (sensor.wrapped and counter - last >= WRAPS_AT // 2)
        return Verdict.REPLAYED if before else Verdict.NEWS
    silent = now_s - sensor.counted_at >= RESTART_SILENCE_S
    if _wraps(last, counter) or (silent and counter < RESTARTS_BELOW):
        return Verdict.NEWS
    return Verdict.REPLAYED


def _counted(sensor: Sensor, counter: int, now_s: float) -> Sensor:
    """The device after a counter that is news; one that restarts has no past to go round from."""
    wrapped = sensor.wrapped
    if sensor.counter is not None and counter < sensor.counter:
        wrapped = _wraps(sensor.counter, counter)
    return replace(sensor, counter=counter, counted_at=now_s, wrapped=wrapped)


def _wraps(last: int, counter: int) -> bool:
    return last >= WRAPS_AT - WRAP_WITHIN and counter < WRAP_WITHIN


def _judge_packet(sensor: Sensor, packet_id: int, now_s: float) -> Verdict:
    last = sensor.packet_id
    if last is None or now_s - sensor.packet_at > PACKET_MEMORY_S:
        return Verdict.NEWS
    ahead = (packet_id - last) % PACKET_IDS
    return Verdict.NEWS if 0 < ahead < PACKETS_AHEAD else Verdict.REPEATED
