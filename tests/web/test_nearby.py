"""A phone says which of the store's fixed beacons it hears."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Header

from device_profiles.sighting import Sighting
from edge_agent.radio.nearby import BURST, MOST_PHONES, OLDEST_S, HeardBeacon, Nearby
from edge_agent.web import problems
from edge_agent.web.nearby import MOST_HEARD, nearby_routes
from tests.radio.scene import FakeClock

ENTRANCE = "ibeacon:6f2a7c1e-7a0b-4c55-9d0e-3b1f6a52c0de:9:1"
STRANGER = "ibeacon:6f2a7c1e-7a0b-4c55-9d0e-3b1f6a52c0de:9:2"


class Store:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.located = {"phone:p-1": "p-1", "phone:p-2": "p-2"}
        self.sightings: list[Sighting] = []
        self.nearby = Nearby(
            {ENTRANCE: "entrance"},
            located=self.located.get,
            heard=self.sightings.append,
            clock=self.clock,
        )


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def http(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)

    def asking(who: str = Header(default="p-1")) -> str:
        return who

    app.include_router(nearby_routes(store.nearby, shopper=asking))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
        yield client


def entry(identity: str = ENTRANCE, rssi: float = -60, age_ms: float = 0) -> dict[str, object]:
    return {"identity": identity, "rssi": rssi, "age_ms": age_ms}


async def test_a_fixed_beacon_that_a_phone_hears_is_a_receiver_that_heard_the_phone(
    store: Store, http: httpx.AsyncClient
) -> None:
    answer = await http.post("/v1/nearby", json={"heard": [entry(rssi=-63, age_ms=1500)]})
    assert answer.json() == {"used": 1, "next_ms": 1000}
    at = store.clock.monotonic() - 1.5
    assert store.sightings == [Sighting("beacon:entrance", "phone:p-1", -63, None, at)]


async def test_only_the_stores_own_beacons_count_and_only_while_they_are_news(
    store: Store, http: httpx.AsyncClient
) -> None:
    heard = [
        entry(STRANGER),
        entry(age_ms=OLDEST_S * 1000 + 1),
        entry(rssi=20),
        entry(ENTRANCE.upper().replace("IBEACON", "iBeacon"), rssi=-70),
    ]
    answer = await http.post("/v1/nearby", json={"heard": heard})
    assert answer.json()["used"] == 1
    assert [one.rssi for one in store.sightings] == [-70]


async def test_without_consent_to_location_nothing_is_taken(
    store: Store, http: httpx.AsyncClient
) -> None:
    del store.located["phone:p-1"]
    answer = await http.post("/v1/nearby", json={"heard": [entry()]})
    assert (answer.status_code, answer.json()["code"]) == (403, "location_off")
    assert store.sightings == []


async def test_too_many_reports_are_refused_with_when_to_come_again(
    store: Store, http: httpx.AsyncClient
) -> None:
    report = {"heard": [entry()]}
    answers = [await http.post("/v1/nearby", json=report) for _ in range(BURST + 1)]
    assert [answer.status_code for answer in answers] == [200] * BURST + [429]
    assert answers[-1].json()["code"] == "too_often"
    assert answers[-1].headers["retry-after"] == "1"
    other = await http.post("/v1/nearby", json=report, headers={"who": "p-2"})
    assert other.status_code == 200
    store.clock.advance(1.0)
    assert (await http.post("/v1/nearby", json=report)).status_code == 200


@pytest.mark.parametrize(
    "heard",
    [
        [entry()] * (MOST_HEARD + 1),
        [entry("x" * 200)],
        [entry("no identity")],
        [entry(age_ms=-1)],
        [{"identity": ENTRANCE}],
        [entry() | {"rssi": "loud"}],
    ],
    ids=["many", "long", "words", "future", "no-rssi", "no-number"],
)
async def test_what_is_no_report_is_refused(
    store: Store, http: httpx.AsyncClient, heard: list[object]
) -> None:
    answer = await http.post("/v1/nearby", json={"heard": heard})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert store.sightings == []


def test_rates_are_remembered_for_a_bounded_number_of_phones() -> None:
    clock = FakeClock()
    nearby = Nearby({}, located=lambda who: who, heard=lambda _: None, clock=clock)
    for number in range(MOST_PHONES + 50):
        assert nearby.report(f"p-{number}", [HeardBeacon(ENTRANCE, -60, 0)]) == 0
    assert len(nearby._allowance) == MOST_PHONES
