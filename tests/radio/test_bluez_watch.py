"""The watch over BlueZ outlives every bus it can meet."""

import asyncio
from pathlib import Path

import pytest

from edge_agent.kernel.clock import SystemClock
from edge_agent.radio import Reason
from edge_agent.radio.bluez_state import BluezState
from edge_agent.radio.bluez_watch import BluezWatch
from tests.radio.scene import DEADLINE


async def watch_until_lost(asked: asyncio.Event) -> Reason | None:
    watch = BluezWatch(BluezState(["hci0"]), clock=SystemClock(), reconnect_s=0.01)
    async with asyncio.timeout(DEADLINE), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(watch.run())
        await asked.wait()
        while watch.state.trouble("hci0") is None:
            await watch.changed.wait()
        running.cancel()
    return watch.state.trouble("hci0")


async def test_a_bus_that_rejects_us_is_lost_and_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_again, connections = asyncio.Event(), []

    async def reject(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        connections.append(1)
        if len(connections) > 1:
            asked_again.set()
        writer.write(b"REJECTED ANONYMOUS\r\n")
        writer.close()

    async with await asyncio.start_unix_server(reject, tmp_path / "bus"):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
        assert await watch_until_lost(asked_again) is Reason.BUS_LOST


async def test_an_address_that_is_none_is_a_bus_that_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "nowhere")
    now = asyncio.Event()
    now.set()
    assert await watch_until_lost(now) is Reason.BUS_LOST
