"""Adapter1 by itself: sessions of several clients, without a bus."""

import pytest

from simulators.bluez import Adapter, Advert
from simulators.bluez.objects import BluezError
from simulators.dbus import Message, Variant

SIGNAL_FILTER = {"RSSI": Variant("n", -127)}


class Bluetoothd:
    """What an adapter needs of its daemon; keeps what was announced."""

    version = (5, 82)
    dual_mode = False
    passive_scanning = True

    def __init__(self) -> None:
        self.announced: list[Message] = []

    def now(self) -> float:
        return 0.0

    def announce(self, message: Message) -> None:
        self.announced.append(message)

    def call_client(self, client: str, path: str, member: str) -> None:
        raise NotImplementedError

    def silence(self) -> str | None:
        return None


@pytest.fixture
def daemon() -> Bluetoothd:
    return Bluetoothd()


@pytest.fixture
async def adapter(daemon: Bluetoothd) -> Adapter:
    return Adapter("hci0", "00:00:5E:00:53:00", daemon)


def _advertise(adapter: Adapter, rssi: int = -60) -> None:
    adapter.advertise(Advert("C0:00:00:00:00:01", rssi, b""))


def _start(adapter: Adapter, client: str, filters: dict[str, Variant] | None = None) -> None:
    adapter.call(client, "SetDiscoveryFilter", (filters or {},))
    adapter.call(client, "StartDiscovery", ())


async def test_starting_twice_is_in_progress_and_stopping_when_idle_has_failed(
    adapter: Adapter,
) -> None:
    _start(adapter, ":1.1")
    with pytest.raises(BluezError, match="Operation already in progress"):
        adapter.call(":1.1", "StartDiscovery", ())
    with pytest.raises(BluezError, match="No discovery started"):
        adapter.call(":1.2", "StopDiscovery", ())


async def test_the_scan_goes_on_until_its_last_client_stops(adapter: Adapter) -> None:
    _start(adapter, ":1.1")
    _start(adapter, ":1.2")
    adapter.call(":1.1", "StopDiscovery", ())
    assert adapter.scanning.is_set()
    adapter.call(":1.2", "StopDiscovery", ())
    assert not adapter.scanning.is_set()


async def test_a_client_that_goes_away_takes_its_scan_with_it(adapter: Adapter) -> None:
    _start(adapter, ":1.1")
    adapter.client_left(":1.2")
    assert adapter.scanning.is_set()
    adapter.client_left(":1.1")
    assert not adapter.scanning.is_set()
    _advertise(adapter)
    assert adapter.counters.unheard == {"not scanning": 1}


async def test_one_clients_filter_shows_every_rssi_to_all(
    adapter: Adapter, daemon: Bluetoothd
) -> None:
    _start(adapter, ":1.1")
    for _ in range(3):
        _advertise(adapter)
    assert (adapter.counters.signalled, adapter.counters.unheard["no news"]) == (1, 2)
    _start(adapter, ":1.2", SIGNAL_FILTER)
    for _ in range(3):
        _advertise(adapter)
    assert adapter.counters.signalled == 4
    assert daemon.announced[-1].arguments[1] == {"RSSI": Variant("n", -60)}


@pytest.mark.parametrize("method", ["StartDiscovery", "StopDiscovery"])
async def test_without_power_it_is_not_ready(adapter: Adapter, method: str) -> None:
    adapter.power(on=False)
    with pytest.raises(BluezError, match="Not Ready"):
        adapter.call(":1.1", method, ())


async def test_switches_that_change_nothing_say_nothing(
    adapter: Adapter, daemon: Bluetoothd
) -> None:
    adapter.power(on=True)
    adapter.replug()
    assert daemon.announced == []
    adapter.unplug()
    said = len(daemon.announced)
    adapter.unplug()
    assert len(daemon.announced) == said


async def test_a_device_can_be_removed_once(adapter: Adapter, daemon: Bluetoothd) -> None:
    _start(adapter, ":1.1")
    _advertise(adapter)
    (path,) = adapter.device_objects()
    adapter.call(":1.1", "RemoveDevice", (path,))
    assert daemon.announced[-1].member == "InterfacesRemoved"
    with pytest.raises(BluezError, match="Does Not Exist"):
        adapter.call(":1.1", "RemoveDevice", (path,))


async def test_what_it_cannot_do_is_an_unknown_method(adapter: Adapter) -> None:
    with pytest.raises(BluezError) as refused:
        adapter.call(":1.1", "Fly", ())
    assert refused.value.name == "org.freedesktop.DBus.Error.UnknownMethod"
