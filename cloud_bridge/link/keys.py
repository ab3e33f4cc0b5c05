"""When the hub is offered the keys of people. Pure: time is an argument.

Keys never lie in the log: they are read from the store's table each time that they are offered,
so that a key which was destroyed meanwhile is offered no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from cloud_bridge.wire.messages import PEOPLE, Ask, PersonKey, Taken

OFFER_AGAIN_S = 5.0
"""First wait for the hub's answer, as long as for a batch's (`uplink.RESEND_S`)."""

LONGEST_WAIT_S = 900.0
"""Cap of the doubling wait: a hub that knows nothing of keys is told as often as it hears hello."""


@dataclass(slots=True)
class KeyOffers:
    """One question at a time. A new connection, and a new epoch, start with a new one."""

    _numbers: Iterator[int] = field(default_factory=count)
    _all_told_at: int | None = None
    _open: str | None = None
    _again_at: float = 0.0
    _tries: int = 0

    def due(self, minted: int, now: float) -> bool:
        """Whether to look for keys that the hub has not taken; `minted` counts those ever made."""
        return now >= self._again_at if self._open is not None else minted != self._all_told_at

    def all_told(self, minted: int) -> None:
        """There was none when `minted` had been made."""
        self._all_told_at, self._open, self._tries = minted, None, 0

    def offer(self, keys: Sequence[PersonKey], now: float) -> Ask:
        """The question that offers `keys`; what an earlier one offered is not waited for."""
        self._open = f"keys-{next(self._numbers)}"
        self._again_at = now + min(LONGEST_WAIT_S, OFFER_AGAIN_S * 2.0 ** min(self._tries, 10))
        self._tries += 1
        return Ask(id=self._open, stream=PEOPLE, above=0, keys=list(keys))

    def answered(self, taken: Taken) -> bool:
        """Whether this answers the question that is open."""
        if taken.answers != self._open:
            return False
        self._open, self._tries = None, 0
        return True

    def due_at(self) -> float | None:
        """When an unanswered question is to be asked again; None when none is open."""
        return self._again_at if self._open is not None else None
