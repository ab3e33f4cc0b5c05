"""A private message bus in pure Python, so that a simulated org.bluez needs no dbus-daemon.

It speaks the part of the D-Bus specification 0.43 that bleak, dbus-fast, `busctl` and
`bluetoothctl` use: SASL EXTERNAL, names, match rules, routing with the sender stamped.
"""

from simulators.dbus.bus import PrivateBus
from simulators.dbus.codec import Variant
from simulators.dbus.matching import MatchRule, MatchRuleInvalid
from simulators.dbus.message import Kind, Message
from simulators.dbus.peer import Peer
from simulators.dbus.signature import WireError

__all__ = [
    "Kind",
    "MatchRule",
    "MatchRuleInvalid",
    "Message",
    "Peer",
    "PrivateBus",
    "Variant",
    "WireError",
]
