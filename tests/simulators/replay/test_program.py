"""`store-sim replay` and `store-sim bluez` as processes, heard by bleak in this one."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bleak import BleakScanner
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

pytestmark = pytest.mark.slow

RAW = "02011a1aff4c000215e2c56db5dffb48d2b060d0f5a71096e0000{:01x}0000c5"
VARIABLE = "DBUS_SYSTEM_BUS_ADDRESS="


@asynccontextmanager
async def store_sim(*arguments: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulators", *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _line(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    async with asyncio.timeout(20):
        return (await stream.readline()).decode().strip()


@asynccontextmanager
async def scanning(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["asyncio.Queue[AdvertisementData]"]:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address.removeprefix(VARIABLE))
    heard: asyncio.Queue[AdvertisementData] = asyncio.Queue()

    def hear(_: BLEDevice, data: AdvertisementData) -> None:
        heard.put_nowait(data)

    scanner = BleakScanner(hear, bluez={"filters": {"RSSI": -127, "DuplicateData": True}})
    await scanner.start()
    yield heard


async def test_a_recording_is_heard_whole_and_summed_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "adverts.jsonl"
    lines = [json.dumps({"raw_adv": RAW.format(number)}) for number in range(16)]
    file.write_text("\n".join([*lines[:8], "{nonsense", '{"irk": "00"}', *lines[8:]]))
    async with store_sim("replay", str(file), "--speed", "100") as process:
        address = await _line(process.stderr)
        async with scanning(address, monkeypatch) as heard:
            summary: dict[str, Any] = json.loads(await _line(process.stdout))
            assert f"{file}:9: not JSON" in await _line(process.stderr)
            async with asyncio.timeout(20):
                assert await process.wait() == 0
                received = [await heard.get() for _ in range(16)]
    assert {each.manufacturer_data[76][19] for each in received} == set(range(16))
    assert summary["played"] == summary["signalled"] == 16
    assert summary["skipped"] == {"not JSON": 1, "no advertisement": 1}
    assert (summary["signals_dropped"], summary["unheard"], summary["error"]) == (0, {}, None)


async def test_without_anybody_who_scans_it_says_so_and_fails(tmp_path: Path) -> None:
    file = tmp_path / "adverts.jsonl"
    file.write_text("")
    async with store_sim("replay", str(file), "--patience", "0") as process:
        await _line(process.stderr)
        assert "nobody scanned on hci0" in await _line(process.stderr)
        assert await process.wait() == 1


@pytest.mark.parametrize(
    ("options", "complaint"),
    [(["--version", "five"], "no BlueZ version"), (["--socket", "/" + "x" * 200], "shorter path")],
)
async def test_options_that_make_no_sense_are_one_clear_line(
    tmp_path: Path, options: list[str], complaint: str
) -> None:
    file = tmp_path / "adverts.jsonl"
    file.write_text("")
    async with store_sim("replay", str(file), *options) as process:
        assert complaint in await _line(process.stderr)
        assert await process.wait() == 1


async def test_a_bluez_left_running_obeys_what_is_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with store_sim("bluez", "--socket", str(tmp_path / "bus")) as process:
        address = await _line(process.stdout)
        assert process.stdin is not None

        async def type_in(line: str) -> str:
            assert process.stdin is not None
            process.stdin.write(f"{line}\n".encode())
            return await _line(process.stdout)

        async with scanning(address, monkeypatch) as heard:
            assert await type_in("advertise C0:00:00:00:00:01 -61 " + RAW.format(1)) == "ok"
            async with asyncio.timeout(20):
                assert (await heard.get()).rssi == -61
            assert await type_in("powered-off") == "ok"
            assert await type_in("unplugged hci7") == "there is no adapter hci7"
            assert "advertise ADDRESS RSSI HEX:" in await type_in("advertise x")
            assert await type_in("counters") == "hci0: 1 sent, 1 signalled"
        process.stdin.write(b"quit\n")
        async with asyncio.timeout(20):
            assert await process.wait() == 0
