"""Where beacons are: one filter over a grid of cells, good for who stands and for who walks.

A track gathers what each receiver heard of a beacon (`Track.hear`, thousands of times a second);
`Estimator.step` moves many tracks on by whole ticks at once. Between ticks the belief moves as
people move (`motion`); at a tick it is weighed with how likely the levels are in each cell
(`likelihood`); the zone follows the belief as the cost of a false switch allows (`switching`).
docs/decisions/0007-where.md says why this and not another method, with figures.
"""

from collections.abc import Sequence

import numpy as np

from edge_agent.capabilities.presence.decide.expectations import Expectations, by_geometry
from edge_agent.capabilities.presence.decide.grid import Array, grid_of
from edge_agent.capabilities.presence.decide.likelihood import Likelihood
from edge_agent.capabilities.presence.decide.motion import MODES, TICK_S, Motion
from edge_agent.capabilities.presence.decide.survey_map import SurveyPoint, by_survey
from edge_agent.capabilities.presence.decide.switching import Indices, switch
from edge_agent.capabilities.presence.decide.track import Ears, Track, levels
from edge_agent.capabilities.presence.model import Estimate, Floor

__all__ = ["TICK_S", "Estimator", "SurveyPoint", "Track"]

AT_ONCE = 32
"""Tracks moved on together: their beliefs stay in the processor's second cache."""

LONGEST_GAP_TICKS = 120
"""A track that was not moved on for longer has nothing left to say about where it was: it goes on
from here, and does not make up for an hour tick by tick."""


class Estimator:
    """The beliefs of all tracks on one floor; not safe between threads.

    Attributes:
        cells: (cells, 2) metres.
        expected: (receivers, cells) dBm, receivers in the floor's order; without a survey relative
            to a beacon's power at 1 m.
        variance: (receivers, cells) dB^2 around it.
    """

    def __init__(
        self,
        floor: Floor,
        survey: Sequence[SurveyPoint] = (),
        *,
        path_loss_exponent: float = 2.4,
    ) -> None:
        self._grid = grid_of(floor)
        self.cells = self._grid.centres
        expectations = _expectations(floor, survey, self.cells, path_loss_exponent)
        self.expected, self.variance = expectations.mean, expectations.variance
        self._ears = Ears(floor.receivers, relative=expectations.relative)
        self._likelihood = Likelihood(expectations)
        self._motion = Motion(self._grid)
        self._read = _readings(self._grid.shares, self.cells)
        self._shape = (self._grid.rows, self._grid.columns)
        self._belief: Array = np.empty((MODES, 0, *self._shape), np.float32)
        self._zone: Indices = np.empty(0, np.intp)
        self._evidence: Array = np.empty((0, len(self._grid.zones)), np.float32)
        self._free: list[int] = []

    def track(self) -> Track:
        """A track for a beacon of which nothing was heard yet; `release` it when it is gone."""
        if not self._free:
            self._grow()
        slot = self._free.pop()
        self._forget(slot)
        return Track(self._ears, slot)

    def release(self, track: Track) -> None:
        """Give the track's slot to another; the track is not to be used any more."""
        self._free.append(track.slot)

    def step(self, tracks: Sequence[Track], now: float) -> list[Estimate | None]:
        """Move each track on by the whole ticks since its last one, and say where it is.

        A track ticks from its first sighting on; before, its estimate is None.
        """
        for track in tracks:
            self._skip_gap(track, now)
        while due := [track for track in tracks if track.tick_at + TICK_S <= now]:
            for start in range(0, len(due), AT_ONCE):
                self._tick(due[start : start + AT_ONCE])
        return [track.estimate for track in tracks]

    def _skip_gap(self, track: Track, now: float) -> None:
        behind = (now - track.tick_at) / TICK_S
        if LONGEST_GAP_TICKS < behind < np.inf:
            track.tick_at += (behind // 1 - 1) * TICK_S
            self._forget(track.slot)

    def _tick(self, tracks: Sequence[Track]) -> None:
        for track in tracks:
            track.tick_at += TICK_S
        slots = np.array([track.slot for track in tracks])
        belief = self._motion.step(self._belief[:, slots])
        weights = self._likelihood.of(*levels(tracks))
        belief *= weights.reshape(len(tracks), *self._shape)
        belief /= belief.sum(axis=(0, 2, 3))[:, None, None]
        self._belief[:, slots] = belief
        self._say(tracks, slots, belief)

    def _say(self, tracks: Sequence[Track], slots: Indices, belief: Array) -> None:
        by_mode = belief.sum(axis=(2, 3)).T
        places = belief.sum(axis=0).reshape(len(tracks), -1) @ self._read
        masses, moments = places[:, :-3], places[:, -3:]
        walking = 1 - by_mode[:, 0]
        ahead = moments[:, :2] + by_mode @ self._motion.ahead
        spread = np.sqrt(np.maximum(moments[:, 2] - (moments[:, :2] ** 2).sum(axis=1), 0))
        zone, evidence = switch(self._zone[slots], self._evidence[slots], masses, walking)
        self._zone[slots], self._evidence[slots] = zone, evidence
        zones = self._grid.zones
        for row, track in enumerate(tracks):
            shares = masses[row].tolist()
            track.estimate = Estimate(
                (float(ahead[row, 0]), float(ahead[row, 1])),
                dict(zip(zones, shares, strict=True)),
                zones[zone[row]],
                min(1.0, shares[zone[row]]),
                float(spread[row]),
            )

    def _forget(self, slot: int) -> None:
        self._belief[0, slot] = 0.5 / len(self.cells)
        self._belief[1:, slot] = 0.5 / len(self.cells) / (MODES - 1)
        self._zone[slot] = -1
        self._evidence[slot] = 0

    def _grow(self) -> None:
        before = self._belief.shape[1]
        after = max(8, 2 * before)
        belief = np.empty((MODES, after, *self._shape), np.float32)
        belief[:, :before] = self._belief
        self._belief = belief
        self._zone = np.resize(self._zone, after)
        self._evidence = np.resize(self._evidence, (after, len(self._grid.zones)))
        self._free.extend(range(before, after))


def _expectations(
    floor: Floor, survey: Sequence[SurveyPoint], cells: Array, exponent: float
) -> Expectations:
    return (
        by_survey(floor, cells, survey) if survey else by_geometry(floor, cells, exponent=exponent)
    )


def _readings(shares: Array, cells: Array) -> Array:
    """(cells, zones + 3): a belief times this is mass by zone, mean x, mean y, mean square."""
    return np.hstack([shares, cells, (cells**2).sum(axis=1, keepdims=True)]).astype(np.float32)
