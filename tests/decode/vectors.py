"""The advertisement vectors: the project's copy, and the full set where it lies beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COPY = ROOT / "tests/data/ble_vectors/adverts.jsonl"
FULL = ROOT.parent / "shared/data/ble_vectors/adverts.jsonl"

Vector = dict[str, Any]

DECODED = frozenset(
    {
        "ibeacon",
        "altbeacon",
        "eddystone_uid",
        "eddystone_url",
        "eddystone_tlm",
        "eddystone_etlm",
        "eddystone_eid",
        "bthome_v2",
    }
)
"""Formats whose vectors state the fields of one frame."""

UNREAD = frozenset(
    {
        "ibeacon_negative",
        "eddystone_negative",
        "eddystone_url_negative",
        "negative",
        "feaa_other",
        "feaa_vendor_0x21",
        "exposure_notification",
        "estimote",
    }
)
"""Formats whose vectors hold no frame of ours."""


def vectors() -> list[Vector]:
    """Every vector at hand, each once."""
    files = [path for path in (COPY, FULL) if path.exists()]
    lines = [line for path in files for line in path.read_text().splitlines()]
    return list({vector["id"]: vector for vector in map(json.loads, lines)}.values())


def of(*formats: str) -> list[Any]:
    """The vectors of some formats as pytest parameters, named by their ids."""
    return [pytest.param(v, id=v["id"]) for v in vectors() if v["format"] in formats]
