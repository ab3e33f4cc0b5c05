"""What was heard of one beacon of late, by receiver: sums that fade out by age."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from edge_agent.capabilities.presence.decide.expectations import USUAL_POWER_DBM
from edge_agent.capabilities.presence.decide.grid import Array
from edge_agent.capabilities.presence.model import Estimate, Receiver

FADE_S: Final = 1.2
"""Age at which a packet counts 1/e. Longer lags behind a walker, shorter is noise."""

FILTERED_FADE_S: Final = 5.0
"""The same for a receiver that reports a mean of its own every 5 s (ESPresense)."""

BELIEVED_DBM: Final = (-120.0, 0.0)
"""Exclusive. Outside, no radio measured it: +42, +29 and 127 occur in the field."""


class Ears:
    """The floor's receivers, as tracks need them."""

    def __init__(self, receivers: Sequence[Receiver], *, relative: bool) -> None:
        self.index = {receiver.id: at for at, receiver in enumerate(receivers)}
        self._stated = [receiver.offset_db for receiver in receivers]
        self.offsets = [*self._stated]
        self.rates = [1 / (FILTERED_FADE_S if r.filtered else FADE_S) for r in receivers]
        self.relative = relative

    def calibrate(self, receiver: str, correction_db: float) -> None:
        """Add so much to what a receiver reports, beside its own `offset_db`."""
        index = self.index.get(receiver)
        if index is not None:
            self.offsets[index] = self._stated[index] + correction_db


class Track:
    """A beacon's recent levels and its last estimate.

    Attributes:
        slot: of the estimator's arrays.
        tick_at: when it was last moved on; infinite until something is heard.
        estimate: at the last tick; None before the first.
    """

    __slots__ = ("ears", "estimate", "heard_at", "power", "power_mw", "slot", "tick_at", "weight")

    def __init__(self, ears: Ears, slot: int) -> None:
        self.ears = ears
        self.slot = slot
        self.tick_at = math.inf
        self.estimate: Estimate | None = None
        self.power = USUAL_POWER_DBM
        self.power_mw = [0.0] * len(ears.offsets)
        self.weight = [0.0] * len(ears.offsets)
        self.heard_at = [-math.inf] * len(ears.offsets)

    def hear(self, receiver: str, rssi: float, at: float, power: float | None = None) -> None:
        """Take in one packet; one that comes late counts by its age.

        Args:
            receiver: of the floor; others are passed over.
            rssi: dBm; what no radio can have measured is passed over.
            at: seconds, on the clock of `Estimator.step`.
            power: dBm at 1 m, as the beacon states it.
        """
        index = self.ears.index.get(receiver)
        if index is None or not BELIEVED_DBM[0] < rssi < BELIEVED_DBM[1]:
            return
        if self.tick_at == math.inf:
            self.tick_at = at
        if power is not None:
            self.power = power
        heard = 10 ** ((rssi + self.ears.offsets[index]) / 10)
        apart = (at - self.heard_at[index]) * self.ears.rates[index]
        if apart >= 0:
            kept = math.exp(-apart)
            self.power_mw[index] = self.power_mw[index] * kept + heard
            self.weight[index] = self.weight[index] * kept + 1
            self.heard_at[index] = at
        else:
            counts = math.exp(apart)
            self.power_mw[index] += heard * counts
            self.weight[index] += counts


def levels(tracks: Sequence[Track]) -> tuple[Array, Array]:
    """Levels (dBm, relative to the beacon's power if the map is) and weights, (tracks, receivers).

    The weight is about the number of packets, each counted by its age at the track's tick; one
    that came long after the tick counts as little as one long before. So of somebody whose ticks
    are made up for (the process was suspended), a packet is evidence for its own moment only.
    """
    ears = tracks[0].ears
    ages = np.array([track.tick_at for track in tracks])[:, None] - [t.heard_at for t in tracks]
    raw = np.array([track.weight for track in tracks])
    means = np.array([track.power_mw for track in tracks]) / np.maximum(raw, 1e-30)
    dbm = 10 * np.log10(np.maximum(means, 1e-12))
    if ears.relative:
        dbm -= np.array([track.power for track in tracks])[:, None]
    weights = raw * np.exp(-np.abs(ages) * ears.rates)
    return dbm.astype(np.float32), weights.astype(np.float32)
