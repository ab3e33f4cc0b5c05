"""What is known of each device: for the pages and for whoever chooses a compartment. In memory.

Everything here was said by a device and is as old as `since` says; after a restart of the agent
it fills itself within a heartbeat, because the bus asks every device that comes to introduce
itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from edge_agent.devices.messages import (
    Adverts,
    CommandResult,
    CompartmentState,
    DeviceFault,
    Door,
    FromDevice,
    Heartbeat,
    Hello,
    RadioState,
)
from edge_agent.kernel.clock import Instant


@dataclass(frozen=True, slots=True)
class Compartment:
    """The last that was read of a compartment.

    Attributes:
        occupied: whether something lies inside; None: not known.
        since: when this state was first heard; None: never heard.
    """

    door: Door = Door.UNKNOWN
    occupied: bool | None = None
    since: Instant | None = None


@dataclass(frozen=True, slots=True)
class Device:
    """A device as it last showed itself.

    Attributes:
        present: whether it is on the bus now; when not, its doors are shown as unknown.
        fault: in the device's words, for staff; None: none.
        compartments: by number, from 1.
    """

    name: str
    kind: str
    present: bool
    fault: str | None = None
    compartments: Mapping[int, Compartment] = field(default_factory=dict)


class Registry:
    """Keeps the last word of each device; read it from any room through what `app` hands out."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}

    def devices(self) -> tuple[Device, ...]:
        """All devices ever introduced since the agent started, by name."""
        return tuple(self._devices[name] for name in sorted(self._devices))

    def device(self, name: str) -> Device | None:
        """One device, None when it has never introduced itself."""
        return self._devices.get(name)

    def compartment(self, device: str, number: int) -> Compartment:
        """One compartment; unknown when device or number are."""
        known = self._devices.get(device)
        return known.compartments.get(number, Compartment()) if known else Compartment()

    def observe(self, device: str, message: FromDevice, now: Instant) -> None:
        """Take in what `device` says; of one that has not introduced itself, nothing is kept."""
        if isinstance(message, Hello):
            self._introduce(device, message)
        known = self._devices.get(device)
        if known is None or isinstance(message, Hello | Heartbeat | Adverts | RadioState):
            return
        if isinstance(message, DeviceFault):
            self._devices[device] = replace(known, fault=message.reason)
        else:
            self._read(known, message, now)

    def attend(self, device: str, *, present: bool) -> None:
        """Note that `device` came or went; what an absent device's doors do, nobody knows."""
        known = self._devices.get(device)
        if known is None:
            return
        doors = known.compartments if present else _unread(len(known.compartments))
        self._devices[device] = replace(known, present=present, compartments=doors)

    def _introduce(self, device: str, hello: Hello) -> None:
        known = self._devices.get(device)
        if known and known.kind == hello.kind and len(known.compartments) == hello.compartments:
            self._devices[device] = replace(known, present=True)
            return
        self._devices[device] = Device(
            device, hello.kind, present=True, compartments=_unread(hello.compartments)
        )

    def _read(self, known: Device, message: CompartmentState | CommandResult, now: Instant) -> None:
        before = known.compartments.get(message.compartment)
        if before is None or (before.door, before.occupied) == (message.door, message.occupied):
            return
        state = Compartment(message.door, message.occupied, since=now)
        doors = MappingProxyType({**known.compartments, message.compartment: state})
        self._devices[known.name] = replace(known, compartments=doors)


def _unread(compartments: int) -> Mapping[int, Compartment]:
    return MappingProxyType({number: Compartment() for number in range(1, compartments + 1)})
