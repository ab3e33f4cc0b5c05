"""The keys of the people who have joined: made with their pseudonym, destroyed when they leave.

Every fact about a person is sealed with their key in the transaction that records it, and what
reads the log opens it while the key lies in the database. Withdrawal deletes the key: what is
queued or was sent stays sealed for ever, and nothing new is recorded. A backup of the database has
the keys of its day.
"""

import os
import secrets
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud_bridge.wire import sealing
from cloud_bridge.wire.facts import Payload
from edge_agent.kernel.facts import Fact, RecordedFact, Seal
from edge_agent.storage import Tx
from edge_agent.storage.reads import Reads
from edge_agent.storage.sealing import JSON, Content

KEY_ID_BYTES: Final = 8
"""Random: among the 50,000 people of a store two share an id once in ten thousand million stores,
and then the second is asked to join again."""

MOST_CIPHERS: Final = 2048
"""Keys held ready (about 1 KiB each): more people than are in a store at a time. Reading and
expanding a key takes 10 us, as long as all the rest of sealing a fact (measured)."""


class PersonKeys:
    """Keeps the keys; the log's `Sealer`. Changes are made on the writer's thread only.

    Attributes:
        minted: how many keys were made since the start, read by the link on the event loop.
    """

    def __init__(self) -> None:
        self.minted = 0
        self._ready: dict[str, tuple[str, AESGCM]] = {}
        self._minting: int | None = None

    def mint(self, tx: Tx, pseudonym: str) -> str:
        """Make `pseudonym` a key, before the first fact about them; its id.

        Who has one keeps it.
        """
        held = self.key_id(tx, pseudonym)
        if held is not None:
            return held
        key_id = secrets.token_hex(KEY_ID_BYTES)
        tx.execute(
            "INSERT INTO person_key (id, pseudonym, key) VALUES (?, ?, ?)",
            (key_id, pseudonym, secrets.token_bytes(sealing.KEY_BYTES)),
        )
        self._minting = tx.group
        tx.after_commit(self._count)
        return key_id

    def destroy(self, tx: Tx, pseudonym: str) -> str | None:
        """Delete the person's key, once and for all; the id that it had, None without one.

        What the log says about them can be opened by nobody from the commit on, waits for no flow
        any more, and nothing is added to it.
        """
        self._ready.pop(pseudonym, None)
        row = tx.execute(
            "DELETE FROM person_key WHERE pseudonym = ? RETURNING id", (pseudonym,)
        ).fetchone()
        if row is None:
            return None
        key_id = str(row["id"])
        tx.scrub()
        tx.execute(
            "DELETE FROM parked WHERE position IN ("
            " SELECT position FROM fact JOIN parked USING (position) WHERE instr(fact.data, ?))",
            (key_id.encode(),),
        )
        return key_id

    def key_id(self, reads: Reads, pseudonym: str) -> str | None:
        """The id of the person's key."""
        row = reads.execute(
            "SELECT id FROM person_key WHERE pseudonym = ?", (pseudonym,)
        ).fetchone()
        return None if row is None else str(row["id"])

    def seal(self, reads: Reads, fact: Fact, *, fact_id: str, group: int) -> Content | None:
        """See `storage.sealing.Sealer`."""
        payload = fact.data
        if not isinstance(payload, Payload) or (person := sealing.person_of(payload)) is None:
            return Content(fact.subject, JSON.encode(payload))
        ready = self._ready.get(person) or self._fetch(reads, person, group)
        if ready is None:
            return None
        key_id, cipher = ready
        nonce = os.urandom(sealing.NONCE_BYTES)
        data = sealing.seal(payload, key_id, cipher, fact_id=fact_id, nonce=nonce)
        subject = sealing.subject_of(key_id) if person in fact.subject else fact.subject
        return Content(subject, data)

    def open(self, reads: Reads, fact: RecordedFact) -> RecordedFact:
        """See `storage.sealing.Sealer`."""
        return open_fact(reads, fact)

    def _fetch(self, reads: Reads, person: str, group: int) -> tuple[str, AESGCM] | None:
        """The person's key from the database; held ready once it is sure to stay there.

        A transaction that mints may be undone, and a key that was never kept must not be used.
        """
        row = reads.execute(
            "SELECT id, key FROM person_key WHERE pseudonym = ?", (person,)
        ).fetchone()
        if row is None:
            return None
        fetched = str(row["id"]), AESGCM(row["key"])
        if group != self._minting:
            if len(self._ready) >= MOST_CIPHERS:
                self._ready.pop(next(iter(self._ready)))
            self._ready[person] = fetched
        return fetched

    def _count(self) -> None:
        self.minted += 1


def open_fact(reads: Reads, fact: RecordedFact) -> RecordedFact:
    """`fact`, opened if its key lies in the database of `reads`; else as it is."""
    if fact.seal is not Seal.CLOSED or (key_id := sealing.key_of(fact.data)) is None:
        return fact
    row = reads.execute("SELECT key FROM person_key WHERE id = ?", (key_id,)).fetchone()
    if row is None:
        return fact
    try:
        data = sealing.opened(fact.data, AESGCM(row["key"]), fact_id=fact.id)
    except sealing.BrokenSeal:
        return fact
    return fact._replace(data=data, seal=Seal.OPENED)
