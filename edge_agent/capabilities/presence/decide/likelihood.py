"""How likely the levels that were heard are in each cell.

With y the level, M what is expected and V its variance, a receiver's log likelihood is
-(y - M)^2 / 2V - ln(V) / 2. Multiplied out, it is a sum of y^2, y and 1, each times something that
only the map knows: so the cells of many tracks are one product of two matrices.

What a beacon sends too strong or too weak for all receivers alike (b, of variance B) is summed
over all its values: that adds (sum of (y - M) / V)^2 / 2 (1/B + sum of 1/V).
"""

from typing import Final

import numpy as np

from edge_agent.capabilities.presence.decide.expectations import Expectations
from edge_agent.capabilities.presence.decide.grid import Array, Flags

PACKET_DB: Final = 1.5
"""Between the mean level of a stand and the mean at its place: channels, people walking by. What
the map itself may be wrong by comes on top, from the survey."""

LEAST_WEIGHT: Final = 0.3
"""Below this a level says nothing: one packet fades out after 1.4 s, which is also how a receiver
that died is left out."""


class Likelihood:
    """The products of one radio map."""

    def __init__(self, expectations: Expectations) -> None:
        mean, variance = expectations.mean, expectations.variance + PACKET_DB**2
        self._map = np.vstack(
            [-0.5 / variance, mean / variance, -0.5 * (mean**2 / variance + np.log(variance))]
        ).astype(np.float32)
        self._common = expectations.common_variance
        self._misses = np.vstack([1 / variance, -mean / variance]).astype(np.float32)
        self._weights = (1 / variance).astype(np.float32)

    def of(self, levels: Array, weights: Array) -> tuple[Array, Flags]:
        """Log likelihoods (tracks, cells), and whether any receiver had something to say (tracks,).

        Args:
            levels: (tracks, receivers) dBm.
            weights: (tracks, receivers), about the number of packets.
        """
        heard: Flags = weights > LEAST_WEIGHT
        counts = heard.astype(np.float32)
        level = counts * levels
        logs = np.hstack([level * levels, level, counts]) @ self._map
        if self._common:
            misses = np.hstack([level, counts]) @ self._misses
            total = counts @ self._weights
            logs += misses**2 / (2 * (total + 1 / self._common))
        return logs, np.any(heard, axis=1)
