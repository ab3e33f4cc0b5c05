import pytest

from simulators.dbus import MatchRule, MatchRuleInvalid
from simulators.dbus.message import Message, signal

ADDED = signal(
    "/", "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "o", "/org/bluez/hci0"
).sent_by(":1.2", 1)


def _wants(rule: str, message: Message = ADDED) -> bool:
    return MatchRule.parse(rule).matches(message)


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "type='signal'",
        "type=signal,interface=org.freedesktop.DBus.ObjectManager,member=InterfacesAdded",
        "member='InterfacesAdded',arg0path='/org/bluez/'",
        "arg0='/org/bluez/hci0'",
        "path='/'",
        "path_namespace='/'",
    ],
)
def test_a_rule_whose_conditions_hold_matches(rule: str) -> None:
    assert _wants(rule)


@pytest.mark.parametrize(
    "rule",
    [
        "type='method_call'",
        "member='InterfacesRemoved'",
        "arg0path='/org/bluez/hci1/'",
        "arg0='org.bluez'",
        "arg1='x'",
        "path_namespace='/org/bluez'",
    ],
)
def test_a_rule_with_one_condition_that_fails_does_not_match(rule: str) -> None:
    assert not _wants(rule)


def test_a_namespace_ends_at_a_separator() -> None:
    changed = signal("/org/bluez/hci10", "i.f", "M", "")
    assert _wants("path_namespace='/org/bluez'", changed)
    assert not _wants("path_namespace='/org/bluez/hci1'", changed)
    assert _wants("arg0namespace='org.bluez'", signal("/", "i.f", "M", "s", "org.bluez.mesh"))
    assert not _wants("arg0namespace='org.bluez'", signal("/", "i.f", "M", "s", "org.bluezoo"))


@pytest.mark.parametrize("rule", ["nonsense", "type='thing'", "eavesdrop='true'", "a=b=c'"])
def test_a_rule_that_cannot_be_kept_is_refused(rule: str) -> None:
    with pytest.raises(MatchRuleInvalid):
        MatchRule.parse(rule)
