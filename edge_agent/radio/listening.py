"""All receivers of the store at once: the one entry for the composition root."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Protocol

from cloud_bridge.mqtt import Broker
from device_profiles.receivers import Kind
from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Clock
from edge_agent.radio.audience import Audience
from edge_agent.radio.bluez_state import BluezState
from edge_agent.radio.bluez_watch import BluezWatch
from edge_agent.radio.counters import Heard
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
        scan_policy: how patient local adapters are.
        gateway_policy: how patient the receivers on the broker are.
        random: for the jitter of reconnection.

    Raises:
        ValueError: at once, when there are gateways and no broker.
    """
    everyone = list(receivers)
    adapters = [each for each in everyone if each.kind == "bluez"]
    remotes = [*_on_broker(everyone)]
    if remotes and store_broker is None:
        reason = f"receiver {remotes[0][0]} reports over the store broker, and there is none"
        raise ValueError(reason)
    audience = Audience(clock=clock, heard=heard, health_changed=health_changed, counters=counters)
    async with asyncio.TaskGroup() as tasks:
        if adapters:
            bluez = BluezWatch(BluezState(each.adapter for each in adapters), clock=clock)
            tasks.create_task(bluez.run(), name="radio-bluez-watch")
            for each in adapters:
                local = AdapterReceiver(
                    each.id,
                    each.adapter,
                    bluez=bluez,
                    audience=audience,
                    policy=scan_policy or ScanPolicy(),
                )
                tasks.create_task(local.run(), name=f"radio-{each.id}")
        if store_broker is not None and remotes:
            remote = StoreBrokerReceivers(
                remotes,
                broker=store_broker,
                audience=audience,
                policy=gateway_policy or GatewayPolicy(),
                random=random or Random(),  # noqa: S311 - jitter, not a secret
            )
            tasks.create_task(remote.run(), name="radio-store-broker")


def _on_broker(receivers: Iterable[ReceiverSettings]) -> Iterator[tuple[str, Kind, str]]:
    """Receivers on the store broker: id, kind, and the name in the topics."""
    for each in receivers:
        if each.kind == "omg":
            yield each.id, "omg", each.gateway
        elif each.kind == "espresense":
            yield each.id, "espresense", each.node
