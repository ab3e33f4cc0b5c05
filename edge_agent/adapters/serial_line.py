"""Opens the serial line of a bank for its driver."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from serial_asyncio_fast import open_serial_connection

from device_profiles.lockers.board import Driver, LineLost
from device_profiles.lockers.families import driver_for
from device_profiles.lockers.profile import Profile

_CLOSE_S = 1.0
"""Closing flushes; an adapter that was unplugged never finishes it."""


@contextlib.asynccontextmanager
async def open_line(port: str, profile: Profile) -> AsyncIterator[Driver]:
    """The driver of `profile` on `port`, for us alone; raises `LineLost` when it cannot be had."""
    line = profile.line
    try:
        reader, writer = await open_serial_connection(
            url=port,
            baudrate=line.baud,
            bytesize=line.data_bits,
            parity=line.parity,
            stopbits=line.stop_bits,
            exclusive=True,
        )
    except (OSError, ValueError) as err:
        text = f"{port}: {err}"
        raise LineLost(text) from err
    try:
        yield driver_for(profile)(reader, writer, profile)
    finally:
        writer.close()
        with contextlib.suppress(OSError):  # TimeoutError too: it is gone either way
            async with asyncio.timeout(_CLOSE_S):
                await writer.wait_closed()
