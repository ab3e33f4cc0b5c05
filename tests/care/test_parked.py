from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import RecordedFact
from edge_agent.settings import Access as Key
from edge_agent.storage import Storage, Tx
from edge_agent.storage.dispatcher import Dispatcher, Flow
from edge_agent.web.access import Access
from edge_agent.web.answering import Answering
from edge_agent.web.factory import create_app
from edge_agent.web.parked import parked_routes
from edge_agent.web.sessions import Sessions
from tests.capabilities.world import StillClock, facts
from tests.storage.support import SOLD

KEY = "k7mw-2rfp-x9tc-04hd"


class Ledger:
    """A flow's other end, which refuses until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.booked: list[int] = []

    def book(self, _tx: Tx, fact: RecordedFact, _now: Instant) -> None:
        if not self.mended:
            msg = "no such article"
            raise ValueError(msg)
        self.booked.append(fact.position)


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
async def console(
    storage: Storage, clock: StillClock, ledger: Ledger, key_file: Key
) -> AsyncIterator[httpx.AsyncClient]:
    """Who runs the store's computer, with one fact parked."""
    dispatcher = Dispatcher(storage, [Flow("book it", SOLD.data.TYPE, 60.0, ledger.book)], clock)
    access = Access(Sessions(storage, clock, [key_file]))
    run = Answering(storage, clock)
    app: FastAPI = create_app(
        [parked_routes(storage, dispatcher, clock, access, run)], version="1", simulator_url=""
    )
    await storage.run(lambda tx: tx.record(SOLD, clock.now()))
    await dispatcher.step()
    headers = {"authorization": f"Bearer {KEY}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://test", headers=headers
    ) as client:
        yield client


@pytest.fixture
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Key:
    file = tmp_path_factory.mktemp("keys") / "desk.key"
    file.write_text(KEY)
    file.chmod(0o600)
    return Key(roles=["console"], key_file=file)


async def reasons(console: httpx.AsyncClient) -> list[tuple[int, str, str]]:
    answer = await console.get("/v1/parked")
    return [(one["position"], one["flow"], one["reason"]) for one in answer.json()["parked"]]


async def test_a_parked_fact_is_shown_with_its_reason_and_driven_again_once(
    console: httpx.AsyncClient, ledger: Ledger
) -> None:
    assert await reasons(console) == [(1, "book it", "ValueError: no such article")]
    refused = await console.post("/v1/parked/1/book it/again")
    assert (refused.status_code, refused.json()["code"]) == (409, "refused_again")
    assert "no such article" in refused.json()["detail"]
    ledger.mended = True
    for _ in range(2):
        done = await console.post("/v1/parked/1/book it/again", headers={"idempotency-key": "k"})
        assert done.status_code == 204
    assert (ledger.booked, await reasons(console)) == ([1], [])


async def test_a_parked_effect_is_given_up_aloud(
    console: httpx.AsyncClient, storage: Storage
) -> None:
    assert (await console.post("/v1/parked/1/book it/drop")).status_code == 204
    name, told = (await facts(storage))[-1]
    assert (name, told["flow"]) == ("fact.effect_dropped", "book it")
    gone = await console.post("/v1/parked/1/book it/drop")
    assert (gone.status_code, gone.json()["code"]) == (404, "not_parked")


async def test_nobody_else_sees_what_is_parked(console: httpx.AsyncClient) -> None:
    answer = await console.get("/v1/parked", headers={"authorization": "Bearer nobody"})
    assert answer.status_code == 401
