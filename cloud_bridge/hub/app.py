"""The composition root: opens what the hub needs, in order, and owns every task."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import structlog
import uvicorn
from typing_extensions import override

from cloud_bridge.hub.ca.files import load as load_ca
from cloud_bridge.hub.clock import system_clock
from cloud_bridge.hub.database import Database, open_database
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.live import Live
from cloud_bridge.hub.settings import Settings
from cloud_bridge.hub.views import Views
from cloud_bridge.hub.web import make_app
from cloud_bridge.hub.worker import bridge_of, first_reason, serve_stores, stop_signal

GRACE_S = 2
"""What a stop gives to requests that are under way."""

log = structlog.get_logger("hub")


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the hub ends the live streams first."""

    @override
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def run_hub(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        HubError: the database or the address cannot be had.
    """
    stop = stop_signal()
    with _listen(settings.host, settings.port) as listening:
        async with open_database(settings.database) as database:
            await serve_stores(database, settings)
            with first_reason():
                await _run(settings, database, listening, stop)


async def _run(
    settings: Settings, database: Database, listening: socket.socket, stop: asyncio.Event
) -> None:
    live = Live()
    authority = load_ca(settings.ca) if settings.ca else None
    views = Views(database, live, settings.catalogue, clock=system_clock, ca=authority is not None)
    bridge = bridge_of(settings, database, views.changed)
    desk = Desk(
        database=database,
        live=live,
        keys=settings.keys,
        clock=system_clock,
        stores=settings.stores,
        poke=bridge.poke,
        changed=views.changed,
        authority=authority,
        url=settings.url,
    )
    https = settings.https
    server = _Server(
        uvicorn.Config(
            make_app(desk, settings.pages),
            ssl_certfile=https.certificate if https else None,
            ssl_keyfile=https.key if https else None,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    async with asyncio.TaskGroup() as tasks:
        background = [
            tasks.create_task(bridge.run(), name="hub bridge"),
            tasks.create_task(views.run(), name="hub views"),
        ]
        serving = tasks.create_task(server.serve(sockets=[listening]), name="hub http")
        host, port = listening.getsockname()[:2]
        url = f"{'https' if https else 'http'}://{host}:{port}"
        log.info("hub.listening", url=url, stores=len(settings.stores))
        await stop.wait()
        await live.close()
        server.should_exit = True
        await serving
        for task in background:
            task.cancel()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as err:
        msg = (
            f"cannot listen on {host}:{port}: {err.strerror}; change `listen` or stop what is there"
        )
        raise HubError(msg) from err
