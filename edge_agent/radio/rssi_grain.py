"""Whether RSSI arrives in full: BlueZ may swallow every change below 8 dB. Pure.

From 5.88 on it does so unless a client's filter carries RSSI (ours does), and another program's
bug or a later rule may bring it back; a receiver that is coarse places nobody (facts, "What
decides the design", 1).
"""

from enum import StrEnum

THRESHOLD_DB = 8
"""bluez src/adapter.h, RSSI_THRESHOLD."""

WINDOW = 2000
"""Reports after which the counts begin anew, so that what was hours ago weighs nothing; half a
minute of a quiet store."""

TRANSMITTERS = 64
"""Transmitters followed in a window: any few show it, and a bound keeps the work small."""

FEWEST_TRANSMITTERS = 3
"""One beacon may be wired to an attenuator; three that never waver are no coincidence."""

FEWEST_JUMPS = 20
"""Changes of 8 dB and more without a smaller one between. On a radio, fading of 2 to 6 dB makes
at least nine in ten changes smaller: twenty in a row by chance is one in 10^20."""

FEWEST_REPEATS = 1000
"""Reports of exactly the RSSI before, without any change between."""


class Grain(StrEnum):
    """How RSSI arrives."""

    UNKNOWN = "unknown"
    FINE = "fine"
    COARSE = "coarse"


class RssiGrain:
    """Follows the changes of RSSI of a few transmitters of one receiver."""

    def __init__(self) -> None:
        self.grain = Grain.UNKNOWN
        self._last: dict[int, int] = {}
        self._begin()

    def report(self, transmitter: int, rssi: int) -> None:
        """A report of `rssi` dBm; `transmitter` is any number that tells them apart."""
        before = self._last.get(transmitter)
        if before is None:
            if len(self._last) < TRANSMITTERS:
                self._last[transmitter] = rssi
            return
        self._last[transmitter] = rssi
        self._reports += 1
        change = abs(rssi - before)
        if change == 0:
            self._repeats += 1
        elif change < THRESHOLD_DB:
            self._small += 1
        else:
            self._jumps += 1
        if self._small or self._reports >= WINDOW or self._enough():
            self._judge()

    def _enough(self) -> bool:
        return self._jumps >= FEWEST_JUMPS or self._repeats >= FEWEST_REPEATS

    def _judge(self) -> None:
        if self._small:
            self.grain = Grain.FINE
        elif self._enough() and len(self._last) >= FEWEST_TRANSMITTERS:
            self.grain = Grain.COARSE
        if self._reports >= WINDOW:
            self._last.clear()
            self._begin()

    def _begin(self) -> None:
        self._reports = self._repeats = self._small = self._jumps = 0
