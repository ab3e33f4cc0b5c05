"""Radio: every receiver of the store, from bytes off the air to sightings, blind told from gone."""

from edge_agent.radio.counters import Heard, Ignored
from edge_agent.radio.identities import Identities
from edge_agent.radio.listening import FILTERED_KINDS, ReceiverSettings, listen
from edge_agent.radio.scanner import ScanPolicy
from edge_agent.radio.store_broker import GatewayPolicy
from edge_agent.radio.watchdog import Reason, ReceiverHealth, ReceiverState

__all__ = [
    "FILTERED_KINDS",
    "GatewayPolicy",
    "Heard",
    "Identities",
    "Ignored",
    "Reason",
    "ReceiverHealth",
    "ReceiverSettings",
    "ReceiverState",
    "ScanPolicy",
    "listen",
]
