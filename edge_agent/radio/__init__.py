"""Radio: every receiver of the store, from bytes off the air to sightings, blind told from gone."""

from edge_agent.radio.canaries import Canaries, Canary
from edge_agent.radio.counters import Heard, Ignored
from edge_agent.radio.identities import Identities
from edge_agent.radio.listening import FILTERED_KINDS, ReceiverSettings, listen
from edge_agent.radio.scanner import ScanPolicy
from edge_agent.radio.store_broker import GatewayPolicy
from edge_agent.radio.watchdog import Concern, Reason, ReceiverHealth, ReceiverState, Step

__all__ = [
    "FILTERED_KINDS",
    "Canaries",
    "Canary",
    "Concern",
    "GatewayPolicy",
    "Heard",
    "Identities",
    "Ignored",
    "Reason",
    "ReceiverHealth",
    "ReceiverSettings",
    "ReceiverState",
    "ScanPolicy",
    "Step",
    "listen",
]
