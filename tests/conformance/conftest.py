"""`air` is the simulator in `make test`, and the machine's virtual radio in `make conformance`."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bleak.backends.bluezdbus.version import BlueZFeatures

from tests.conformance.air import Air, Version, simulated

IN_THE_MACHINE = os.environ.get("AISLE_CONFORMANCE", "")
"""The version of the real bluetoothd, such as 5.66; empty outside of the machine."""

VERSIONS: list[Version] = [(5, 66), (5, 82), (5, 88)]
if IN_THE_MACHINE:
    VERSIONS = [(int(IN_THE_MACHINE.split(".")[0]), int(IN_THE_MACHINE.split(".")[1]))]


@pytest.fixture(params=VERSIONS, ids=lambda version: f"{version[0]}.{version[1]}")
async def air(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Air]:
    monkeypatch.setattr(BlueZFeatures, "checked_bluez_version", True)
    if IN_THE_MACHINE:
        from tests.conformance.machine.radio import virtual  # noqa: PLC0415 - bumble is only there

        async with virtual(request.param) as radio:
            yield radio
        return
    async with simulated(tmp_path, request.param) as (radio, address):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield radio
