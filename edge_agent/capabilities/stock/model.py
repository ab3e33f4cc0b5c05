"""One article's line in the ledger."""

from dataclasses import dataclass

from edge_agent.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger says of one article.

    Attributes:
        gtin: GTIN-13.
        on_hand: units in the store, those put aside for orders included.
        reserved: units that open orders hold; more than `on_hand` when a count found too few.
    """

    gtin: str
    on_hand: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        """Units that can still be sold or promised."""
        return max(0, self.on_hand - self.reserved)


@dataclass(frozen=True, slots=True)
class Decision:
    """The entry afterwards, and what is to be recorded."""

    entry: Entry
    fact: Fact
