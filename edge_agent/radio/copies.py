"""One identity, several transmitters: which of them is believed.

(uuid, major, minor) is not unique in the field: in one mall 56 of 171 triples came from several
addresses (facts, beacons.md). Nor is the holder of a resolving key: of 50,000 keys one or
another seems to have made one in 335 strangers' addresses. A beacon that was enrolled with its
address counts from there only. For any other the first transmitter heard is believed, and so is
one that takes its place: an address that changes never comes back, so each time the believed one is
heard again after another, there are two. From the third time on, within `TOGETHER_S`, the other is
a copy and does not count until the believed one has been silent for that long.
"""

from dataclasses import dataclass

TOGETHER_S = 15.0
"""Two transmitters heard within this time of each other send at once; the time a gateway that
batches may be late by, so that a phone's old address after its new one is no copy."""

PROVEN_AFTER = 3
"""Returns that prove it; the late reports of a few gateways make one or two."""


@dataclass(slots=True)
class _Pair:
    """The transmitter that is believed, under its hash, and the other that was heard last."""

    believed: int
    heard_at: float
    other: int = 0
    other_at: float = 0.0
    returns: int = 0


class Copies:
    """The transmitters of each enrolled identity, two at most."""

    def __init__(self) -> None:
        self._bound: dict[str, int] = {}
        self._pairs: dict[str, _Pair] = {}

    def bind(self, identity: str, transmitter: int) -> None:
        """Believe `identity` from this transmitter only."""
        self._bound[identity] = transmitter

    def forget(self, identity: str) -> None:
        """Forget what is known of an identity's transmitters."""
        self._bound.pop(identity, None)
        self._pairs.pop(identity, None)

    def shared(self, now_s: float) -> int:
        """How many identities several transmitters send at this time."""
        return sum(
            pair.returns >= PROVEN_AFTER and now_s - pair.other_at < TOGETHER_S
            for pair in self._pairs.values()
        )

    def believed(self, identity: str, transmitter: int, now_s: float) -> bool:
        """Whether a sighting of `identity` from `transmitter` counts; notes that it was heard."""
        if (bound := self._bound.get(identity)) is not None:
            return transmitter == bound
        pair = self._pairs.get(identity)
        if pair is None:
            self._pairs[identity] = _Pair(transmitter, now_s)
            return True
        if transmitter == pair.believed:
            if pair.other and now_s - pair.other_at < TOGETHER_S and pair.heard_at < pair.other_at:
                pair.returns += 1
            pair.heard_at = now_s
            return True
        return self._another(pair, transmitter, now_s)

    def _another(self, pair: _Pair, transmitter: int, now_s: float) -> bool:
        """The believed one gives way after `TOGETHER_S` of silence."""
        if now_s - pair.heard_at >= TOGETHER_S:
            pair.believed, pair.heard_at = transmitter, now_s
            pair.other, pair.returns = 0, 0
            return True
        if now_s - pair.other_at >= TOGETHER_S:
            pair.returns = 0
        pair.other, pair.other_at = transmitter, now_s
        return pair.returns < PROVEN_AFTER
