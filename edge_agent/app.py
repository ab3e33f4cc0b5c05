"""The composition root: opens what there is in order, owns every task, closes in reverse."""

import asyncio
import signal
import socket
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from random import SystemRandom
from zoneinfo import ZoneInfo

import structlog
import uvicorn
from fastapi import FastAPI
from typing_extensions import override

from cloud_bridge.link import Link
from edge_agent import settings as config
from edge_agent.brokers import broker_of, cloud_broker
from edge_agent.capabilities.shoppers.service import ShopperStream
from edge_agent.configuration.service import Configuration, Terms
from edge_agent.configuration.shelf import FOLDER, PUBLIC_KEY, Shelf
from edge_agent.configuration.starting import RESTART, Start
from edge_agent.devices.bus import DeviceBus
from edge_agent.devices.messages import Adverts, FromDevice, RadioState
from edge_agent.devices.registry import Registry
from edge_agent.health import Health
from edge_agent.inbox import StoreInbox
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.errors import AisleError
from edge_agent.keyring import HubKeyring
from edge_agent.provisioning.files import BadIdentity, Folder
from edge_agent.provisioning.renewal import Renewal
from edge_agent.public_key import read_public_key
from edge_agent.radio import Heard, ReceiverHealth, listen
from edge_agent.radio.forwarded import ForwardedReceivers
from edge_agent.radio.strangers import Strangers
from edge_agent.room import Room
from edge_agent.rooms import Rooms
from edge_agent.sealing import PersonKeys
from edge_agent.settings import Catalogue, Settings
from edge_agent.standings import StoreRestoration
from edge_agent.storage import Storage, open_storage, outlast
from edge_agent.storage.clock_quality import is_synchronised
from edge_agent.storage.dispatcher import Dispatcher
from edge_agent.storage.restored import restored_reason
from edge_agent.systemd import keep_watchdog_quiet, notify
from edge_agent.timekeeper import TIME_FILE, Timekeeper
from edge_agent.web.access import Access
from edge_agent.web.answering import Answering
from edge_agent.web.factory import create_app
from edge_agent.web.farewell import Farewells
from edge_agent.web.metrics import Gauges, metric_routes
from edge_agent.web.parked import parked_routes
from edge_agent.web.record import record_route
from edge_agent.web.routes import live_routes, session_routes
from edge_agent.web.sessions import Sessions
from edge_agent.web.views.pages import Sources, pages
from edge_agent.web.views.radio import RadioView
from edge_agent.web.views.refresh import Refresh
from edge_agent.web.views.store import store_content

VERSION = version("aisle")

STOP_WITHIN_S = 2
"""What open requests get when the agent stops; event streams are ended at once."""

log = structlog.get_logger("app")


def main(start: Start, *, database: Path) -> int:
    """Run until SIGTERM or SIGINT, or until new settings ask for a start; the exit status.

    `RESTART` says that the agent is to be started anew.
    """
    start.settings.state.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = 0
    try:
        if asyncio.run(_run(start, database)):
            status = RESTART
    except* AisleError as group:
        status = 1
        for error in _leaves(group):
            log.critical("agent.failed", error=str(error))
    return status


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


async def _run(start: Start, database: Path) -> bool:
    settings = start.settings
    clock = Timekeeper(
        SystemClock(),
        synchronised=is_synchronised,
        file=settings.state.directory / TIME_FILE,
    )
    keys = PersonKeys()
    room = Room(settings, database)
    async with AsyncExitStack() as resources:
        storage = await resources.enter_async_context(
            open_storage(
                database,
                gateway=settings.store.gateway,
                clock=clock,
                sealer=keys,
                admission=room.quota,
                relief=room.relief,
                company_s=settings.storage.company_ms / 1000,
                quality=clock.quality,
            )
        )
        bus = await resources.enter_async_context(
            DeviceBus(settings.device_bus.listen, settings.device_bus.keys, clock)
        )
        agent = Agent(
            settings,
            start.catalogue,
            storage,
            bus,
            keys=keys,
            room=room,
            terms=_terms(start),
            clock=clock,
        )
        return await agent.run()


def _terms(start: Start) -> Terms:
    settings = start.settings
    shelf = Shelf(settings.state.directory / FOLDER)
    key, _ = read_public_key(settings.configuration.signing_key_file or shelf.folder / PUBLIC_KEY)
    return Terms(
        store=settings.store.id,
        own_file=start.own_file,
        shelf=shelf,
        standing=start.standing,
        key=key,
        health_within_s=settings.configuration.health_within_s,
    )


