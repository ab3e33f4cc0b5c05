"""The driver against simulated boards on a real PTY, and against a stream that we write."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import msgspec
import pytest
from serial_asyncio_fast import open_serial_connection

from device_profiles.lockers.board import BoardSilent, LineLost
from device_profiles.lockers.kerong_cu16.driver import Cu16Driver
from device_profiles.lockers.profile import Profile, load
from simulators.locker.bank import SimulatedBank

_SHIPPED = load("kerong_cu16")
PROFILE = msgspec.structs.replace(
    _SHIPPED, timing=msgspec.structs.replace(_SHIPPED.timing, reply=1.0)
)
"""As shipped, but with time for a simulated board on a machine that is busy with other tests."""


@contextlib.asynccontextmanager
async def opened(bank: SimulatedBank, profile: Profile = PROFILE) -> AsyncIterator[Cu16Driver]:
    reader, writer = await open_serial_connection(url=bank.device, baudrate=19200, exclusive=True)
    try:
        yield Cu16Driver(reader, writer, profile)
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def closed(driver: Cu16Driver, door: int) -> bool:
    return (await driver.status((door - 1) // 16)).closed[(door - 1) % 16]


async def heard_closed(driver: Cu16Driver, door: int) -> bool:
    """`closed`, asked again where a busy machine let a request run into the echo before it."""
    while True:
        with contextlib.suppress(BoardSilent):
            return await closed(driver, door)


async def test_all_doors_of_a_fresh_bank_are_closed_and_empty() -> None:
    async with SimulatedBank() as bank, opened(bank) as driver:
        status = await driver.status(0)
    assert status.closed == (True,) * 16
    assert status.occupied == (False,) * 16


async def test_an_unlocked_door_shows_open_and_its_goods_are_seen() -> None:
    async with SimulatedBank(boards=2) as bank, opened(bank) as driver:
        await driver.unlock(1, 3)
        async with asyncio.timeout(5):
            while await closed(driver, 19):
                pass
        bank.put(19)
        status = await driver.status(1)
    assert [n for n in range(16) if not status.closed[n]] == [2]
    assert [n for n in range(16) if status.occupied[n]] == [2]


async def test_a_silent_board_is_told_from_the_others() -> None:
    async with SimulatedBank(boards=2) as bank, opened(bank) as driver:
        bank.faults.silence(1)
        with pytest.raises(BoardSilent, match="board 1"):
            await driver.status(1)
        assert (await driver.status(0)).closed[0]
        bank.faults.speak(1)
        assert (await driver.status(1)).closed[0]


async def test_an_adapter_that_echoes_changes_nothing() -> None:
    async with SimulatedBank() as bank, opened(bank) as driver:
        bank.faults.echo = True
        assert await heard_closed(driver, 1)
        await driver.unlock(0, 1)
        async with asyncio.timeout(10):
            while await heard_closed(driver, 1):
                pass


async def test_two_who_ask_at_once_are_served_one_after_the_other() -> None:
    async with SimulatedBank(boards=2) as bank, opened(bank) as driver:
        bank.faults.open_by_itself(17)
        async with asyncio.TaskGroup() as asking:
            readings = [asking.create_task(driver.status(n % 2)) for n in range(6)]
    assert [reading.result().closed[0] for reading in readings] == [True, False] * 3


async def test_a_host_that_does_not_wait_spoils_the_reply() -> None:
    impatient = msgspec.structs.replace(
        PROFILE, timing=msgspec.structs.replace(PROFILE.timing, reply=0.001, quiet=0.001)
    )
    missed = 0
    async with SimulatedBank() as bank, opened(bank, impatient) as driver:
        for _ in range(5):
            try:
                await driver.status(0)
            except BoardSilent:
                missed += 1
    assert missed


@pytest.mark.parametrize("closed_bit", [0, 1])
async def test_polarity_is_the_profiles(closed_bit: int) -> None:
    sensors = msgspec.structs.replace(PROFILE.sensors, closed=closed_bit, occupied=None)
    async with (
        SimulatedBank() as bank,
        opened(bank, msgspec.structs.replace(PROFILE, sensors=sensors)) as driver,
    ):
        status = await driver.status(0)
    assert status.closed[0] is bool(closed_bit)
    assert status.occupied == (None,) * 16


async def test_what_came_before_the_request_is_no_answer_to_it() -> None:
    async with SimulatedBank() as bank:
        reader, writer = await open_serial_connection(url=bank.device, baudrate=19200)
        stale = bytes.fromhex("02 00 35 00 00 00 00 03 3A")
        reader.feed_data(b"\x02\x02\x00noise" + stale)
        status = await Cu16Driver(reader, writer, PROFILE).status(0)
        writer.close()
        await writer.wait_closed()
    assert status.closed == (True,) * 16


async def test_a_line_that_ends_is_lost_and_not_merely_silent() -> None:
    async with SimulatedBank() as bank:
        opening = opened(bank)
        driver = await opening.__aenter__()
        await driver.status(0)
    with pytest.raises(LineLost):
        await driver.status(0)
    await opening.__aexit__(None, None, None)


async def test_a_line_full_of_noise_counts_as_silence() -> None:
    async with SimulatedBank() as bank:
        bank.faults.silence(0)
        reader, writer = await open_serial_connection(url=bank.device, baudrate=19200)
        driver = Cu16Driver(reader, writer, PROFILE)
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(_refused_for_noise(driver))
            while not asking.done():
                reader.feed_data(b"\x02\x00\x35\x03" * 16)
                await asyncio.sleep(0)
        writer.close()
        await writer.wait_closed()


async def _refused_for_noise(driver: Cu16Driver) -> None:
    with pytest.raises(BoardSilent, match="noise"):
        await driver.status(0)
