"""`edge-agent survey`: opens the radio and the page, and ends with a survey on the disk."""

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path

import segno
import typer
import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from device_profiles.beacons import BeaconKey
from device_profiles.sighting import Sighting
from edge_agent.brokers import broker_of
from edge_agent.kernel.clock import Clock, SystemClock
from edge_agent.kernel.errors import AisleError
from edge_agent.radio import Heard, ReceiverHealth, listen
from edge_agent.radio.identities import Identities
from edge_agent.settings import Settings
from edge_agent.survey.door import Door
from edge_agent.survey.files import Journal
from edge_agent.survey.model import Area, Ground, Spot
from edge_agent.survey.recorder import Recorder
from edge_agent.survey.server import Health, Survey, routes, survey_plan
from edge_agent.web.factory import create_app

STOP_WITHIN_S = 2

ONE_SUBSCRIBER = "esphome"
"""A proxy of this kind gives its packets to one program at a time (aioesphomeapi, "Subscribe")."""

LENT = "gateway"
"""Receivers of this kind report to the running agent only; a survey cannot ask them."""


class CannotSurvey(AisleError):
    """The survey cannot begin; the text says why and what to do."""


def survey(
    settings: Settings,
    *,
    beacon: str,
    listen_at: str,
    out: Path,
    spacing_m: float,
    seconds: float,
) -> None:
    """Record a survey until Ctrl-C.

    Raises:
        CannotSurvey: no receiver can be asked, or the address is taken.
        BadJournal: an earlier run's journal cannot be gone on with.
    """
    clock = SystemClock()
    ground = ground_of(settings)
    if not ground.receivers:
        msg = "no [[receivers]] in the settings can be asked: there is nothing to survey with"
        raise CannotSurvey(msg)
    door = Door()
    run = Survey(
        plan=survey_plan(
            ground,
            beacon=beacon,
            seconds=seconds,
            spacing_m=spacing_m,
            walls=settings.floor.walls,
            zones=[
                {"id": zone.id, "kind": zone.kind, "name": zone.name, "polygon": zone.polygon}
                for zone in settings.zones
            ],
        ),
        ground=ground,
        recorder=Recorder(ground, Journal(out.with_name(out.name + ".journal")), clock),
        out=out,
        clock=clock,
        receivers={},
    )
    bound = _bound(listen_at)
    _invite(bound, door, run)
    proxies = [one.id for one in settings.receivers if one.kind == ONE_SUBSCRIBER]
    if proxies:
        typer.echo(
            f"{', '.join(proxies)}: an ESPHome proxy serves one program at a time. Stop the agent"
            " while you survey, or these stay silent for one of the two."
        )
    asyncio.run(_serve(settings, run, door, bound, clock))
    typer.echo(_farewell(run))


def ground_of(settings: Settings) -> Ground:
    """The floor of the settings, with the receivers that a survey can ask."""
    return Ground(
        settings.floor.width_m,
        settings.floor.height_m,
        tuple(
            Area(zone.id, tuple(Spot(*corner) for corner in zone.polygon))
            for zone in settings.zones
        ),
        {one.id: Spot(*one.position) for one in settings.receivers if one.kind != LENT},
    )


async def _serve(
    settings: Settings, run: Survey, door: Door, bound: socket.socket, clock: Clock
) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    server = _Server(
        uvicorn.Config(
            application(run, door),
            timeout_graceful_shutdown=STOP_WITHIN_S,
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server.serve([bound]), name="http")
        radio = tasks.create_task(_hear(settings, run, clock), name="radio")
        await stop.wait()
        server.should_exit = True
        radio.cancel()


def application(run: Survey, door: Door) -> FastAPI:
    """The survey's page and its API."""
    return create_app([routes(run, door)], version="survey", pages=("survey",))


async def _hear(settings: Settings, run: Survey, clock: Clock) -> None:
    identities = Identities()
    identities.enrol(BeaconKey(identity=run.plan.beacon))
    asked = [one for one in settings.receivers if one.kind != LENT]

    def heard(sighting: Sighting) -> None:
        if sighting.identity == run.plan.beacon:
            run.recorder.hear(sighting)

    def health_changed(health: ReceiverHealth) -> None:
        run.receivers[health.receiver] = Health(health.state.value, health.reason, health.detail)

    broker = settings.store_broker
    await listen(
        asked,
        store_broker=broker_of(broker) if broker else None,
        clock=clock,
        heard=heard,
        health_changed=health_changed,
        counters=Heard(),
        identities=identities,
    )


def _bound(listen_at: str) -> socket.socket:
    host, _, port = listen_at.rpartition(":")
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=16)
    except (OSError, ValueError) as err:
        msg = f"--listen {listen_at}: {err}; name another host:port"
        raise CannotSurvey(msg) from err


def _invite(bound: socket.socket, door: Door, run: Survey) -> None:
    host, port = bound.getsockname()[:2]
    url = f"http://{_reachable(host)}:{port}/survey/#join={door.code}"
    typer.echo(f"Open this on your phone; the code is good for one phone:\n\n  {url}\n")
    segno.make(url, error="m").terminal(compact=True)
    if not ip_address(host).is_loopback:
        typer.echo(
            "Plain HTTP: whoever shares this network can read the survey. Use the store's own"
            " Wi-Fi, or tunnel with ssh -L."
        )
    kept = len(run.recorder.spots)
    if kept:
        typer.echo(f"Going on with {kept} spots of {run.out.name}.journal.")
    typer.echo("Ctrl-C ends it; what was recorded stays.")


def _reachable(host: str) -> str:
    """An address that a phone can open when the program listens on all of them."""
    if not ip_address(host).is_unspecified:
        return f"[{host}]" if ":" in host else host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def _farewell(run: Survey) -> str:
    spots = len(run.recorder.spots)
    if run.written:
        return f"{run.out}: {spots} spots. Next: [presence] survey = {run.out.name!r}."
    return f"{spots} spots are in {run.out.name}.journal; run it again to go on or to finish."


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the composition root has them."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
