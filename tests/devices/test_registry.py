from edge_agent.devices.messages import (
    CommandResult,
    CompartmentState,
    DeviceFault,
    Door,
    Heartbeat,
    Hello,
    Outcome,
)
from edge_agent.devices.registry import Compartment, Registry
from tests.devices.hearing import SteppedClock

CLOCK = SteppedClock()
NOW = CLOCK.now()
LATER = NOW.plus(60)


def introduced() -> Registry:
    registry = Registry()
    registry.observe("A", Hello("locker", 16), NOW)
    registry.observe("A", CompartmentState(3, Door.CLOSED, occupied=True), NOW)
    return registry


def test_a_compartment_is_as_it_was_last_reported() -> None:
    registry = introduced()
    assert registry.compartment("A", 3) == Compartment(Door.CLOSED, occupied=True, since=NOW)
    assert registry.compartment("A", 4) == Compartment()
    assert [d.name for d in registry.devices()] == ["A"]


def test_a_report_that_changes_nothing_keeps_its_moment() -> None:
    registry = introduced()
    registry.observe("A", CompartmentState(3, Door.CLOSED, occupied=True), LATER)
    assert registry.compartment("A", 3).since == NOW


def test_the_result_of_a_command_tells_the_door_too() -> None:
    registry = introduced()
    result = CommandResult("c", Outcome.DONE, 3, Door.OPEN, occupied=True)
    registry.observe("A", result, LATER)
    assert registry.compartment("A", 3) == Compartment(Door.OPEN, occupied=True, since=LATER)


def test_the_doors_of_an_absent_bank_are_unknown() -> None:
    registry = introduced()
    registry.attend("A", present=False)
    bank = registry.device("A")
    assert bank is not None
    assert not bank.present
    assert registry.compartment("A", 3) == Compartment()


def test_a_bank_that_introduces_itself_again_keeps_its_doors() -> None:
    registry = introduced()
    registry.observe("A", Hello("locker", 16), LATER)
    assert registry.compartment("A", 3).occupied


def test_a_bank_with_another_number_of_doors_starts_anew() -> None:
    registry = introduced()
    registry.observe("A", Hello("locker", 32), LATER)
    bank = registry.device("A")
    assert bank is not None
    assert len(bank.compartments) == 32
    assert registry.compartment("A", 3) == Compartment()


def test_a_fault_stands_until_it_is_taken_back() -> None:
    registry = introduced()
    registry.observe("A", DeviceFault("no serial line"), NOW)
    registry.observe("A", Heartbeat(), LATER)
    bank = registry.device("A")
    assert bank is not None
    assert bank.fault == "no serial line"
    registry.observe("A", DeviceFault(None), LATER)
    bank = registry.device("A")
    assert bank is not None
    assert bank.fault is None


def test_nothing_is_kept_of_a_device_that_never_introduced_itself() -> None:
    registry = Registry()
    registry.observe("A", CompartmentState(1, Door.OPEN, occupied=None), NOW)
    registry.attend("A", present=True)
    assert registry.device("A") is None
    assert registry.compartment("A", 1) == Compartment()


def test_a_compartment_beyond_the_last_is_nobodys() -> None:
    registry = introduced()
    registry.observe("A", CompartmentState(17, Door.OPEN, occupied=None), NOW)
    assert registry.compartment("A", 17) == Compartment()
