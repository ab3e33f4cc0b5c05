from typing import Any

import pytest

from edge_agent.radio import Reason
from edge_agent.radio.bluez_state import ADAPTER, DISCOVERY_PAUSE_S, BluezState

HCI0 = "/org/bluez/hci0"


def _state() -> BluezState:
    return BluezState(["hci0", "hci1"])


def _changed(state: BluezState, now: float = 0.0, **properties: object) -> None:
    state.take(HCI0, "PropertiesChanged", [ADAPTER, properties, []], now)


def test_what_is_not_known_counts_as_good() -> None:
    state = _state()
    assert state.trouble("hci0") is None
    assert state.outages("hci0") == 0


@pytest.mark.parametrize(
    ("path", "member", "body", "reason"),
    [
        ("/", "NameOwnerChanged", ["org.bluez", ":1.1", ""], Reason.BLUETOOTHD_GONE),
        ("/", "InterfacesRemoved", [HCI0, [ADAPTER]], Reason.UNPLUGGED),
        (HCI0, "PropertiesChanged", [ADAPTER, {"Powered": False}, []], Reason.POWERED_OFF),
    ],
)
def test_each_loss_is_trouble_and_ends_a_scan_once(
    path: str, member: str, body: list[Any], reason: Reason
) -> None:
    state = _state()
    for _ in range(2):
        state.take(path, member, body, 0.0)
    assert state.trouble("hci0") is reason
    assert state.last_outage("hci0") is reason
    assert state.outages("hci0") == 1


def test_a_loss_and_return_in_one_breath_still_ends_the_scan() -> None:
    state = _state()
    state.take("/", "NameOwnerChanged", ["org.bluez", ":1.1", ""], 0.0)
    state.take("/", "NameOwnerChanged", ["org.bluez", "", ":1.2"], 0.0)
    assert state.trouble("hci0") is None
    assert state.outages("hci0") == state.outages("hci1") == 1


def test_an_adapters_loss_is_not_the_others() -> None:
    state = _state()
    state.take("/", "InterfacesRemoved", [HCI0, [ADAPTER]], 0.0)
    assert state.outages("hci1") == 0
    state.take("/", "InterfacesAdded", [HCI0, {ADAPTER: {"Powered": True}}], 0.0)
    assert state.trouble("hci0") is None


def test_the_kernels_short_pause_between_scans_is_no_trouble() -> None:
    state = _state()
    _changed(state, now=100.0, Discovering=False)
    assert not state.idle("hci0", since=50.0, now=100.2)
    assert state.idle("hci0", since=50.0, now=100.0 + DISCOVERY_PAUSE_S)
    _changed(state, now=100.2, Discovering=True)
    assert not state.idle("hci0", since=50.0, now=200.0)


def test_idleness_before_a_scan_began_does_not_count_against_it() -> None:
    state = _state()
    _changed(state, now=10.0, Discovering=False)
    assert not state.idle("hci0", since=100.0, now=101.0)
    assert state.idle("hci0", since=100.0, now=100.0 + DISCOVERY_PAUSE_S)


def test_a_lost_bus_is_everybodys_trouble_until_it_is_found() -> None:
    state = _state()
    state.bus_lost()
    assert state.trouble("hci1") is Reason.BUS_LOST
    state.bus_found(bluez_runs=False)
    assert state.trouble("hci1") is Reason.BLUETOOTHD_GONE
    state.bus_found(bluez_runs=True)
    assert state.trouble("hci1") is None


@pytest.mark.parametrize(
    ("path", "member", "body"),
    [
        ("/", "NameOwnerChanged", ["org.bluez.mesh", ":1.1", ""]),
        ("/", "InterfacesRemoved", [HCI0 + "/dev_AA", ["org.bluez.Device1"]]),
        (HCI0, "PropertiesChanged", ["org.bluez.Media1", {"Powered": False}, []]),
        ("/org/bluez/hci9", "PropertiesChanged", [ADAPTER, {"Powered": False}, []]),
        ("/", "Nonsense", []),
        (HCI0, "PropertiesChanged", ["short"]),
    ],
)
def test_signals_about_anything_else_are_passed_over(
    path: str, member: str, body: list[Any]
) -> None:
    state = _state()
    state.take(path, member, body, 0.0)
    assert state.outages("hci0") == 0
