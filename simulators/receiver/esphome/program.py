"""The proxy as a program: serves while standard input tells it what to hear."""

import asyncio
import signal
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

from simulators.receiver.esphome.noise import KEY_LENGTH
from simulators.receiver.esphome.proxy import Proxy
from simulators.receiver.lines import Fault, Heard


async def serve(
    name: str,
    address: tuple[str, int],
    key_file: Path | None,
    *,
    told: Iterator[Heard | Fault],
    say: Callable[[str], None],
) -> int:
    """Run until SIGTERM or SIGINT, also after the last line; the exit status."""
    host, port = address
    try:
        key = _key(key_file) if key_file else None
    except (OSError, ValueError) as err:
        say(f"{key_file}: {err}")
        return 2
    proxy = Proxy(name, key)
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, stop.set)

    def take(one: Heard | Fault) -> None:
        if isinstance(one, Fault):
            proxy.switch(one)
        else:
            proxy.hear(one.address, one.rssi, one.ad)

    def pump() -> None:
        for one in told:
            loop.call_soon_threadsafe(take, one)

    try:
        async with proxy.serve(host, port) as taken:
            say(f"proxy {name} on {host}:{taken}")
            Thread(target=pump, name="standard input", daemon=True).start()
            await stop.wait()
    except OSError as err:
        say(f"cannot listen on {host}:{port}: {err.strerror}")
        return 1
    return 0


def _key(file: Path) -> bytes:
    try:
        key = a2b_base64(file.read_text("ascii").strip(), strict_mode=True)
    except NotBase64 as err:
        msg = f"no base64: {err}"
        raise ValueError(msg) from err
    if len(key) != KEY_LENGTH:
        msg = f"a key has {KEY_LENGTH} bytes, this one {len(key)}"
        raise ValueError(msg)
    return key
