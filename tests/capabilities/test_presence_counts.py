"""Counts and heat: of at least k people, and nobody can say of whom."""

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
from fastapi import FastAPI, HTTPException

from cloud_bridge.wire.facts.presence import ZoneCounted
from edge_agent.capabilities.presence.decide.counts import HourOfZones, mark
from edge_agent.capabilities.presence.decide.heat import HOURS, Heat
from edge_agent.capabilities.presence.decide.tally import Tally
from edge_agent.capabilities.presence.model import Policy
from edge_agent.capabilities.presence.routes import routes
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage
from tests.capabilities.radio_world import FLOOR, POLICY, Day, People
from tests.capabilities.world import MORNING, StillClock, facts

NINE = datetime.fromisoformat("2026-11-22T09:00:00Z")
TEN = NINE + timedelta(hours=1)
SALT = bytes(16)
SHOES, TILLS = (3.0, 2.5), (11.5, 11.5)


def marks(number: int) -> list[bytes]:
    return [mark(f"shopper-{n}", SALT) for n in range(number)]


def counted(told: tuple[Fact, ...]) -> dict[str, int | None]:
    return {
        fact.data.zone: fact.data.shoppers for fact in told if isinstance(fact.data, ZoneCounted)
    }


def test_a_zone_with_fewer_than_k_people_says_fewer_and_nothing_else() -> None:
    hour = HourOfZones(["shoes", "tills", "denim"], NINE)
    for who in marks(5):
        hour.add("shoes", who)
        hour.add("shoes", who)
    for who in marks(4):
        hour.add("tills", who)
    told = hour.close(TEN, {"shoes": 12.34}, at_least=5)
    assert counted(told) == {"shoes": 5, "tills": None, "denim": None}
    first = told[0].data
    assert isinstance(first, ZoneCounted)
    assert (first.since, first.until, first.at_least, first.unknown_s) == (NINE, TEN, 5, 12.3)


def test_who_withdraws_is_not_counted() -> None:
    hour = HourOfZones(["shoes"], NINE)
    for who in marks(5):
        hour.add("shoes", who)
    hour.forget(marks(5)[2])
    assert counted(hour.close(TEN, {}, at_least=5)) == {"shoes": None}


def test_a_mark_is_another_under_another_salt() -> None:
    assert mark("anna", SALT) != mark("anna", b"x" * 16)
    assert mark("anna", SALT) != mark("ben", SALT)
    assert b"anna" not in mark("anna", SALT)


def test_a_cell_shows_its_seconds_only_from_k_people_on() -> None:
    heat = Heat(10, 5, at_least=3, since=NINE)
    for who in marks(2):
        heat.add((1.5, 0.5), 30.0, who)
        heat.add((9.99, 5.0), 1.0, who)
    (hour,) = heat.hours(HOURS)
    assert np.isnan(hour.seconds).all()
    heat.add((1.5, 0.5), 30.0, marks(3)[2])
    (hour,) = heat.hours(HOURS)
    assert hour.seconds.shape == (5, 10)
    assert hour.seconds[0, 1] == 90.0
    assert np.isnan(hour.seconds[4, 9])


def test_who_withdraws_is_not_one_of_the_k() -> None:
    heat = Heat(10, 5, at_least=2, since=NINE)
    first, second = marks(2)
    heat.add((1.5, 0.5), 30.0, first)
    heat.forget(first)
    heat.add((1.5, 0.5), 30.0, second)
    assert np.isnan(heat.hours(1)[0].seconds).all()


def test_a_day_is_kept_and_no_more_the_newest_first() -> None:
    heat = Heat(10, 5, at_least=1, since=NINE)
    for hour in range(30):
        heat.add((0.5, 0.5), float(hour), b"")
        heat.turn(NINE + timedelta(hours=hour + 1))
    kept = heat.hours(HOURS)
    assert len(kept) == HOURS
    assert [one.since for one in kept[:2]] == [NINE + timedelta(hours=h) for h in (30, 29)]
    assert kept[1].seconds[0, 0] == 29.0


def test_a_hall_gets_larger_cells() -> None:
    heat = Heat(500, 500, at_least=5, since=NINE)
    assert heat.columns * heat.rows <= 10_000
    heat.add((499.9, 499.9), 1.0, b"")


async def test_each_hour_is_counted_once_and_names_nobody(
    storage: Storage, clock: StillClock, tmp_path: Path
) -> None:
    people = [f"shopper-{n}" for n in range(POLICY.counts_at_least)]
    day = Day(storage, clock, People(*people))
    await day.stand(3, **dict.fromkeys(people, SHOES))
    await day.stand(3, **{people[0]: TILLS})
    clock.advance(3600)
    await day.presence.tick()
    told = await facts(storage, "store.presence.zone_counted")
    assert {data["zone"]: data["shoppers"] for _, data in told} == {
        zone.id: POLICY.counts_at_least if zone.id == "shoes" else None for zone in FLOOR.zones
    }
    assert not any("shopper-" in str(data) for _, data in told)
    clock.advance(60)
    await day.presence.tick()
    assert len(await facts(storage, "store.presence.zone_counted")) == len(FLOOR.zones)


@pytest.fixture
async def crowd(storage: Storage, clock: StillClock) -> Day:
    people = [f"shopper-{n}" for n in range(4 * POLICY.counts_at_least)]
    day = Day(storage, clock, People(*people))
    await day.stand(10, **dict.fromkeys(people, SHOES))
    return day


async def test_the_heat_map_is_for_the_console_and_tells_hours_and_cells(crowd: Day) -> None:
    def console() -> str:
        return "console"

    async with client(crowd, console) as http:
        told = (await http.get("/v1/floor/heat", params={"hours": 2})).json()
        assert (told["cell_m"], told["columns"], told["rows"]) == (1.0, 24, 14)
        assert told["at_least"] == POLICY.counts_at_least
        (hour,) = told["hours"]
        assert datetime.fromisoformat(hour["from"]) == MORNING.wall
        cells = [(cell, row) for row in hour["seconds"] for cell in row]
        assert len(cells) == 24 * 14
        seconds = sum(cell for cell, _ in cells if cell is not None)
        assert 0 < seconds <= 10 * 4 * POLICY.counts_at_least
        assert (await http.get("/v1/floor/heat", params={"hours": 25})).status_code == 422


async def test_the_heat_map_is_for_nobody_else(crowd: Day) -> None:
    def nobody() -> str:
        raise HTTPException(403)

    async with client(crowd, nobody) as http:
        assert (await http.get("/v1/floor/heat")).status_code == 403


def client(day: Day, console: object) -> httpx.AsyncClient:
    app = FastAPI()
    app.include_router(routes(day.presence, console=console))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://store")


def test_the_hours_are_the_stores_own_where_they_begin_at_half_past() -> None:
    policy = Policy(timezone=ZoneInfo("Asia/Kolkata"))
    tally = Tally(FLOOR, policy, now=NINE, salt=SALT)
    assert not tally.over(NINE + timedelta(minutes=29))
    assert tally.over(NINE + timedelta(minutes=30))
    tally.turn(NINE + timedelta(minutes=30), SALT)
    assert not tally.over(TEN)
    assert tally.over(TEN + timedelta(minutes=30))
