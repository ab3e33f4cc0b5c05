"""The reference client against the agent's own route; only the sign-in is a stand-in."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from device_profiles.sighting import Sighting
from edge_agent.radio.nearby import BURST, Nearby
from edge_agent.web import problems
from edge_agent.web.nearby import nearby_routes
from simulators.phone.client import Entry, Phone, Refused
from tests.radio.scene import FakeClock

BEACON = "ibeacon:6f2a7c1e-7a0b-4c55-9d0e-3b1f6a52c0de:9:1"


class Store:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.sightings: list[Sighting] = []
        self.enrolled: list[dict[str, object]] = []
        self.located = True
        self.nearby = Nearby(
            {BEACON: "entrance"},
            located=lambda _: "p-1" if self.located else None,
            heard=self.sightings.append,
            clock=self.clock,
        )


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app)
    app.include_router(nearby_routes(store.nearby, shopper=lambda: "p-1"))

    @app.post("/v1/join")
    async def join(body: dict[str, str]) -> dict[str, str]:
        return {"token": "t", "role": "guest" if body["code"] == "new" else "shopper"}

    @app.get("/v1/consents/texts")
    async def texts() -> dict[str, str]:
        return {"version": "2026-11"}

    @app.post("/v1/enrolment", status_code=201)
    async def enrolment(body: dict[str, object]) -> dict[str, str]:
        store.enrolled.append(body)
        return {"shopper": "p-1"}

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as agent:
        yield agent


async def test_a_guest_joins_without_a_beacon_and_agrees_to_what_it_says(
    store: Store, client: httpx.AsyncClient
) -> None:
    await Phone.join(client, "new")
    (body,) = store.enrolled
    assert body["beacon"] is None
    assert body["text_version"] == "2026-11"
    assert body["consents"] == {
        "location": True,
        "advertising": False,
        "night_advertising": False,
    }


async def test_what_the_phone_hears_reaches_the_store_with_its_age(
    store: Store, client: httpx.AsyncClient
) -> None:
    phone = await Phone.join(client, "known")
    assert store.enrolled == []
    used, wait_s = await phone.say([Entry(BEACON, -61, 6.5), Entry("eid:0011", -40, 7.0)], 7.0)
    assert (used, wait_s) == (1, 1.0)
    (sighting,) = store.sightings
    assert (sighting.receiver, sighting.rssi) == ("beacon:entrance", -61)
    assert sighting.at == store.clock.monotonic() - 0.5


async def test_a_store_that_has_had_enough_is_left_alone_for_as_long_as_it_says(
    client: httpx.AsyncClient,
) -> None:
    phone = await Phone.join(client, "known")
    answers = [await phone.say([], 0.0) for _ in range(BURST + 1)]
    assert answers[-1] == (None, 1.0)


async def test_a_refusal_is_told_in_the_stores_words(
    store: Store, client: httpx.AsyncClient
) -> None:
    phone = await Phone.join(client, "known")
    store.located = False
    with pytest.raises(Refused, match="agrees to being located"):
        await phone.say([], 0.0)
