"""What systemd wants to hear (sd_notify(3)): ready, still alive, stopping."""

import asyncio
import os
import socket


def notify(state: str) -> None:
    """Send `state` to the service manager; without one (no ``NOTIFY_SOCKET``) do nothing."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.connect("\0" + address[1:] if address.startswith("@") else address)
        channel.sendall(state.encode())


async def keep_watchdog_quiet() -> None:
    """Say that the event loop turns, at twice the rate that the unit's ``WatchdogSec`` asks for."""
    microseconds = int(os.environ.get("WATCHDOG_USEC", "0"))
    while microseconds:
        notify("WATCHDOG=1")
        await asyncio.sleep(microseconds / 2_000_000)
