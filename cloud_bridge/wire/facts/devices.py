"""Machines that fell silent and came back, and the link itself."""

from typing import ClassVar

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload


class DeviceSilent(Payload, frozen=True, kw_only=True):
    """An adapter or screen is no longer heard on the device bus."""

    TYPE: ClassVar[str] = "store.device.silent.v1"
    LANE: ClassVar[str] = Lane.RECORD
    device: str


class DevicePresent(Payload, frozen=True, kw_only=True):
    """An adapter or screen spoke on the device bus, for the first time or again."""

    TYPE: ClassVar[str] = "store.device.present.v1"
    LANE: ClassVar[str] = Lane.RECORD
    device: str


class LinkRestored(Payload, frozen=True, kw_only=True):
    """The cloud answered again after `outage_s` seconds."""

    TYPE: ClassVar[str] = "store.link.restored.v1"
    LANE: ClassVar[str] = Lane.RECORD
    outage_s: float