class Agent:
    """Everything that runs in the gateway's one process."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        storage: Storage,
        bus: DeviceBus,
        *,
        keys: PersonKeys,
        room: Room,
        terms: Terms,
        clock: Timekeeper,
    ) -> None:
        self._settings = settings
        self._storage = storage
        self._bus = bus
        self._clock = clock
        self._upkeep = room.upkeep(storage, clock)
        self._registry = Registry()
        self._heard = Heard(strangers=Strangers(ZoneInfo(settings.store.timezone)))
        self._radio_view = RadioView(self._heard, clock)
        self._forwarded = ForwardedReceivers(
            [(one.id, one.device) for one in settings.receivers if one.kind == "gateway"],
            clock=clock,
            age_of=bus.age_s,
        )
        self._health = Health(storage, clock)
        self._sessions = Sessions(storage, clock, settings.access)
        self._rooms = Rooms(settings, storage, clock, self._sessions, bus, keys=keys)
        self._dispatcher = Dispatcher(storage, self._rooms.flows(), clock)
        self._stop = asyncio.Event()
        self._again = False
        self._configuration = Configuration(storage, clock, terms, self._start_anew)
        self._restoration = StoreRestoration(
            storage, clock, pickups=self._rooms.pickups, shoppers=self._rooms.shoppers
        )
        self._link = Link(
            broker=cloud_broker(settings),
            store=settings.store.id,
            gateway=settings.store.gateway,
            agent_version=VERSION,
            boot=storage.boot,
            outbox=storage.log,
            inbox=StoreInbox(
                storage,
                clock,
                pickups=self._rooms.pickups,
                shoppers=ShopperStream(self._rooms.shoppers),
                configuration=self._configuration.put,
            ),
            keyring=HubKeyring(storage, keys),
            clock=clock,
            random=SystemRandom(),
            longest_wait_s=settings.cloud.retry_at_most_s,
            on_state=self._health.link,
            restoration=self._restoration,
        )
        self._refresh = Refresh(storage, pages(self._sources(catalogue)))
        self._rooms.gone = lambda shopper: self._refresh.live.end(f"shopper:{shopper}")
        bus.on_message = self._device_said
        bus.on_presence = self._device_came_or_went

    async def run(self) -> bool:
        """Serve until SIGTERM or SIGINT, or until it is to start anew: True then."""
        stop = self._stop
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await self._restoration.announce()
        await self._rooms.shoppers.load()
        await self._rooms.beacons.load()
        server = self._server()
        async with asyncio.TaskGroup() as group:
            working = [
                group.create_task(work, name=name) for name, work in self._work(server).items()
            ]
            notify("READY=1")
            log.info("agent.started", store=self._settings.store.id, version=VERSION)
            await stop.wait()
            notify("RELOADING=1" if self._again else "STOPPING=1")
            self._refresh.live.close()
            server.should_exit = True
            for task in working:
                if task.get_name() != "http":
                    task.cancel()
        log.info("agent.stopped", again=self._again)
        return self._again

    def _start_anew(self) -> None:
        self._again = True
        self._stop.set()

    def _work(self, server: uvicorn.Server) -> Mapping[str, Coroutine[object, object, None]]:
        rooms = self._rooms
        return {
            "http": server.serve([_listening(self._settings.http)]),
            "dispatcher": self._dispatcher.run(),
            "consents": rooms.shoppers.upkeep.run(),
            "presence": rooms.presence.run(),
            "beacons": rooms.beacons.run(),
            "doors": rooms.doors.run(),
            "radio": self._listen(),
            "link": outlast(self._link.run),
            "identity": self._renewal().run(),
            "health": self._health.run(),
            "live pages": self._refresh.run(),
            "life": self._storage.keep_life(),
            "room": self._upkeep.run(),
            "time": self._clock.run(),
            "configuration": self._configuration.run(),
            "watchdog": keep_watchdog_quiet(),
        }

    def _renewal(self) -> Renewal:
        return Renewal(Folder(self._settings.state.directory), self._clock, SystemRandom())

    def _server(self) -> uvicorn.Server:
        settings = uvicorn.Config(
            self._app(),
            timeout_graceful_shutdown=STOP_WITHIN_S,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        return _Server(settings)

    def _app(self) -> FastAPI:
        access, answering = Access(self._sessions), Answering(self._storage, self._clock)
        farewells = Farewells(self._storage, self._clock, access)
        simulator = self._settings.simulator
        timezone = ZoneInfo(self._settings.store.timezone)
        return create_app(
            [
                session_routes(
                    self._sessions,
                    access,
                    self._refresh.live,
                    self._devices(),
                    public_url=self._settings.http.public_url,
                    joined=self._rooms.shoppers.has_joined,
                ),
                live_routes(self._refresh.live, access),
                metric_routes(self._gauges(), access),
                record_route(self._storage, self._clock, access, timezone),
                parked_routes(self._storage, self._dispatcher, self._clock, access, answering),
                *self._rooms.routes(access, answering, farewells),
            ],
            version=VERSION,
            simulator_url=simulator.url if simulator else "",
        )

    def _gauges(self) -> Gauges:
        return Gauges(
            version=VERSION,
            storage=self._storage,
            clock=self._clock,
            link=lambda: self._link.state,
            disk=lambda: self._upkeep.disk,
            quality=self._clock.quality,
            receivers=self._radio_view.receivers,
            devices=lambda: {one.name: one.present for one in self._registry.devices()},
            certificate_ends_s=self._certificate_ends_s,
            held=restored_reason,
        )

    def _certificate_ends_s(self) -> float | None:
        until = self._certificate_until()
        return None if until is None else (until - self._clock.now().wall).total_seconds()

    def _certificate_until(self) -> datetime | None:
        """None where none was provisioned."""
        try:
            return Folder(self._settings.state.directory).read().until
        except BadIdentity:
            return None

    async def _listen(self) -> None:
        broker = self._settings.store_broker
        await listen(
            self._settings.receivers,
            store_broker=broker_of(broker) if broker else None,
            clock=self._clock,
            heard=self._rooms.heard,
            told=self._rooms.beacons.told,
            canaries=self._rooms,
            health_changed=self._receiver_health,
            counters=self._heard,
            identities=self._rooms.identities,
            forwarded=self._forwarded,
        )

    def _receiver_health(self, health: ReceiverHealth) -> None:
        self._radio_view.health_changed(health)
        self._rooms.receiver_health(health)

    async def _device_said(self, device: str, message: FromDevice) -> None:
        if isinstance(message, Adverts | RadioState):
            self._forwarded.offer(device, message)
            return
        self._registry.observe(device, message, self._clock.now())
        await outlast(lambda: self._rooms.doors.heard(device, message))

    async def _device_came_or_went(self, device: str, present: bool) -> None:  # noqa: FBT001 - a handler of the bus
        self._registry.attend(device, present=present)
        self._forwarded.attend(device, present=present)
        await self._health.device(device, present=present)

    def _sources(self, catalogue: Catalogue) -> Sources:
        return Sources(
            clock=self._clock,
            store=store_content(self._settings, catalogue),
            catalogue=catalogue.by_gtin(),
            currency=catalogue.currency,
            mirrors=[mirror.id for mirror in self._settings.mirrors],
            link=lambda: self._link.state,
            disk=lambda: self._upkeep.disk,
            quality=self._clock.quality,
            certificate_until=self._certificate_until,
            positions=self._rooms.presence.positions,
            radio=self._radio_view.content,
            shed=lambda: self._rooms.presence.counted["shed"],
            beacons=self._rooms.beacons.statuses,
            devices=self._registry.devices,
            pass_of=self._rooms.pickups.pass_text,
            open_mirrors=self._open_mirrors,
            opened=self._storage.sealer.open,
        )

    def _devices(self) -> list[str]:
        settings = self._settings
        return [
            *(mirror.id for mirror in settings.mirrors),
            *(bank.id for bank in settings.lockers),
        ]

    def _open_mirrors(self) -> frozenset[str]:
        watched = (channel.partition(":") for channel in self._refresh.live.channels())
        return frozenset(subject for page, _, subject in watched if page == "mirror")


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: the composition root has them."""

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class AddressTaken(AisleError):
    """The pages cannot be served where the settings say."""


def _listening(http: config.Http) -> socket.socket:
    """A socket bound as the settings say.

    Raises:
        AddressTaken: something else listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    try:
        return socket.create_server((http.host, http.port), family=family, backlog=128)
    except OSError as err:
        text = f"[http] listen = {http.listen!r}: {err.strerror}; stop what listens there"
        raise AddressTaken(text) from err
