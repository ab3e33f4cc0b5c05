"""A floor of two zones and three receivers, and a beacon that each of them hears."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from device_profiles.sighting import Sighting
from edge_agent.kernel.clock import Instant
from edge_agent.survey.files import Journal
from edge_agent.survey.model import Area, Ground, Spot
from edge_agent.survey.recorder import Recorder

BEACON = "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:1:7"

GROUND = Ground(
    8.0,
    6.0,
    (
        Area("shoes", (Spot(0, 0), Spot(4, 0), Spot(4, 6), Spot(0, 6))),
        Area("denim", (Spot(4, 0), Spot(8, 0), Spot(8, 6), Spot(4, 6))),
    ),
    {"left": Spot(1, 3), "middle": Spot(4, 3), "right": Spot(7, 3)},
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.monotonic = 100.0

    def now(self) -> Instant:
        wall = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=self.monotonic)
        return Instant(wall, self.monotonic)


class Walk:
    """A survey on its way; what is heard is put in by hand."""

    def __init__(self, file: Path) -> None:
        self.clock = Clock()
        self.journal = Journal(file)
        self.recorder = Recorder(GROUND, self.journal, self.clock)

    def hear(self, receiver: str, times: int = 20, rssi: float = -60.0) -> None:
        for _ in range(times):
            self.recorder.hear(Sighting(receiver, BEACON, rssi, None, self.clock.monotonic))

    def record(
        self, x: float, y: float, receivers: tuple[str, ...] = tuple(GROUND.receivers)
    ) -> None:
        self.recorder.begin(Spot(x, y), 60.0)
        for receiver in receivers:
            self.hear(receiver)
        self.clock.monotonic += 60.0
        assert self.recorder.running is None
