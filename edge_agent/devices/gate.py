"""The gate of the device bus: libzmq asks for each connection whether its key may come in.

ZAP, ZeroMQ RFC 27: version, request id, domain, address, identity, mechanism, credentials ->
version, request id, status code, status text, User-Id, metadata.
"""

from collections import Counter
from pathlib import Path

import zmq.asyncio
from zmq.utils import z85

from edge_agent.devices.keys import allowed_devices


async def keep_gate(socket: zmq.asyncio.Socket, keys_dir: Path, refused: Counter[str]) -> None:
    """Answer libzmq's questions on `socket` for ever; refusals are counted by reason."""
    while True:
        request = await socket.recv_multipart()
        device = _who_is(request, keys_dir)
        if device is None:
            refused["unknown key"] += 1
            verdict = [b"400", b"unknown key", b""]
        else:
            verdict = [b"200", b"OK", device.encode()]
        await socket.send_multipart([b"1.0", request[1], *verdict, b""])


def _who_is(request: list[bytes], keys_dir: Path) -> str | None:
    mechanism, *credentials = request[5:]
    if mechanism != b"CURVE":
        return None
    return allowed_devices(keys_dir).get(z85.encode(credentials[0]))
