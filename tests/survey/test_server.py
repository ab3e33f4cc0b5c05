from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from edge_agent.survey.command import application
from edge_agent.survey.door import MOST_FAILURES, Door
from edge_agent.survey.server import Health, Survey, survey_plan
from tests.survey.world import BEACON, GROUND, Walk


@pytest.fixture
def walk(tmp_path: Path) -> Walk:
    return Walk(tmp_path / "survey.jsonl.gz.journal")


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def phone(walk: Walk, door: Door, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    plan = survey_plan(GROUND, beacon=BEACON, seconds=60.0, spacing_m=2.0, walls=[], zones=[])
    survey = Survey(
        plan,
        GROUND,
        walk.recorder,
        tmp_path / "survey.jsonl.gz",
        walk.clock,
        {"left": Health("blind", "unplugged", "plug it in")},
    )
    transport = httpx.ASGITransport(application(survey, door))
    async with httpx.AsyncClient(transport=transport, base_url="http://survey") as client:
        yield client


async def join(phone: httpx.AsyncClient, door: Door) -> None:
    answer = await phone.post("/v1/join", json={"code": door.code})
    phone.headers["authorization"] = f"Bearer {answer.json()['token']}"


async def test_nothing_is_told_to_a_phone_that_has_not_joined(phone: httpx.AsyncClient) -> None:
    for path in ("plan", "state"):
        assert (await phone.get(f"/v1/survey/{path}")).status_code == 401


async def test_the_code_lets_one_phone_in(phone: httpx.AsyncClient, door: Door) -> None:
    await join(phone, door)

    assert (await phone.get("/v1/survey/state")).status_code == 200
    again = await phone.post("/v1/join", json={"code": door.code})
    assert again.json()["code"] == "code_unknown"


async def test_guessing_shuts_the_door(phone: httpx.AsyncClient, door: Door) -> None:
    for _ in range(MOST_FAILURES):
        await phone.post("/v1/join", json={"code": "guess"})

    answer = await phone.post("/v1/join", json={"code": door.code})

    assert answer.status_code == 429


async def test_the_page_follows_a_spot_from_beginning_to_verdict(
    phone: httpx.AsyncClient, door: Door, walk: Walk
) -> None:
    await join(phone, door)
    begun = (await phone.post("/v1/survey/spots", json={"x": 1.0, "y": 3.0})).json()
    walk.hear("left")
    running = (await phone.get("/v1/survey/state")).json()["running"]
    walk.clock.monotonic += 60.0
    state = (await phone.get("/v1/survey/state")).json()

    assert begun["running"]["left_s"] == 60.0
    assert running["heard"] == {"left": 20}
    assert state["running"] is None
    assert state["spots"][0]["verdict"] == {
        "packets": 20,
        "deaf": ["middle", "right"],
        "good": False,
    }


async def test_finishing_writes_the_file_and_a_change_after_it_is_not_in_it(
    phone: httpx.AsyncClient, door: Door, walk: Walk, tmp_path: Path
) -> None:
    await join(phone, door)
    empty = await phone.post("/v1/survey/finish")
    walk.record(1.0, 3.0)
    written = (await phone.post("/v1/survey/finish")).json()
    deleted = (await phone.delete("/v1/survey/spots/1")).json()

    assert empty.json()["code"] == "nothing_recorded"
    assert written["written"] == "survey.jsonl.gz"
    assert (tmp_path / "survey.jsonl.gz").exists()
    assert deleted["written"] is None


async def test_a_receiver_that_cannot_hear_is_told_with_its_reason(
    phone: httpx.AsyncClient, door: Door
) -> None:
    await join(phone, door)

    state = (await phone.get("/v1/survey/state")).json()

    assert state["receivers"] == {
        "left": {"state": "blind", "reason": "unplugged", "detail": "plug it in"}
    }


async def test_a_place_that_is_no_number_is_refused(phone: httpx.AsyncClient, door: Door) -> None:
    await join(phone, door)

    answer = await phone.post("/v1/survey/spots", content=b'{"x": NaN, "y": 1}')

    assert answer.status_code == 422
