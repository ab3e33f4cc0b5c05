"""One answer per Idempotency-Key: the same request again gets it again, and has no other effect."""

from dataclasses import dataclass
from typing import Final

from edge_agent.storage.errors import KeyReused
from edge_agent.storage.reads import Reads

RECALL: Final = "SELECT body_hash, status, body FROM answer WHERE key = ?"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as it was given: status and body, byte for byte."""

    status: int
    body: bytes


def forget_answers(tx: Reads, words: str) -> None:
    """Forget the answers whose body names `words`, such as somebody who left."""
    tx.execute("DELETE FROM answer WHERE instr(body, CAST(? AS BLOB))", (words,))


def answer_in(row: tuple[str, int, bytes] | None, body_hash: str) -> Answer | None:
    """What a row of `RECALL` says to a request with `body_hash`.

    Raises:
        KeyReused: the key came with another body.
    """
    if row is None:
        return None
    known, status, body = row
    if known != body_hash:
        raise KeyReused
    return Answer(status, body)
