"""A radio that reports over MQTT as ESPresense does: a filtered feed.

Topic ``espresense/devices/<id>/<node>``, one JSON object per report (espresense.com; the filter
and the names as its `BleFingerprint.cpp` makes them). What leaves the node is a fenced mean of 15 s
and nothing that seems farther than 16 m; its table of 45 devices lets the oldest go.
"""

import json
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean, quantiles

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from simulators.receiver.structures import (
    IBEACON,
    IBEACON_LENGTH,
    MANUFACTURER_DATA,
    SERVICE_DATA,
    structures,
)

WINDOW_S = 15.0
REPORT_EVERY_S = 5.0
EARLY_AFTER_S = 2.5
MOVED_M = 0.5
"""A device that seems to have moved this far is reported after `EARLY_AFTER_S` already."""

FARTHEST_M = 16.0
ABSORPTION = 3.5
"""Its exponent of path loss."""

TABLE = 45
"""Devices that an ESP32's memory holds."""

FENCE = 1.5
"""Interquartile ranges beyond the quartiles at which a sample no longer counts (Tukey)."""
FEWEST_FENCED = 4

DEFAULT_POWER = -65
"""dBm at 1 m of a device that states none."""

_EDDYSTONE_UID = b"\xaa\xfe\x00"
_EDDYSTONE_UID_LENGTH = 20
_LOSS_0M_TO_1M = 41


@dataclass
class _Device:
    samples: deque[tuple[float, int]] = field(default_factory=deque)
    reported_at: float = float("-inf")
    reported_m: float = 0.0


@dataclass
class Node:
    """The memory of one node. Pure.

    Attributes:
        name: its name in the topic.
        keys: the resolving keys that it was given, 16 bytes each.
    """

    name: str
    keys: Sequence[bytes] = ()
    _devices: OrderedDict[str, _Device] = field(default_factory=OrderedDict)

    @property
    def status_topic(self) -> str:
        """Where it says that it is there, and its Last Will that it is not."""
        return f"espresense/rooms/{self.name}/status"

    def report(self, address: str, rssi: int, ad: bytes, at: float) -> tuple[str, str] | None:
        """Topic and payload after an advert heard at second `at`; None when there is no news."""
        digits = address.replace(":", "").lower()
        name, power = self._name(digits, ad)
        device = self._remembered(name)
        device.samples.append((at, rssi))
        while device.samples[0][0] < at - WINDOW_S:
            device.samples.popleft()
        mean = _fenced_mean([sample for _, sample in device.samples])
        metres = 10 ** ((power - mean) / (10 * ABSORPTION))
        due = EARLY_AFTER_S if abs(metres - device.reported_m) > MOVED_M else REPORT_EVERY_S
        if metres > FARTHEST_M or at - device.reported_at < due:
            return None
        device.reported_at, device.reported_m = at, metres
        body = {
            "id": name,
            "mac": digits,
            "rssi": round(mean, 2),
            "rssi@1m": power,
            "distance": round(metres, 2),
            "int": round(1000 * WINDOW_S / len(device.samples)),
        }
        return f"espresense/devices/{name}/{self.name}", json.dumps(body)

    def _remembered(self, name: str) -> _Device:
        device = self._devices.setdefault(name, _Device())
        self._devices.move_to_end(name)
        if len(self._devices) > TABLE:
            self._devices.popitem(last=False)
        return device

    def _name(self, digits: str, ad: bytes) -> tuple[str, int]:
        for key in self.keys:
            if _made_by(key, bytes.fromhex(digits)):
                return f"irk:{key.hex()}", DEFAULT_POWER
        for kind, payload in structures(ad):
            if kind == MANUFACTURER_DATA and payload.startswith(IBEACON):
                return _ibeacon(payload) if len(payload) >= IBEACON_LENGTH else (digits, -65)
            if kind == SERVICE_DATA and payload.startswith(_EDDYSTONE_UID):
                if len(payload) >= _EDDYSTONE_UID_LENGTH:
                    return _eddystone(payload)
            elif kind == MANUFACTURER_DATA and payload.startswith(IBEACON[:2]):
                return f"apple:{payload[2:4].hex()}:{len(payload)}", DEFAULT_POWER
        return digits, DEFAULT_POWER


def _ibeacon(payload: bytes) -> tuple[str, int]:
    digits = payload[4:20].hex()
    uuid = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
    major, minor = int.from_bytes(payload[20:22], "big"), int.from_bytes(payload[22:24], "big")
    power = int.from_bytes(payload[24:25], "big", signed=True)
    return f"iBeacon:{uuid}-{major}-{minor}", power or DEFAULT_POWER


def _eddystone(payload: bytes) -> tuple[str, int]:
    """The firmware prints the fifth byte of the namespace twice."""
    namespace, instance = payload[4:14], payload[14:20]
    printed = namespace[:5] + namespace[4:]
    power = int.from_bytes(payload[3:4], "big", signed=True) - _LOSS_0M_TO_1M
    return f"eddy:{printed.hex()}-{instance.hex()}", power


def _made_by(key: bytes, address: bytes) -> bool:
    """Whether a private address was made with `key` (Core 5.4, vol 3 part H, 2.2.2)."""
    if address[0] >> 6 != 0b01:
        return False
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305 - one block
    return encryptor.update(bytes(13) + address[:3])[-3:] == address[3:]


def _fenced_mean(samples: Sequence[int]) -> float:
    if len(samples) < FEWEST_FENCED:
        return fmean(samples)
    first, _, third = quantiles(samples, n=4, method="inclusive")
    reach = FENCE * (third - first)
    return fmean([one for one in samples if first - reach <= one <= third + reach])
