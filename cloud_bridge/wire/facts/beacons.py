"""The store's own beacons: references that fell silent, tired batteries, climate, trolleys."""

from typing import ClassVar

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload


class ReferenceSilent(Payload, frozen=True, kw_only=True):
    """A receiver no longer hears a fixed beacon that it always heard.

    Attributes:
        receiver: empty when no receiver hears the beacon: then it is the beacon's fault.
        silent_s: since it was last heard.
    """

    TYPE: ClassVar[str] = "store.beacons.reference_silent.v1"
    LANE: ClassVar[str] = Lane.RECORD
    beacon: str
    receiver: str
    silent_s: float


class ReferenceHeard(Payload, frozen=True, kw_only=True):
    """A receiver hears a fixed beacon again that had been said silent; `receiver` as there."""

    TYPE: ClassVar[str] = "store.beacons.reference_heard.v1"
    LANE: ClassVar[str] = Lane.RECORD
    beacon: str
    receiver: str
    silent_s: float


class ReceiverDrifted(Payload, frozen=True, kw_only=True):
    """A receiver hears the fixed beacons louder (positive) or weaker than it used to, or no more.

    Attributes:
        drift_db: the median over its reference beacons.
        drifted: False when it is back where it was.
    """

    TYPE: ClassVar[str] = "store.beacons.receiver_drifted.v1"
    LANE: ClassVar[str] = Lane.RECORD
    receiver: str
    drift_db: float
    drifted: bool


class SensorRead(Payload, frozen=True, kw_only=True):
    """What a beacon said of itself and its surroundings; None where it does not say."""

    TYPE: ClassVar[str] = "store.beacons.sensor_read.v1"
    LANE: ClassVar[str] = Lane.TELEMETRY
    beacon: str
    temperature_c: float | None
    humidity_percent: float | None
    battery_v: float | None
    battery_percent: int | None


class BatteryLow(Payload, frozen=True, kw_only=True):
    """A beacon's battery is to be changed; at least one of the figures is there."""

    TYPE: ClassVar[str] = "store.beacons.battery_low.v1"
    LANE: ClassVar[str] = Lane.RECORD
    beacon: str
    battery_v: float | None
    battery_percent: int | None


class BatteryChanged(Payload, frozen=True, kw_only=True):
    """A battery that was low is well above the limit again."""

    TYPE: ClassVar[str] = "store.beacons.battery_changed.v1"
    LANE: ClassVar[str] = Lane.RECORD
    beacon: str
    battery_v: float | None
    battery_percent: int | None


class AssetMoved(Payload, frozen=True, kw_only=True):
    """A trolley or another thing is in another zone, or (None) outside of all; with confidence."""

    TYPE: ClassVar[str] = "store.beacons.asset_moved.v1"
    LANE: ClassVar[str] = Lane.TELEMETRY
    beacon: str
    zone: str | None
    confidence: float
