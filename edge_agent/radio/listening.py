"""All receivers of the store at once: the one entry for the composition root."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol

from cloud_bridge.mqtt import Broker
from device_profiles.beacons import Frame
from device_profiles.receivers import Kind
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.radio.audience import Audience, nobody
from edge_agent.radio.bluez_state import BluezState
from edge_agent.radio.bluez_watch import BluezWatch
from edge_agent.radio.canaries import Canaries, NoCanaries
from edge_agent.radio.counters import Heard
from edge_agent.radio.esphome import EsphomeReceiver, ProxyPolicy
from edge_agent.radio.forwarded import ForwardedReceivers
from edge_agent.radio.identities import Identities
from edge_agent.radio.recovery import Company
from edge_agent.radio.scanner import AdapterReceiver, ScanPolicy
from edge_agent.radio.store_broker import GatewayPolicy, StoreBrokerReceivers
from edge_agent.radio.watchdog import ReceiverHealth


class ReceiverSettings(Protocol):
    """A `[[receivers]]` table of `store.toml`, already checked."""

    @property
    def id(self) -> str:
        """The receiver's name in the store."""
        ...

    @property
    def kind(self) -> str:
        """``bluez``, ``omg``, ``espresense``, ``esphome`` or ``gateway``."""
        ...

    @property
    def adapter(self) -> str:
        """For ``bluez``: such as ``hci0``."""
        ...

    @property
    def gateway(self) -> str:
        """For ``omg``: its name in the topics."""
        ...

    @property
    def node(self) -> str:
        """For ``espresense``: its name in the topics."""
        ...

    @property
    def host(self) -> str:
        """For ``esphome``: the proxy's address."""
        ...

    @property
    def port(self) -> int:
        """For ``esphome``: of its native API."""
        ...

    @property
    def key_file(self) -> Path | None:
        """For ``esphome``: file with its encryption key, base64; None: unencrypted."""
        ...

    @property
    def device(self) -> str:
        """For ``gateway``: the other gateway's name on the device bus."""
        ...


FILTERED_KINDS = frozenset({"espresense"})
"""Kinds whose RSSI is a mean of some 15 s, told every 5 s at most: less news than it looks."""


async def listen(
    receivers: Iterable[ReceiverSettings],
    *,
    store_broker: Broker | None,
    clock: Clock,
    heard: Callable[[Sighting], None],
    health_changed: Callable[[ReceiverHealth], None],
    counters: Heard,
    identities: Identities | None = None,
    told: Callable[[str, Frame, Instant], str | None] = nobody,
    canaries: Canaries | None = None,
    forwarded: ForwardedReceivers | None = None,
    scan_policy: ScanPolicy | None = None,
    gateway_policy: GatewayPolicy | None = None,
    random: Random | None = None,
) -> None:
    """Listen with every receiver until cancelled; no fault of a radio or broker ends it.

    The system bus is the one that DBUS_SYSTEM_BUS_ADDRESS names, as for bleak.

    Args:
        receivers: those of the store; none of a kind leaves that kind's connections unmade.
        store_broker: of the receivers that report over MQTT; only a store without them has none.
        clock: for health and sightings.
        heard: called on the event loop for each sighting, thousands of times a second.
        health_changed: called for each receiver at the start and at each change.
        counters: counted up in place.
        identities: the beacons that the store knows; kept up to date from here. None: none.
        told: called for telemetry of the store's own beacons (`Audience.told`).
        canaries: of the store's reference beacons; without it there are none.
        forwarded: the radios of other gateways, which the device bus fills; None: none.
        scan_policy: how patient local adapters are.
        gateway_policy: how patient the receivers on the broker are.
        random: for the jitter of reconnection.

    Raises:
        ValueError: at once, when there are gateways and no broker.
    """
    known = identities or Identities()
    audience = Audience(
        clock=clock,
        heard=heard,
        health_changed=health_changed,
        counters=counters,
        identities=known,
        told=told,
    )
    everyone = list(receivers)
    jitter = random or Random()  # noqa: S311 - jitter, not a secret
    work = [
        *adapters(_local(everyone), audience, scan_policy or ScanPolicy(), canaries),
        *_on_broker(everyone, audience, store_broker, gateway_policy or GatewayPolicy(), jitter),
        *_proxies(everyone, audience, jitter),
    ]
    if forwarded is not None and not forwarded.empty:
        work.append(("forwarded", partial(forwarded.run, audience)))
    if not work:
        return
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(known.run(clock), name="radio-identities")
        for name, run in work:
            tasks.create_task(run(), name=f"radio-{name}")


Work = tuple[str, Callable[[], Coroutine[object, object, None]]]
"""A task's name and what it runs."""


def adapters(
    local: Sequence[tuple[str, str]],
    audience: Audience,
    policy: ScanPolicy,
    canaries: Canaries | None = None,
) -> Iterator[Work]:
    """Local adapters (receiver id and adapter's name), and the watch over BlueZ that they share."""
    if not local:
        return
    bluez = BluezWatch(BluezState(adapter for _, adapter in local), clock=audience.clock)
    company = Company()
    yield "bluez-watch", bluez.run
    for receiver, adapter in local:
        radio = AdapterReceiver(
            receiver,
            adapter,
            bluez=bluez,
            company=company,
            canaries=canaries or NoCanaries(),
            audience=audience,
            policy=policy,
        )
        yield receiver, radio.run


def _local(receivers: Iterable[ReceiverSettings]) -> Sequence[tuple[str, str]]:
    return [(each.id, each.adapter) for each in receivers if each.kind == "bluez"]


def _on_broker(
    receivers: Iterable[ReceiverSettings],
    audience: Audience,
    broker: Broker | None,
    policy: GatewayPolicy,
    random: Random,
) -> Iterator[Work]:
    remotes = [*_remotes(receivers)]
    if not remotes:
        return
    if broker is None:
        reason = f"receiver {remotes[0][0]} reports over the store broker, and there is none"
        raise ValueError(reason)
    heard = StoreBrokerReceivers(
        remotes, broker=broker, audience=audience, policy=policy, random=random
    )
    yield "store-broker", heard.run


def _remotes(receivers: Iterable[ReceiverSettings]) -> Iterator[tuple[str, Kind, str]]:
    """Receivers on the store broker: id, kind, and the name in the topics."""
    for each in receivers:
        if each.kind == "omg":
            yield each.id, "omg", each.gateway
        elif each.kind == "espresense":
            yield each.id, "espresense", each.node


def _proxies(
    receivers: Iterable[ReceiverSettings], audience: Audience, random: Random
) -> Iterator[Work]:
    for each in receivers:
        if each.kind == "esphome":
            proxy = EsphomeReceiver(
                each.id,
                address=(each.host, each.port),
                key_file=each.key_file,
                audience=audience,
                policy=ProxyPolicy(),
                random=random,
            )
            yield each.id, proxy.run
