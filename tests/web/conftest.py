"""The agent's HTTP over the real storage and rooms; nothing listens, no broker, no radio."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI

from cloud_bridge.link import LinkState
from edge_agent.check import load
from edge_agent.devices.bus import DeviceBus
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import ClockQuality
from edge_agent.rooms import Rooms
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, open_storage
from edge_agent.storage.dispatcher import Dispatcher
from edge_agent.storage.restored import restored_reason
from edge_agent.storage.watermarks import Disk
from edge_agent.web.access import Access
from edge_agent.web.answering import Answering
from edge_agent.web.factory import create_app
from edge_agent.web.farewell import Farewells
from edge_agent.web.live import Live
from edge_agent.web.metrics import Gauges, metric_routes
from edge_agent.web.parked import parked_routes
from edge_agent.web.record import record_route
from edge_agent.web.routes import live_routes, session_routes
from edge_agent.web.sessions import Sessions

EXAMPLE = Path(__file__).parents[2] / "simulators" / "demo"
DESK, TILL = "k7mw-2rfp-x9tc-04hd", "till-6f1c-77aa-02be"


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Storage]:
    async with open_storage(tmp_path / "a.sqlite", gateway="gw-1", clock=SystemClock()) as opened:
        yield opened


@pytest.fixture
def app(tmp_path: Path, storage: Storage) -> FastAPI:
    for name in ("store.toml", "catalogue.toml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    secrets = tmp_path / "state" / "secrets"
    secrets.mkdir(parents=True)
    for name, key in (("desk", DESK), ("till", TILL), ("simulator", DESK)):
        (secrets / f"{name}.key").write_text(key, "utf-8")
        (secrets / f"{name}.key").chmod(0o600)
    settings, _ = load(tmp_path / "store.toml")
    clock = SystemClock()
    sessions = Sessions(storage, clock, settings.access)
    bus = DeviceBus(settings.device_bus.listen, settings.device_bus.keys, clock)
    rooms = Rooms(settings, storage, clock, sessions, bus, keys=PersonKeys())
    access = Access(sessions)
    dispatcher = Dispatcher(storage, rooms.flows(), clock)
    live = Live(wanted=lambda: None)
    return create_app(
        [
            session_routes(
                sessions,
                access,
                live,
                ["fitting-1", "shoes-mirror", "A"],
                joined=rooms.shoppers.has_joined,
            ),
            live_routes(live, access),
            record_route(storage, clock, access, ZoneInfo(settings.store.timezone)),
            parked_routes(storage, dispatcher, clock, access, Answering(storage, clock)),
            metric_routes(gauges(storage, clock), access),
            *rooms.routes(access, Answering(storage, clock), Farewells(storage, clock, access)),
        ],
        version="test",
    )


def gauges(storage: Storage, clock: SystemClock) -> Gauges:
    """An agent at which all is well."""
    return Gauges(
        version="test",
        storage=storage,
        clock=clock,
        link=lambda: LinkState(online=True, since=clock.now().wall),
        disk=lambda: Disk("ok", 10**9),
        quality=lambda: ClockQuality.SYNCED,
        receivers=list,
        devices=dict,
        certificate_ends_s=lambda: None,
        held=restored_reason,
    )


@pytest.fixture
async def anybody(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
        yield client


@pytest.fixture
async def staff(anybody: httpx.AsyncClient) -> httpx.AsyncClient:
    """`anybody`, signed in at the desk."""
    signed_in = await anybody.post("/v1/session", json={"key": DESK})
    assert signed_in.status_code == 204
    return anybody


def till(key: str = TILL) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}
