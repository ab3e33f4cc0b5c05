"""Where trolleys and badges are: presence's estimator, asked by the room of the store's beacons."""

from collections.abc import Iterable, Mapping

from device_profiles.sighting import Sighting
from edge_agent.capabilities.beacons.model import Place
from edge_agent.capabilities.presence.decide.estimator import Estimator, SurveyPoint, Track
from edge_agent.capabilities.presence.model import Floor


class Things:
    """A track for each thing from its first sighting on; things are not forgotten."""

    def __init__(
        self, floor: Floor, survey: Iterable[SurveyPoint], *, path_loss_exponent: float
    ) -> None:
        self._estimator = Estimator(floor, tuple(survey), path_loss_exponent=path_loss_exponent)
        self._tracks: dict[str, Track] = {}

    def hear(self, thing: str, sighting: Sighting) -> None:
        """Take in a sighting."""
        track = self._tracks.get(thing)
        if track is None:
            track = self._tracks[thing] = self._estimator.track()
        track.hear(sighting.receiver, sighting.rssi, sighting.at, sighting.power)

    def calibrate(self, receiver: str, correction_db: float) -> None:
        """Add so much to what a receiver reports from now on: it has drifted."""
        self._estimator.calibrate(receiver, correction_db)

    def where(self, things: Iterable[str], now: float) -> Mapping[str, Place]:
        """Where these are; without those of which nothing was heard yet."""
        known = {thing: track for thing in things if (track := self._tracks.get(thing))}
        estimates = self._estimator.step(list(known.values()), now)
        return {
            thing: Place(*estimate.at, estimate.zone, estimate.confidence)
            for thing, estimate in zip(known, estimates, strict=True)
            if estimate is not None
        }
