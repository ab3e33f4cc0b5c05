"""Where beacons are: one filter over a grid of cells, good for who stands and for who walks.

A track gathers what each receiver heard of a beacon (`Track.hear`, thousands of times a second);
`Estimator.step` moves many tracks on by whole ticks at once. Between ticks the belief moves as
people move (`motion`); at a tick it is weighed with how likely the levels are in each cell
(`likelihood`). That belief knows at once who walks, and where to; where somebody stands is said
by the average of the same likelihoods over the stand (`standing`). The two are mixed by w^2, w
being the probability of walking: of somebody who stands, w hovers around 0.25, since starting is
assumed far more often than it happens. The zone follows as the cost of a false switch allows
(`switching`).
docs/decisions/0007-where.md says why this and not another method, with figures.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from edge_agent.capabilities.presence.decide.expectations import Expectations, by_geometry
from edge_agent.capabilities.presence.decide.grid import Array, Indices, grid_of
from edge_agent.capabilities.presence.decide.likelihood import Likelihood
from edge_agent.capabilities.presence.decide.motion import MODES, TICK_S, Motion
from edge_agent.capabilities.presence.decide.standing import Standing, peak
from edge_agent.capabilities.presence.decide.survey_map import SurveyPoint, by_survey, is_enough
from edge_agent.capabilities.presence.decide.switching import switch
from edge_agent.capabilities.presence.decide.track import Ears, Track, levels
from edge_agent.capabilities.presence.model import Estimate, Floor

__all__ = ["TICK_S", "Estimator", "SurveyPoint", "Track"]

AT_ONCE: Final = 64
"""Tracks moved on together: enough that numpy's overhead per call is shared by many, few enough
that their beliefs (12 kB each) stay in the processor's caches. 16 cost a third more, measured."""

TRUST: Final = 0.45
"""Exponent of a tick's likelihood for those who may walk: levels of two ticks share most of their
packets, and the map's error of two neighbouring places is much the same."""

LEAST_LOG: Final = -40.0
"""A cell is at most this much less likely than the best one (a log): far below, numbers lose
their precision and the processor its speed."""

LONGEST_GAP_TICKS: Final = 120
"""A track that was not moved on for longer has nothing left to say about where it was: it goes on
from here, and does not make up for an hour tick by tick."""


class Estimator:
    """The beliefs of all tracks on one floor; not safe between threads.

    Attributes:
        cells: (cells, 2) metres.
        surveyed: whether the survey was enough for a map; else it is geometry's.
        expected: (receivers, cells) dBm, receivers in the floor's order; relative to a beacon's
            power at 1 m unless `surveyed`.
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
        self.surveyed = not expectations.relative
        self.expected, self.variance = expectations.mean, expectations.variance
        self._ears = Ears(floor.receivers, relative=expectations.relative)
        self._likelihood = Likelihood(expectations)
        self._motion = Motion(self._grid)
        self._standing = Standing(len(self.cells))
        self._read = _readings(self._grid.shares, self.cells)
        self._read_ahead = self._motion.ahead(self._read)
        self._shape = (self._grid.rows, self._grid.columns)
        self._belief: Array = np.empty((MODES, 0, *self._shape), np.float32)
        self._zone: Indices = np.empty(0, np.intp)
        self._evidence: Array = np.empty((0, len(self._grid.zones)), np.float32)
        self._free: list[int] = []

    def calibrate(self, receiver: str, correction_db: float) -> None:
        """Add so much to what a receiver reports from now on; one not on the floor is passed over.

        It replaces the correction before.
        """
        self._ears.calibrate(receiver, correction_db)

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
        logs, heard = self._likelihood.of(*levels(tracks))
        belief = self._motion.step(self._belief[:, slots])
        belief *= _weights(logs).reshape(len(tracks), *self._shape)
        total = np.einsum("mtrc->t", belief)
        belief *= (1 / total)[:, None, None]
        self._belief[:, slots] = belief
        walking = 1 - belief[0].sum(axis=(1, 2))
        share = walking**2
        standing = self._standing.step(slots, logs, heard, share)
        filtered = self._filtered(belief)
        places = standing @ self._read
        places += share[:, None] * (filtered - places)
        at = peak(standing) @ self.cells
        at += share[:, None] * (filtered[:, -3:-1] - at)
        self._say(tracks, slots, places, at, walking)

    def _filtered(self, belief: Array) -> Array:
        """(tracks, zones + 3): what is read of the filter, its walkers ahead of the radio's lag."""
        tracks = belief.shape[1]
        places = belief[0].reshape(tracks, -1) @ self._read
        for heading, read in zip(belief[1:], self._read_ahead, strict=True):
            places += heading.reshape(tracks, -1) @ read
        return np.asarray(places, np.float32)

    def _say(
        self, tracks: Sequence[Track], slots: Indices, places: Array, at: Array, walking: Array
    ) -> None:
        masses, x, y, square = places[:, :-3], places[:, -3], places[:, -2], places[:, -1]
        spread = np.sqrt(np.maximum(square - x**2 - y**2, 0))
        zone, evidence = switch(self._zone[slots], self._evidence[slots], masses, walking)
        self._zone[slots], self._evidence[slots] = zone, evidence
        zones = self._grid.zones
        columns = (at.tolist(), masses.tolist(), zone.tolist(), spread.tolist())
        for track, (x_m, y_m), shares, index, spread_m in zip(tracks, *columns, strict=True):
            track.estimate = Estimate(
                (x_m, y_m),
                dict(zip(zones, shares, strict=True)),
                zones[index],
                min(1.0, shares[index]),
                spread_m,
            )

    def _forget(self, slot: int) -> None:
        self._belief[0, slot] = 0.5 / len(self.cells)
        self._belief[1:, slot] = 0.5 / len(self.cells) / (MODES - 1)
        self._standing.forget(slot)
        self._zone[slot] = -1
        self._evidence[slot] = 0

    def _grow(self) -> None:
        before = self._belief.shape[1]
        after = max(8, 2 * before)
        belief = np.empty((MODES, after, *self._shape), np.float32)
        belief[:, :before] = self._belief
        self._belief = belief
        self._standing.grow(after)
        self._zone = np.resize(self._zone, after)
        self._evidence = np.resize(self._evidence, (after, len(self._grid.zones)))
        self._free.extend(range(before, after))


def _weights(logs: Array) -> Array:
    """What a tick multiplies each cell of the belief with; 1 at the likeliest."""
    below = TRUST * (logs - logs.max(axis=1, keepdims=True))
    return np.asarray(np.exp(np.maximum(below, LEAST_LOG)), np.float32)


def _expectations(
    floor: Floor, survey: Sequence[SurveyPoint], cells: Array, exponent: float
) -> Expectations:
    if is_enough(floor, survey):
        return by_survey(floor, cells, survey, exponent=exponent)
    return by_geometry(floor, cells, exponent=exponent)


def _readings(shares: Array, cells: Array) -> Array:
    """(cells, zones + 3): a belief times this is mass by zone, mean x, mean y, mean square."""
    return np.hstack([shares, cells, (cells**2).sum(axis=1, keepdims=True)]).astype(np.float32)
