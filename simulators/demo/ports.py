"""Which port each part of the demo listens on."""

import socket
from dataclasses import dataclass, fields
from typing import Self

from simulators.demo.failure import DemoFailure


class PortTaken(DemoFailure):
    """Somebody else listens there; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Ports:
    """One TCP port on loopback for each part."""

    agent: int = 8080
    hub: int = 8070
    control: int = 8090
    cloud_broker: int = 18830
    store_broker: int = 18831
    device_bus: int = 5570

    @classmethod
    def from_base(cls, base: int | None) -> Self:
        """The usual ports, or six in a row from `base`, or whatever is free when `base` is 0."""
        names = [field.name for field in fields(cls)]
        if base is None:
            return cls()
        if base == 0:
            return cls(**dict(zip(names, _free(len(names)), strict=True)))
        return cls(**{name: base + place for place, name in enumerate(names)})

    def require_free(self) -> None:
        """Look whether anybody listens already.

        Raises:
            PortTaken: naming each port that is in use.
        """
        ports = {field.name: getattr(self, field.name) for field in fields(self)}
        taken = [f"{port} ({name})" for name, port in ports.items() if not _is_free(port)]
        if taken:
            are = "port is" if len(taken) == 1 else "ports are"
            msg = (
                f"{are} in use: {', '.join(taken)}; stop what listens there (another demo?) or "
                "choose others with --port-base, such as --port-base 28000"
            )
            raise PortTaken(msg)


def _free(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
