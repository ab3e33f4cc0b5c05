"""Which zones the receivers that hear can still tell from their neighbours.

A beacon at a cell is heard at the levels that the map expects there, give or take its variance.
Seen from that cell, another cell is as likely as exp(-KL), KL = sum over the receivers that hear
of (M - M')^2 / 2V: the log-likelihood ratio that one look is expected to gather. A zone's *share*
is the probability that so falls on the zone itself, averaged over its cells; a cell that no
receiver would hear counts nothing. A dead receiver lowers the shares of the zones that only it
could tell, and hardly those that others separate.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

LEAST_SHARE: Final = 0.55
"""Below it a look at a beacon in the zone tells hardly more than a coin: two halves that mirror
each other have 0.5."""

LEAST_LEFT: Final = 0.75
"""A zone that all receivers together tell poorly is unknown only when this share of what they could
tell is lost: `edge-agent tune` speaks of poor floors, alarms speak of what broke."""

FAINTEST_DBM: Final = -92.0
"""Below it too few packets get through to place anybody; BLE radios are specified to -70 dBm and
reach -90 to -95."""

MOST_CELLS: Final = 240
"""Compared with each other, cell by cell: 2 ms with twelve receivers, on the event loop."""


class Coverage:
    """What each set of receivers can tell of a floor; made once, read only."""

    def __init__(
        self,
        zones: Sequence[str | None],
        receivers: Sequence[str],
        expected: Array,
        variance: Array,
    ) -> None:
        """Take the map in.

        Args:
            zones: of each cell; None outside all zones.
            receivers: ids, in the order of the rows below.
            expected: dBm by receiver and cell.
            variance: dB^2 by receiver and cell.
        """
        kept = _thinned(zones)
        self._zones = np.array([zones[cell] or "" for cell in kept])
        self._names: tuple[str | None, ...] = tuple(dict.fromkeys(zones[cell] for cell in kept))
        self._rows = {receiver: row for row, receiver in enumerate(receivers)}
        self._expected = np.maximum(expected[:, kept], FAINTEST_DBM)
        self._audible = expected[:, kept] > FAINTEST_DBM
        self._variance = variance[:, kept]
        self._all = self._shares(list(self._rows))

    def shares(self, hearing: Collection[str]) -> Mapping[str | None, float]:
        """By zone, how surely the receivers in `hearing` tell it (0 to 1)."""
        return self._shares([receiver for receiver in self._rows if receiver in hearing])

    def untold(self, hearing: Collection[str]) -> frozenset[str | None]:
        """The zones that the receivers in `hearing` cannot tell and all of them could."""
        shares = self.shares(hearing)
        return frozenset(
            zone
            for zone, share in shares.items()
            if share < min(LEAST_SHARE, LEAST_LEFT * self._all[zone])
        )

    def needed(self, zone: str, blind: Collection[str]) -> tuple[str, ...]:
        """Those of the `blind` receivers that would hear somebody in `zone`."""
        inside = self._zones == zone
        return tuple(
            receiver
            for receiver, row in self._rows.items()
            if receiver in blind and self._audible[row, inside].any()
        )

    def _shares(self, hearing: Sequence[str]) -> dict[str | None, float]:
        cells = len(self._zones)
        gathered = np.zeros((cells, cells))
        audible = np.zeros(cells, dtype=bool)
        for row in (self._rows[receiver] for receiver in hearing):
            levels, variance = self._expected[row], self._variance[row]
            spread = variance[:, None] + variance[None, :]
            gathered += (levels[:, None] - levels[None, :]) ** 2 / spread
            audible |= self._audible[row]
        likely = np.exp(-gathered)
        likely /= likely.sum(axis=1, keepdims=True)
        shares: dict[str | None, float] = {}
        for zone in self._names:
            inside = self._zones == (zone or "")
            own = likely[np.ix_(inside, inside)].sum(axis=1)
            shares[zone] = float((own * audible[inside]).mean())
        return shares


def _thinned(zones: Sequence[str | None]) -> list[int]:
    """At most about `MOST_CELLS` cells, of each zone the same share and one at the least."""
    stride = -(-len(zones) // MOST_CELLS)
    by_zone: dict[str | None, list[int]] = {}
    for cell, zone in enumerate(zones):
        by_zone.setdefault(zone, []).append(cell)
    return sorted(cell for cells in by_zone.values() for cell in cells[::stride])
