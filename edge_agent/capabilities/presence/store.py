"""What presence leaves in the database: facts, and nothing of who has not agreed to it.

Where shoppers are is kept in memory only. A restart begins with nobody known: stays that were
open are not closed in the log, and whoever is still there enters anew.
"""

from collections.abc import Iterable

from edge_agent.capabilities.presence.model import Consents
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Tx


def record(tx: Tx, facts: Iterable[tuple[str, Fact]], consents: Consents, now: Instant) -> None:
    """Record facts about shoppers, each with its pseudonym, of those who still agree.

    Asked in the transaction itself: once a withdrawal is committed, no fact follows it.
    """
    for shopper, fact in facts:
        if consents.location(tx, shopper):
            tx.record(fact, now)
