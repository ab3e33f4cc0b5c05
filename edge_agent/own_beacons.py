"""The `[[beacons]]` tables: what they name, what their keys open, what is wrong with them."""

import re
from collections.abc import Iterator
from pathlib import Path

from device_profiles.beacons import BeaconKey, key_identity
from device_profiles.beacons.keys import KeyKind, names_itself
from edge_agent.capabilities.beacons.model import Beacon, Role
from edge_agent.secret_file import read_secret
from edge_agent.settings import Beacon as BeaconTable
from edge_agent.settings import Settings
from edge_agent.toml_lines import Path as KeyPath

KEY_DIGITS = 32

_HEX = re.compile(r"[0-9a-fA-F]+")

Problem = tuple[KeyPath, str]


def own_beacons(settings: Settings) -> list[tuple[Beacon, BeaconKey]]:
    """Each beacon as its room and as the radio knows it; the settings are checked already."""
    return [_own(table) for table in settings.beacons]


def beacon_checks(settings: Settings) -> Iterator[Problem]:
    """What no single field of a `[[beacons]]` table can tell."""
    for place, table in enumerate(settings.beacons):
        for field, text in _mistakes(table):
            yield ("beacons", place, *([field] if field else [])), text


def _mistakes(table: BeaconTable) -> Iterator[tuple[str, str]]:
    """The field, empty for the whole table, and what is wrong with it."""
    yield from _naming_mistakes(table)
    if bool(table.key_kind) != (table.key_file is not None):
        yield "", f"beacon {table.id!r}: `key_kind` and `key_file` come together"
    elif table.key_file is not None:
        yield from (("key_file", text) for text in _key_problem(table.key_file))
    if table.key_kind == "eid" and table.clock_zero is None:
        yield "", f"beacon {table.id!r}: say `clock_zero`, when its clock stood at 0"
    if table.role == "reference" and table.position is None:
        yield "", f"beacon {table.id!r} is a reference: say its `position`"


def _naming_mistakes(table: BeaconTable) -> Iterator[tuple[str, str]]:
    if table.identity and not names_itself(table.identity):
        text = (
            f"{table.identity!r} is no identity: write ibeacon:<uuid>:<major>:<minor>, "
            "altbeacon:<id> or eddystone:<namespace>:<instance>, in lower case"
        )
        yield "identity", text
    named_by_key = table.key_kind in ("eid", "irk")
    if table.identity and named_by_key:
        yield "identity", f"beacon {table.id!r} is named by its key: leave `identity` out"
    if not table.identity and not named_by_key and not (table.role == "sensor" and table.address):
        text = "say its `identity`, or the key that names it; a sensor may be named by `address`"
        yield "", f"beacon {table.id!r}: {text}"


def _key_problem(file: Path) -> Iterator[str]:
    text, problem = read_secret(file)
    if problem:
        yield problem
    elif len(text) != KEY_DIGITS or not _HEX.fullmatch(text):
        yield f"{file}: a key is {KEY_DIGITS} hex digits"


def _own(table: BeaconTable) -> tuple[Beacon, BeaconKey]:
    key = None if table.key_file is None else bytes.fromhex(table.key_file.read_text("utf-8"))
    identity = _identity(table, key)
    zero_s = 0.0 if table.clock_zero is None else table.clock_zero.timestamp()
    return (
        Beacon(
            id=table.id,
            role=Role(table.role),
            identity=identity,
            key_tag=key_identity("bthome", key) if key and table.key_kind == "bthome" else "",
            located=table.role == "asset" or (table.role == "staff" and table.consented),
            low_battery_v=table.low_battery_v,
            low_battery_percent=table.low_battery_percent,
        ),
        BeaconKey(
            identity=identity,
            eid_key=key if table.key_kind == "eid" else None,
            rotation_exponent=table.rotation_exponent,
            clock_offset_s=-zero_s,
            clock_read_at_s=zero_s,
            irk=key if table.key_kind == "irk" else None,
            bindkey=key if table.key_kind == "bthome" else None,
            address=table.address,
            own=True,
        ),
    )


def _identity(table: BeaconTable, key: bytes | None) -> str:
    """As its sightings carry it; a sensor without any is named by its own settings."""
    if table.identity:
        return table.identity
    kinds: dict[str, KeyKind] = {"eid": "eid", "irk": "irk"}
    if key is not None and (kind := kinds.get(table.key_kind)) is not None:
        return key_identity(kind, key)
    return f"sensor:{table.id}"
