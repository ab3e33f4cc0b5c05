"""How the log keeps what it says about people from whoever has no key of theirs."""

from typing import Final, NamedTuple, Protocol

import msgspec

from edge_agent.kernel.facts import Fact, RecordedFact
from edge_agent.storage.statements import Reads


class Content(NamedTuple):
    """What of a fact is written: its subject, and its payload as JSON."""

    subject: str
    data: bytes


JSON: Final = msgspec.json.Encoder()


class Sealer(Protocol):
    """Seals what is recorded and opens what is read, with keys that lie in the database.

    Called on whichever thread has the transaction.
    """

    def seal(self, reads: Reads, fact: Fact, *, fact_id: str, group: int) -> Content | None:
        """What is written of `fact`; None when it is about somebody who has no key: nothing.

        `group` numbers the transaction, see `Tx`.
        """
        ...

    def open(self, reads: Reads, fact: RecordedFact) -> RecordedFact:
        """`fact`, opened when it is sealed and its key is there; as it is otherwise."""
        ...


class NoSealer:
    """Writes everything as it is: for a log without people."""

    def seal(self, _reads: Reads, fact: Fact, *, fact_id: str, group: int) -> Content:
        """All of `fact`."""
        return Content(fact.subject, JSON.encode(fact.data))

    def open(self, _reads: Reads, fact: RecordedFact) -> RecordedFact:
        """`fact` itself."""
        return fact
