"""ESPresense: one filtered sighting per MQTT message, as JSON.

Topic ``espresense/devices/<id>/<node>``; its `<id>` names the beacon. What it sends is not what it
heard: `rssi` is a fenced mean over 15 s, one report per device and 5 s, nothing beyond 16 m
(`docs/how-to/receivers.md`). Sources: espresense.com; `src/BleFingerprint.cpp` of the
firmware (August 2026) for the names.

An ``irk:`` id is a secret, the key itself. It ends here: what goes on is a tag of it, and no
refusal quotes a topic.
"""

import re
from collections.abc import Callable, Mapping

import msgspec

from device_profiles.beacons import NOT_A_BEACON, full_uuid, key_identity
from device_profiles.receivers.report import (
    Liveness,
    Named,
    NoReport,
    Report,
    address_of,
    checked_rssi,
    read_json,
    spoken,
)

ROOT = "espresense"
DEVICE_LEVELS = 4
ROOM_LEVELS = 4

KEY_DIGITS = 32

NAMESPACE_DIGITS = 20
INSTANCE_DIGITS = 12
FIFTH, AGAIN = slice(8, 10), slice(10, 12)
"""Digits of the namespace's fifth byte, which the firmware prints twice."""

_PARTS = re.compile(r"([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})-([0-9]{1,5})-([0-9]{1,5})")
LARGEST_NUMBER = 0xFFFF
POWERS = range(-127, 21)
"""dBm at 1 m that a beacon may have; anything else is a setting gone wrong."""

RESOLVED = "irk:"
"""Who was found by their address already: it says nothing more."""

HEX_DIGITS = frozenset("0123456789abcdef")


class _Message(msgspec.Struct, frozen=True):
    mac: str | None = None
    rssi: float | None = None
    rssi_1m: float | None = msgspec.field(default=None, name="rssi@1m")


_MESSAGE = msgspec.json.Decoder(_Message)


def parse(topic: str, payload: bytes) -> Report:
    """The sighting in one message of a node; its RSSI is a mean of the last seconds.

    Raises:
        NoReport: there is none, or its fields are not what they should be.
    """
    levels = topic.split("/")
    if len(levels) != DEVICE_LEVELS or levels[:2] != [ROOT, "devices"] or not levels[3]:
        reason = "other topic"
        raise NoReport(reason)
    message = read_json(_MESSAGE, payload)
    rssi = checked_rssi(message.rssi)
    name = _identity(levels[2])
    return Report(
        kind="espresense",
        receiver=levels[3],
        address=None if name and name.startswith(RESOLVED) else address_of(message.mac),
        rssi=rssi,
        frames=(Named(name, _power(message.rssi_1m)),) if name else (),
        ignored=None if name else NOT_A_BEACON,
    )


def liveness(topic: str, payload: bytes) -> Liveness | None:
    """Whether a node came or went; None for any other message."""
    levels = topic.split("/")
    if len(levels) != ROOM_LEVELS or levels[:2] != [ROOT, "rooms"] or levels[3] != "status":
        return None
    online = spoken(payload)
    if online is None:
        return None
    return Liveness(kind="espresense", receiver=levels[2], online=online)


def _identity(name: str) -> str | None:
    """The canonical identity that an `<id>` stands for; None for one that is no beacon's."""
    kind, _, rest = name.lower().partition(":")
    read = _FORMS.get(kind)
    return read(rest) if read else None


def _ibeacon(text: str) -> str:
    uuid, major, minor = _triple(text, "ibeacon")
    return f"ibeacon:{uuid}:{major}:{minor}"


def _altbeacon(text: str) -> str:
    """The firmware prints the 20 bytes of its id as an iBeacon's parts."""
    uuid, major, minor = _triple(text, "altbeacon")
    return f"altbeacon:{uuid.replace('-', '')}{major:04x}{minor:04x}"


def _triple(text: str, form: str) -> tuple[str, int, int]:
    found = _PARTS.fullmatch(text)
    major, minor = (int(number) for number in found.groups()[1:]) if found else (-1, -1)
    if found is None or max(major, minor) > LARGEST_NUMBER:
        reason = f"malformed {form} id"
        raise NoReport(reason)
    return full_uuid(found[1]), major, minor


def _eddystone(text: str) -> str:
    namespace, _, instance = text.partition("-")
    if len(namespace) == NAMESPACE_DIGITS + 2 and namespace[FIFTH] == namespace[AGAIN]:
        namespace = namespace[: AGAIN.start] + namespace[AGAIN.stop :]
    whole = len(namespace) == NAMESPACE_DIGITS and len(instance) == INSTANCE_DIGITS
    if not whole or not HEX_DIGITS.issuperset(namespace + instance):
        reason = "malformed eddystone id"
        raise NoReport(reason)
    return f"eddystone:{namespace}:{instance}"


def _resolved(text: str) -> str:
    """The tag of a key; the key itself is forgotten with this frame."""
    if len(text) != KEY_DIGITS or not HEX_DIGITS.issuperset(text):
        reason = "malformed irk id"
        raise NoReport(reason)
    return key_identity("irk", bytes.fromhex(text))


_FORMS: Mapping[str, Callable[[str], str]] = {
    "ibeacon": _ibeacon,
    "altbeacon": _altbeacon,
    "eddy": _eddystone,
    "irk": _resolved,
}


def _power(rssi_1m: float | None) -> int | None:
    power = round(rssi_1m or 0)
    return power if power and power in POWERS else None
