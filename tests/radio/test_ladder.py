"""The ladder's laws, over every reason and many attempts."""

import pytest
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
)

from edge_agent.radio import Reason, Step
from edge_agent.radio.ladder import LADDER, ROUND, SHARED, SLOWLY, Pause, rung
from edge_agent.radio.start_trouble import start_trouble

ERRORS = [
    BleakDBusError("org.bluez.Error.InProgress", []),
    BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", []),
    BleakBluetoothNotAvailableError("", BleakBluetoothNotAvailableReason.POWERED_OFF),
    BleakBluetoothNotAvailableError("", BleakBluetoothNotAvailableReason.NO_BLUETOOTH),
]

ATTEMPTS = range(1, 200)
of_each_reason = pytest.mark.parametrize("reason", LADDER)


def test_every_reason_that_d_bus_or_bleak_can_give_has_a_ladder() -> None:
    given = {start_trouble(error) for error in (*ERRORS, TimeoutError(), OSError(), KeyError())}
    given |= {Reason.SILENT, Reason.DEAF, Reason.NOT_DISCOVERING}
    assert given == set(LADDER)


@of_each_reason
def test_it_begins_with_a_new_scan_which_disturbs_nobody(reason: Reason) -> None:
    assert rung(reason, 1, others_hear=False).step is Step.NEW_SCAN


@of_each_reason
def test_a_shared_step_is_never_taken_while_another_adapter_hears(reason: Reason) -> None:
    taken = {rung(reason, attempt, others_hear=True).step for attempt in ATTEMPTS}
    assert taken.isdisjoint(SHARED)


@of_each_reason
def test_it_never_ends_and_goes_on_slowly(reason: Reason) -> None:
    beyond = [
        rung(reason, len(LADDER[reason]) + attempt, others_hear=False) for attempt in range(1, 100)
    ]
    assert beyond.count(SLOWLY) == 90
    assert [each for each in beyond if each is not SLOWLY] == [
        LADDER[reason][turn % len(LADDER[reason])] for turn in range(9)
    ]
    assert ROUND == 10


def test_an_empty_store_is_silent_too_and_bluetoothd_is_left_alone_for_it() -> None:
    steps = {rung(Reason.SILENT, attempt, others_hear=False).step for attempt in ATTEMPTS}
    assert steps == {Step.NEW_SCAN, Step.POWER_CYCLE, Step.GIVEN_UP}


def test_busy_waits_for_the_kernel_before_anything_stronger() -> None:
    first, second = (rung(Reason.BUSY, attempt, others_hear=False) for attempt in (1, 2))
    assert first == (Step.NEW_SCAN, Pause.BUSY)
    assert second.step is Step.POWER_CYCLE


@pytest.mark.parametrize(
    "reason", [Reason.DEAF, Reason.NOT_DISCOVERING, Reason.BUSY, Reason.REFUSED]
)
def test_the_steps_grow_stronger(reason: Reason) -> None:
    strength = [Step.NEW_SCAN, Step.POWER_CYCLE, Step.RESTART_BLUETOOTHD, Step.RENEW_BLEAK]
    first_use = {each.step: at for at, each in reversed(list(enumerate(LADDER[reason])))}
    assert sorted(first_use, key=lambda step: first_use[step]) == strength
