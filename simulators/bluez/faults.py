"""Everything that can go wrong with a radio, by name: the one table of the CLI and the console.

The names follow `facts/simulation.md`'s list of faults. A fault acts on one adapter, or on the
daemon or bus that all of them share.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable

from simulators.bluez.adapter import Adapter, Cure
from simulators.bluez.daemon import SimulatedBluez
from simulators.bluez.peripheral import Connecting
from simulators.bluez.twists import How, Twist

Deed = Callable[[SimulatedBluez, Adapter], Awaitable[None] | None]

IN_PROGRESS = ("InProgress", "Operation already in progress")
NOT_READY = ("NotReady", "Resource Not Ready")
FAILED = ("Failed", "Operation failed")


@dataclass(frozen=True, slots=True)
class Fault:
    """One switch.

    Attributes:
        about: what it stands for, in one line.
        begin: brings it about.
        end: mends it; None when it is an event, or when the product must mend it.
    """

    about: str
    begin: Deed
    end: Deed | None = None


def _answers(about: str, member: str, how: How, error: tuple[str, str] = FAILED) -> Fault:
    """From now on a method is answered wrongly, until mended or until bluetoothd restarts."""
    return Fault(
        about,
        lambda bluez, adapter: bluez.twists.add(Twist(member, how, adapter.path, error=error)),
        lambda bluez, _: bluez.twists.clear([member]),
    )


def _stall(about: str, cure: Cure) -> Fault:
    return Fault(
        about, lambda _, adapter: adapter.stall(cure), lambda _, adapter: adapter.stall(on=False)
    )


def _connects(about: str, outcome: Connecting) -> Fault:
    """What the next connection to each peripheral comes to."""
    return Fault(about, lambda _, adapter: adapter.links.next_connection(outcome))


def _reject_stop(_: SimulatedBluez, adapter: Adapter) -> None:
    adapter.discovery.rejected_stops += 1


def _reject_stops(_: SimulatedBluez, adapter: Adapter) -> None:
    adapter.discovery.rejected_stops += 2


def _set_roles(*roles: str) -> Deed:
    def deed(_: SimulatedBluez, adapter: Adapter) -> None:
        adapter.roles = roles

    return deed


def _filter_duplicates(*, on: bool) -> Deed:
    def deed(_: SimulatedBluez, adapter: Adapter) -> None:
        adapter.filters_duplicates = on

    return deed


def _permit(*, on: bool) -> Deed:
    def deed(bluez: SimulatedBluez, _: Adapter) -> None:
        bluez.systemd.permitted = on

    return deed


FAULTS: Mapping[str, Fault] = {
    # the adapter
    "unplugged": Fault(
        "the adapter is pulled out", lambda _, it: it.unplug(), lambda _, it: it.replug()
    ),
    "powered-off": Fault(
        "the adapter is switched off",
        lambda _, it: it.power(on=False),
        lambda _, it: it.power(on=True),
    ),
    "stalled": _stall("nothing is heard until a new scan begins", Cure.NEW_SCAN),
    "stalled-until-power-cycle": _stall("… until it is off and on again", Cure.POWER_CYCLE),
    "stalled-until-restart": _stall("… until bluetoothd is new", Cure.NEW_DAEMON),
    "stalled-until-replug": _stall("… until it is pulled out and put back", Cure.REPLUG),
    "stop-rejected": Fault(
        "the kernel rejects the next StopDiscovery; the next scan hears nothing (until 5.88)",
        _reject_stop,
    ),
    "stops-rejected": Fault("the same twice, which bleak's own retry does not mend", _reject_stops),
    "duplicates-filtered": Fault(
        "the controller reports a transmitter once per scan of 10 s",
        _filter_duplicates(on=True),
        _filter_duplicates(on=False),
    ),
    "no-central-role": Fault(
        "the adapter cannot scan (seen by clients that come later)",
        _set_roles("peripheral"),
        _set_roles("central", "peripheral"),
    ),
    "monitors-released": Fault(
        "passive scans are ended from BlueZ's side", lambda _, it: it.monitors.release()
    ),
    # bluetoothd, and the bus below it
    "bluetoothd-killed": Fault(
        "SIGKILL: the name is lost and nothing else said",
        lambda bluez, _: bluez.crash(),
        lambda bluez, _: bluez.restart(),
    ),
    "bluetoothd-restarted": Fault("a clean restart", lambda bluez, _: bluez.restart()),
    "bluetoothd-hung": Fault(
        "SIGSTOP: no answer, no signal",
        lambda bluez, _: bluez.hang(),
        lambda bluez, _: bluez.hang(on=False),
    ),
    "bus-lost": Fault(
        "dbus-daemon dies", lambda bluez, _: bluez.cut_bus(), lambda bluez, _: bluez.mend_bus()
    ),
    "restart-forbidden": Fault(
        "polkit refuses to let anybody restart bluetooth.service",
        _permit(on=False),
        _permit(on=True),
    ),
    # answers about scanning
    "start-in-progress": _answers(
        "StartDiscovery is refused as busy", "StartDiscovery", How.REFUSED, IN_PROGRESS
    ),
    "start-not-ready": _answers(
        "StartDiscovery is refused as not ready", "StartDiscovery", How.REFUSED, NOT_READY
    ),
    "start-failed": _answers("StartDiscovery fails", "StartDiscovery", How.REFUSED),
    "start-unanswered": _answers(
        "StartDiscovery is never answered", "StartDiscovery", How.UNANSWERED
    ),
    "start-pretended": _answers(
        "StartDiscovery is answered and nothing starts", "StartDiscovery", How.PRETENDED
    ),
    "stop-unanswered": _answers("StopDiscovery is never answered", "StopDiscovery", How.UNANSWERED),
    # connections
    "links-dropped": Fault("every peer goes out of range", lambda _, it: it.drop_links()),
    "devices-removed": Fault(
        "device objects vanish without a word about connections", lambda _, it: it.remove_devices()
    ),
    "connect-aborted": _connects(
        "the next connection ends in le-connection-abort-by-local", Connecting.ABORTED
    ),
    "connect-aborted-unseen": _connects(
        "the same, and Connected never changed", Connecting.ABORTED_UNSEEN
    ),
    "connect-unanswered": _connects("the next Connect is not answered", Connecting.UNANSWERED),
    "connect-unresolved": _connects(
        "the next connection's services are never resolved", Connecting.UNRESOLVED
    ),
    "connect-dropped": _connects(
        "the next connection is lost while its services are found", Connecting.DROPPED
    ),
    "connect-failed": _answers("Connect fails", "Connect", How.REFUSED),
    "read-in-progress": _answers(
        "ReadValue is refused as busy, which bleak retries for ever",
        "ReadValue",
        How.REFUSED,
        IN_PROGRESS,
    ),
    "read-unanswered": _answers("ReadValue is never answered", "ReadValue", How.UNANSWERED),
    "write-unanswered": _answers("WriteValue is never answered", "WriteValue", How.UNANSWERED),
    "disconnect-unanswered": _answers("Disconnect is never answered", "Disconnect", How.UNANSWERED),
    "disconnect-pretended": _answers(
        "Disconnect is answered and the link stays", "Disconnect", How.PRETENDED
    ),
}


async def begin(name: str, bluez: SimulatedBluez, adapter: str = "hci0") -> None:
    """Bring a fault about; `KeyError` for a name or adapter that is not there."""
    await _do(FAULTS[name].begin, bluez, adapter)


async def end(name: str, bluez: SimulatedBluez, adapter: str = "hci0") -> None:
    """Mend a fault; nothing to do for one that is an event. `KeyError` as for `begin`."""
    deed = FAULTS[name].end
    if deed is not None:
        await _do(deed, bluez, adapter)


async def _do(deed: Deed, bluez: SimulatedBluez, adapter: str) -> None:
    done = deed(bluez, bluez.adapter(adapter))
    if isawaitable(done):
        await done
