"""`edge-agent run --role receiver`: a second gateway that lends its radios to the one that leads.

It has no database, keeps no facts and knows no beacon; what its adapters hear goes over the device
bus, and is sightings there. Its settings are a file of their own (`docs/how-to/receivers.md`).
"""

import asyncio
import signal
from pathlib import Path
from typing import Annotated, Literal

import structlog
from msgspec import Meta

from edge_agent.adapters.link import AgentLink
from edge_agent.devices.keys import DeviceKeys, device_keys
from edge_agent.devices.messages import Heartbeat, Hello
from edge_agent.kernel.clock import Clock, SystemClock
from edge_agent.kernel.errors import AisleError
from edge_agent.radio.forwarding import Forwarder
from edge_agent.radio.listening import adapters
from edge_agent.radio.scanner import ScanPolicy
from edge_agent.settings import Name, Table
from edge_agent.systemd import keep_watchdog_quiet, notify

KIND = "receiver"
"""How it introduces itself on the bus."""

FLUSH_S = 0.1
"""Between batches: a tenth of what a shopper's position may lag, and ten letters a second."""

HEARTBEAT_S = 0.5
"""A quarter of the silence after which the leader counts a device as gone."""

STATE_EVERY_S = 10.0
"""How often each radio's state is said again; the leader waits for three."""

log = structlog.get_logger("receiver")


class Radio(Table, frozen=True, kw_only=True):
    """An adapter of this machine."""

    id: Annotated[Name, Meta(description="as the leader's [[receivers]] names it")]
    adapter: Annotated[str, Meta(min_length=1, description="such as hci0")]


class ReceiverSettings(Table, frozen=True, kw_only=True):
    """The whole file of a gateway that only hears."""

    device: Annotated[Name, Meta(description="this gateway's name on the device bus")]
    bus: Annotated[
        str, Meta(pattern=r"^tcp://[^\s:]+:\d+$", description="the leader's, tcp://host:port")
    ]
    keys: Annotated[Path, Meta(description="directory of server.key and private/<device>")]
    radios: list[Radio]
    log_format: Literal["json", "console"] = "json"


def main(settings: ReceiverSettings) -> int:
    """Run until SIGTERM or SIGINT; the exit status."""
    try:
        keys = _keys(settings)
    except AisleError as err:
        log.critical("receiver.failed", error=str(err))
        return 1
    asyncio.run(_until_stopped(settings, keys))
    return 0


def _keys(settings: ReceiverSettings) -> DeviceKeys:
    if not settings.radios:
        text = "no [[radios]]: name the adapters that this gateway lends"
        raise AisleError(text)
    return device_keys(settings.keys, settings.device)


async def _until_stopped(settings: ReceiverSettings, keys: DeviceKeys) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    local = [(radio.id, radio.adapter) for radio in settings.radios]
    async with asyncio.TaskGroup() as tasks:
        lending = tasks.create_task(
            lend(local, bus=settings.bus, keys=keys, clock=SystemClock()), name="receiver"
        )
        quiet = tasks.create_task(keep_watchdog_quiet(), name="watchdog")
        notify("READY=1")
        log.info("receiver.started", device=settings.device, bus=settings.bus)
        await stop.wait()
        notify("STOPPING=1")
        lending.cancel()
        quiet.cancel()


async def lend(
    local: list[tuple[str, str]],
    *,
    bus: str,
    keys: DeviceKeys,
    clock: Clock,
    policy: ScanPolicy | None = None,
) -> None:
    """Forward what the adapters hear (receiver id and adapter's name) until cancelled."""
    forwarder = Forwarder(clock)
    async with AgentLink(bus, keys) as link, asyncio.TaskGroup() as tasks:
        for name, run in adapters(local, forwarder.audience(), policy or ScanPolicy()):
            tasks.create_task(run(), name=f"radio-{name}")
        for name, work in (
            ("forward", _forward(link, forwarder)),
            ("heartbeat", _beat(link, forwarder)),
            ("states", _repeat_states(link, forwarder)),
            ("listen", _answer(link, forwarder)),
        ):
            tasks.create_task(work, name=f"receiver-{name}")


async def _forward(link: AgentLink, forwarder: Forwarder) -> None:
    while True:
        await asyncio.sleep(FLUSH_S)
        for state in forwarder.states(everything=False):
            await link.send(state)
        for batch in forwarder.batches():
            if not await link.send(batch):
                forwarder.missed(batch)


async def _beat(link: AgentLink, forwarder: Forwarder) -> None:
    """Show that the program runs, and make good for what the leader has missed."""
    while True:
        if link.owing:
            link.owing = False
            await _introduce(link, forwarder)
        await link.send(Heartbeat())
        await asyncio.sleep(HEARTBEAT_S)


async def _repeat_states(link: AgentLink, forwarder: Forwarder) -> None:
    while True:
        await asyncio.sleep(STATE_EVERY_S)
        for state in forwarder.states(everything=True):
            await link.send(state)


async def _answer(link: AgentLink, forwarder: Forwarder) -> None:
    """Whatever the leader says to a gateway that only hears, it wants to know it."""
    await _introduce(link, forwarder)
    while True:
        await link.receive()
        await _introduce(link, forwarder)


async def _introduce(link: AgentLink, forwarder: Forwarder) -> None:
    await link.send(Hello(KIND, 0))
    for state in forwarder.states(everything=True):
        await link.send(state)
