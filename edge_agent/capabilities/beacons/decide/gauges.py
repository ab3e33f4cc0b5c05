"""Readings: which are worth recording, and when a battery is to be changed. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from cloud_bridge.wire.facts.beacons import BatteryChanged, BatteryLow, SensorRead
from device_profiles.beacons import BTHome, EddystoneTlm, Frame
from edge_agent.capabilities.beacons.model import Beacon, Gauge, Reading
from edge_agent.kernel.facts import Fact

TELL_EVERY_S: Final = 300.0
"""Climate in a shop moves within minutes; a hundred sensors make 1,200 facts an hour."""

TELL_CHANGES_S: Final = 30.0
"""A change that is worth saying is said this soon; a sensor that swings is not said oftener."""

WORTH_C: Final = 1.0
WORTH_HUMIDITY: Final = 5.0
"""Changes that a shop acts on (a cooler left open); sensors are right to 0.5 degrees and 3 %."""

RECOVERED_V: Final = 0.15
RECOVERED_PERCENT: Final = 10
"""Above the limit for a battery to count as changed: more than a warm day gives back to it."""

IN_A_ROW: Final = 3
"""Readings that must agree: a radio's burst pulls a coin cell down by 0.2 V for one of them."""


def reading_of(frame: Frame) -> Reading | None:
    """What a telemetry frame says; None for one that says nothing that is kept."""
    if isinstance(frame, EddystoneTlm):
        volts = None if frame.battery_mv is None else frame.battery_mv / 1000
        return Reading(temperature_c=frame.temperature_c, battery_v=volts)
    if isinstance(frame, BTHome):
        told = frame.measurements
        percent = _number(told, "battery")
        return Reading(
            temperature_c=_number(told, "temperature"),
            humidity_percent=_number(told, "humidity"),
            battery_v=_number(told, "voltage"),
            battery_percent=None if percent is None else int(percent),
        )
    return None


def note(beacon: Beacon, gauge: Gauge, reading: Reading) -> tuple[Gauge, tuple[Fact, ...]]:
    """Take in a reading; facts of its battery, if that changed for good."""
    last = Reading(
        temperature_c=_newer(reading.temperature_c, gauge.last.temperature_c),
        humidity_percent=_newer(reading.humidity_percent, gauge.last.humidity_percent),
        battery_v=_newer(reading.battery_v, gauge.last.battery_v),
        battery_percent=(
            gauge.last.battery_percent
            if reading.battery_percent is None
            else reading.battery_percent
        ),
    )
    low = _is_low(beacon, reading, was_low=gauge.low)
    if low is None or low == gauge.low:
        return replace(gauge, last=last, tired=gauge.tired if low is None else 0), ()
    if gauge.tired + 1 < IN_A_ROW:
        return replace(gauge, last=last, tired=gauge.tired + 1), ()
    kind = BatteryLow if low else BatteryChanged
    data = kind(
        beacon=beacon.id, battery_v=reading.battery_v, battery_percent=reading.battery_percent
    )
    after = replace(gauge, last=last, low=low, tired=0)
    return after, (Fact(f"beacons/{beacon.id}", data),)


def tell(beacon: Beacon, gauge: Gauge, now: float) -> tuple[Gauge, tuple[Fact, ...]]:
    """Record the newest values, if it is time or they moved."""
    if gauge.last == Reading() or not _worth_telling(gauge, now):
        return gauge, ()
    last = gauge.last
    data = SensorRead(
        beacon=beacon.id,
        temperature_c=last.temperature_c,
        humidity_percent=last.humidity_percent,
        battery_v=last.battery_v,
        battery_percent=last.battery_percent,
    )
    return replace(gauge, told=last, told_at=now), (Fact(f"beacons/{beacon.id}", data),)


def _worth_telling(gauge: Gauge, now: float) -> bool:
    told, last = gauge.told, gauge.last
    if told is None:
        return True
    if last == told or now - gauge.told_at < TELL_CHANGES_S:
        return False
    return (
        now - gauge.told_at >= TELL_EVERY_S
        or _moved(told.temperature_c, last.temperature_c, WORTH_C)
        or _moved(told.humidity_percent, last.humidity_percent, WORTH_HUMIDITY)
    )


def _moved(before: float | None, after: float | None, by: float) -> bool:
    return after is not None and (before is None or abs(after - before) >= by)


def _is_low(beacon: Beacon, reading: Reading, *, was_low: bool) -> bool | None:
    """What this reading says of the battery; None when it says nothing."""
    spare_v = RECOVERED_V if was_low else 0.0
    spare_percent = RECOVERED_PERCENT if was_low else 0
    lows: list[bool] = []
    if reading.battery_v is not None:
        lows.append(reading.battery_v < beacon.low_battery_v + spare_v)
    if reading.battery_percent is not None:
        lows.append(reading.battery_percent < beacon.low_battery_percent + spare_percent)
    return any(lows) if lows else None


def _newer(new: float | None, old: float | None) -> float | None:
    return old if new is None else new


def _number(told: Mapping[str, object], name: str) -> float | None:
    """A measurement; the first of several of its kind."""
    value = told.get(name, told.get(f"{name}_1"))
    return value if isinstance(value, int | float) else None
