"""The survey's HTTP: what the phone-sized page shows and does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from edge_agent.kernel.clock import Clock
from edge_agent.kernel.errors import Refused
from edge_agent.survey.door import Door
from edge_agent.survey.files import write_survey
from edge_agent.survey.model import Coverage, Ground, Recorded, Spot, Verdict
from edge_agent.survey.plan import coverage, judged, suggested
from edge_agent.survey.recorder import Recorder

Metres = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]


class Code(BaseModel):
    """The code from the terminal."""

    code: Annotated[str, Field(min_length=1, max_length=40)]


class Begin(BaseModel):
    """Where the beacon is held."""

    x: Metres
    y: Metres


@dataclass(frozen=True, slots=True)
class Plan:
    """What does not change during a survey."""

    beacon: str
    seconds: float
    width_m: float
    height_m: float
    walls: Sequence[tuple[float, float, float, float]]
    zones: Sequence[Mapping[str, object]]
    receivers: Mapping[str, Spot]
    suggested: Sequence[Spot]


@dataclass(frozen=True, slots=True)
class SpotView:
    """A recorded spot; packets by receiver."""

    id: int
    at: Spot
    heard: Mapping[str, int]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class RunningView:
    """The spot that is being recorded."""

    at: Spot
    left_s: float
    heard: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Health:
    """How a receiver is, in the codes and words of `edge_agent.radio.ReceiverHealth`."""

    state: str
    reason: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """What changes: asked for twice a second. `hearing` is the last RSSI by receiver."""

    running: RunningView | None
    hearing: Mapping[str, float]
    receivers: Mapping[str, Health]
    spots: Sequence[SpotView]
    lacking: Coverage
    written: str | None


@dataclass(slots=True)
class Survey:
    """One run of `edge-agent survey`.

    Attributes:
        receivers: health by receiver, kept up to date by the radio.
        written: the file, once it was written and as long as nothing changed since.
    """

    plan: Plan
    ground: Ground
    recorder: Recorder
    out: Path
    clock: Clock
    receivers: dict[str, Health]
    written: str | None = None

    def state(self) -> State:
        """Everything that the page shows, as of now."""
        running = self.recorder.running
        spots = self.recorder.spots
        now = self.clock.now().monotonic
        return State(
            running=None
            if running is None
            else RunningView(running.at, round(running.until - now, 1), _counts(running.rssi)),
            hearing=self.recorder.heard_now(),
            receivers=dict(self.receivers),
            spots=[
                SpotView(one.id, one.at, _counts(one.rssi), judged(one, self.ground))
                for one in spots
            ],
            lacking=coverage(spots, self.ground),
            written=self.written,
        )

    def finish(self) -> None:
        """Write the survey of the spots so far.

        Raises:
            Refused: `still_recording`, `nothing_recorded`.
        """
        if self.recorder.running is not None:
            raise Refused("still_recording", "The last spot is still being recorded.")
        spots: Sequence[Recorded] = self.recorder.spots
        if not any(one.rssi for one in spots):
            raise Refused("nothing_recorded", "Record some spots first.")
        write_survey(self.out, spots)
        self.written = self.out.name


def survey_plan(
    ground: Ground,
    *,
    beacon: str,
    seconds: float,
    spacing_m: float,
    walls: Sequence[tuple[float, float, float, float]],
    zones: Sequence[Mapping[str, object]],
) -> Plan:
    """The plan for the page; `zones` as it draws them: id, name, polygon."""
    return Plan(
        beacon,
        seconds,
        ground.width_m,
        ground.height_m,
        walls,
        zones,
        ground.receivers,
        suggested(ground, spacing_m),
    )


def routes(survey: Survey, door: Door) -> APIRouter:
    """The page's API; all but joining needs the session."""
    router = APIRouter(prefix="/v1", tags=["survey"])
    inside = [Depends(door.enter)]

    @router.post("/join")
    async def join(body: Code) -> dict[str, str]:
        return {"token": door.join(body.code), "role": "surveyor", "subject": ""}

    @router.get("/survey/plan", dependencies=inside)
    async def plan() -> Plan:
        return survey.plan

    @router.get("/survey/state", dependencies=inside)
    async def state() -> State:
        return survey.state()

    @router.post("/survey/spots", status_code=202, dependencies=inside)
    async def begin(body: Begin) -> State:
        survey.recorder.begin(Spot(body.x, body.y), survey.plan.seconds)
        survey.written = None
        return survey.state()

    @router.delete("/survey/spots/running", dependencies=inside)
    async def cancel() -> State:
        survey.recorder.cancel()
        return survey.state()

    @router.delete("/survey/spots/{spot}", dependencies=inside)
    async def delete(spot: int) -> State:
        survey.recorder.delete(spot)
        survey.written = None
        return survey.state()

    @router.post("/survey/finish", dependencies=inside)
    async def finish() -> State:
        survey.finish()
        return survey.state()

    return router


def _counts(rssi: Mapping[str, Sequence[float]]) -> Mapping[str, int]:
    return {receiver: len(values) for receiver, values in rssi.items()}
