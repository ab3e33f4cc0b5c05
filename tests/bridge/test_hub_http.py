"""The hub's HTTP, over its ASGI application and a database of its own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from cloud_bridge.hub.access import ATTEMPTS, SESSION_LASTS, Keys
from cloud_bridge.hub.database import Database, open_database
from cloud_bridge.hub.desk import Desk
from cloud_bridge.hub.live import Live
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.hub.views import Catalogue, Views
from cloud_bridge.hub.watch import LOOK_AGAIN, while_allowed
from cloud_bridge.hub.web import make_app

OPERATOR, PROGRAM = "operator-key-0123456789", "program-key-0123456789"
ORDER = {
    "lines": [{"gtin": "8800000001012", "quantity": 1, "name": {"ko": "러너", "en": "Runner"}}],
    "collector": "김민지",
    "phone_last4": "1234",
}
CAMPAIGN = {
    "title": {"ko": "할인", "en": "Offer"},
    "text": {"ko": "(광고) 할인", "en": "(ad) Offer"},
    "zone": "shoes",
    "gtins": ["8800000001012"],
    "discount": 5000,
    "currency": "KRW",
    "starts": "2026-11-01T00:00:00Z",
    "ends": "2026-12-01T00:00:00Z",
}


@dataclass
class Site:
    client: httpx.AsyncClient
    database: Database
    live: Live
    views: Views
    poked: list[str]
    now: datetime = datetime(2026, 11, 22, 9, tzinfo=UTC)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:  # noqa: ANN401 - JSON
        sent = {"authorization": f"Bearer {PROGRAM}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return await self.client.post(path, json=body, headers=sent)

    async def put(self, path: str, body: Any) -> httpx.Response:  # noqa: ANN401 - JSON
        headers = {"authorization": f"Bearer {PROGRAM}"}
        return await self.client.put(path, json=body, headers=headers)

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers={"authorization": f"Bearer {PROGRAM}"})

    async def sign_in(self, key: str = OPERATOR) -> httpx.Response:
        return await self.client.post("/v1/session", json={"key": key})


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_database(tmp_path / "hub.db") as database:
        for name in ("store-1", "store-2"):
            await database.run(partial(stores.add, store=name))
        live, poked = Live(), list[str]()
        views = Views(database, live, Catalogue(), clock=lambda: running.now, ca=False)
        desk = Desk(
            database=database,
            live=live,
            keys=Keys(operator=OPERATOR, api=PROGRAM),
            clock=lambda: running.now,
            stores=("store-1", "store-2"),
            poke=poked.append,
            changed=views.changed,
        )
        transport = httpx.ASGITransport(make_app(desk, tmp_path / "pages"))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            running = Site(client, database, live, views, poked)
            yield running


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/stores"),
        ("GET", "/v1/stores/store-1/facts"),
        ("GET", "/v1/stores/store-1/orders"),
        ("POST", "/v1/stores/store-1/orders"),
        ("POST", "/v1/stores/store-1/orders/W-1/cancel"),
        ("PUT", "/v1/campaigns/autumn"),
        ("DELETE", "/v1/campaigns/autumn"),
        ("GET", "/v1/campaigns"),
        ("GET", "/v1/live"),
        ("GET", "/v1/session"),
        ("GET", "/v1/quarantine"),
        ("POST", "/v1/quarantine/store-1/x/again"),
        ("DELETE", "/v1/quarantine/store-1/x"),
        ("GET", "/v1/alarms"),
        ("DELETE", "/v1/alarms/store-1/cloned_gateway"),
    ],
)
async def test_nobody_comes_in_without_a_key_or_a_session(
    site: Site, method: str, path: str
) -> None:
    answer = await site.client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_key_signs_in_for_a_working_day(site: Site) -> None:
    answer = await site.sign_in()
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 204
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert (await site.client.get("/v1/session")).json() == {"role": "operator"}
    held = await site.database.read(lambda tx: tx.row("SELECT * FROM session"))
    assert held is not None
    assert held["token_hash"] not in cookie
    site.now += SESSION_LASTS
    assert (await site.client.get("/v1/session")).status_code == 401


async def test_signing_out_ends_the_session_at_the_hub(site: Site) -> None:
    await site.sign_in()
    token = site.client.cookies["aisle_hub"]
    await site.client.delete("/v1/session")
    site.client.cookies.set("aisle_hub", token)
    assert (await site.client.get("/v1/session")).status_code == 401


async def test_guessing_is_braked(site: Site) -> None:
    for _ in range(ATTEMPTS):
        assert (await site.sign_in("a wrong key")).status_code == 401
    assert (await site.sign_in()).status_code == 429
    site.now += timedelta(minutes=1)
    assert (await site.sign_in()).status_code == 204


async def test_an_order_is_placed_once_per_idempotency_key(site: Site) -> None:
    first = await site.post("/v1/stores/store-1/orders", ORDER, idempotency_key="k-1")
    again = await site.post("/v1/stores/store-1/orders", ORDER, idempotency_key="k-1")
    other = await site.post(
        "/v1/stores/store-1/orders", ORDER | {"phone_last4": "9999"}, idempotency_key="k-1"
    )
    assert (first.status_code, first.json()) == (201, {"order": "W-1001", "sequence": 1})
    assert (again.status_code, again.json()) == (201, first.json())
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    orders = (await site.get("/v1/stores/store-1/orders")).json()["orders"]
    assert [(each["order"], each["state"]) for each in orders] == [("W-1001", "placed")]
    assert set(site.poked) == {"store-1"}


async def test_an_order_number_is_given_once_per_store(site: Site) -> None:
    named = ORDER | {"order": "W-7"}
    assert (await site.post("/v1/stores/store-1/orders", named)).status_code == 201
    assert (await site.post("/v1/stores/store-2/orders", named)).status_code == 201
    again = await site.post("/v1/stores/store-1/orders", named)
    assert (again.status_code, again.json()["code"]) == (409, "order_exists")


async def test_a_refused_request_leaves_no_hole_in_the_command_log(site: Site) -> None:
    await site.post("/v1/stores/store-1/orders", ORDER | {"order": "W-7"})
    await site.post("/v1/stores/store-1/orders", ORDER | {"order": "W-7"})
    cancel = await site.post("/v1/stores/store-1/orders/W-7/cancel", {"reason": "customer"})
    assert (cancel.status_code, cancel.json()["sequence"]) == (202, 2)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"lines": []}, "lines"),
        ({"phone_last4": "12"}, "phone_last4"),
        ({"collector": "x" * 81}, "collector"),
        ({"order": "../etc"}, "order"),
        ({"surprise": 1}, "surprise"),
        ({"collect_by": "2026-11-22T10:00:00"}, "collect_by"),
    ],
)
async def test_a_body_that_makes_no_order_is_refused_by_field(
    site: Site, change: dict[str, Any], where: str
) -> None:
    answer = await site.post("/v1/stores/store-1/orders", ORDER | change)
    assert answer.status_code == 422
    assert where in answer.json()["detail"]


async def test_unknown_stores_orders_and_campaigns_are_404(site: Site) -> None:
    assert (await site.post("/v1/stores/nowhere/orders", ORDER)).status_code == 404
    reason = {"reason": "customer"}
    assert (await site.post("/v1/stores/store-1/orders/W-9/cancel", reason)).status_code == 404
    gone = await site.client.delete(
        "/v1/campaigns/none", headers={"authorization": f"Bearer {PROGRAM}"}
    )
    assert gone.status_code == 404


async def test_a_campaign_goes_to_the_stores_it_names_and_leaves_those_it_no_longer_names(
    site: Site,
) -> None:
    everywhere = await site.put("/v1/campaigns/autumn", CAMPAIGN)
    assert everywhere.json()["stores"] == ["store-1", "store-2"]
    one = await site.put("/v1/campaigns/autumn", CAMPAIGN | {"stores": ["store-1"]})
    assert one.json()["stores"] == ["store-2"]
    unchanged = await site.put("/v1/campaigns/autumn", CAMPAIGN | {"stores": ["store-1"]})
    assert unchanged.json()["stores"] == []
    [campaign] = (await site.get("/v1/campaigns")).json()["campaigns"]
    assert (campaign["id"], campaign["stores"], campaign["offered"]) == ("autumn", ["store-1"], 0)


async def test_a_request_larger_than_its_limit_is_refused_unread(site: Site) -> None:
    answer = await site.post("/v1/stores/store-1/orders", {"pad": "x" * 70_000})
    assert answer.status_code == 413

    async def endless() -> AsyncIterator[bytes]:
        yield b"x"

    chunked = await site.client.post("/v1/session", content=endless())
    assert chunked.status_code == 411


async def test_the_page_says_how_it_is_built_when_it_is_not(site: Site, tmp_path: Path) -> None:
    answer = await site.client.get("/")
    assert (answer.status_code, "npm run build" in answer.text) == (503, True)
    page = tmp_path / "pages" / "hub" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<!doctype html>", encoding="utf-8")
    answer = await site.client.get("/")
    assert answer.status_code == 200
    assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]


async def test_health_is_open(site: Site) -> None:
    assert (await site.client.get("/v1/health")).json()["status"] == "ok"


async def test_a_reader_gets_the_latest_value_of_each_name_and_only_what_it_has_not_seen() -> None:
    live = Live()
    for number in range(5):
        await live.publish("orders", b"%d" % number)
    await live.publish("stores", b'"x"')
    reader = live.read(None)
    first, second = [await anext(reader) for _ in range(2)]
    assert (b"data: 4\n" in first, b'data: "x"\n' in second) == (True, True)
    seen = second.split(b"id: ")[1].split(b"\n")[0].decode()
    await live.publish("orders", b"5")
    resumed = live.read(seen)
    assert b"data: 5\n" in await anext(resumed)
    await live.close()
    assert [event async for event in resumed] == []
    await reader.aclose()
    assert live.readers == 0


async def test_a_live_view_ends_with_the_session_that_opened_it(site: Site) -> None:
    await site.sign_in()

    async def allowed() -> bool:
        return (await site.client.get("/v1/session")).status_code == 200

    reader = while_allowed(site.live.read(None), allowed, lambda: site.now)
    for number, still_open in ((1, True), (2, True), (3, False)):
        if number == 3:
            await site.client.delete("/v1/session")
        site.now += LOOK_AGAIN
        await site.live.publish("orders", b"%d" % number)
        assert (await anext(reader, None) is not None) is still_open
    assert site.live.readers == 0


async def test_a_value_that_is_the_same_again_is_not_sent_again() -> None:
    live = Live()
    await live.publish("orders", b"1")
    reader = live.read(None)
    await anext(reader)
    await live.publish("orders", b"1")
    await live.publish("orders", b"2")
    assert b"data: 2\n" in await anext(reader)
    await reader.aclose()


async def test_what_is_committed_shows_in_the_live_views(site: Site) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(site.views.run())
        await site.post("/v1/stores/store-1/orders", ORDER)
        async for event in site.live.read(None):
            if b"event: orders" in event and b"W-1001" in event:
                break
        running.cancel()


async def test_a_monitoring_system_reads_what_all_workers_have_done(site: Site) -> None:
    assert (await site.client.get("/metrics")).status_code == 401
    await site.post("/v1/stores/store-1/orders", ORDER)
    lines = (await site.get("/metrics")).text.splitlines()
    told = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert float(told["hub_stores"]) == 2
    assert float(told["hub_stores_online"]) == 0
    assert float(told["hub_facts_total"]) == 0
    assert float(told["hub_commands_unanswered"]) == 1
    assert "process_resident_memory_bytes" in told
