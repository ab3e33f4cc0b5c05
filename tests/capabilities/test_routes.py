"""The rooms over HTTP, behind stand-ins for the sign-in and the Idempotency-Key."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Header

from edge_agent.capabilities.coupons import routes as coupon_routes
from edge_agent.capabilities.coupons.service import Coupons
from edge_agent.capabilities.mirrors import routes as mirror_routes
from edge_agent.capabilities.mirrors.model import Place
from edge_agent.capabilities.mirrors.service import Mirrors
from edge_agent.capabilities.pickup import routes as pickup_routes
from edge_agent.capabilities.shoppers import routes as shopper_routes
from edge_agent.capabilities.shoppers.model import Farewell
from edge_agent.capabilities.stock import routes as stock_routes
from edge_agent.capabilities.stock.service import Stock
from edge_agent.storage import Storage
from edge_agent.storage.reads import Run
from edge_agent.web import problems
from tests.capabilities.pickup_world import SHOE, Shop
from tests.capabilities.shopper_world import Company
from tests.capabilities.test_coupons import People, Shelf
from tests.capabilities.world import StillClock, names


def asking(who: str = Header(default="staff")) -> str:
    """Whoever the header says: the sign-in has tests of its own."""
    return who


@pytest.fixture
async def shop(storage: Storage, clock: StillClock) -> Shop:
    return await Shop.opened(storage, clock)


@pytest.fixture
async def http(shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    storage, clock = shop.storage, shop.clock
    shoppers = Company().room(storage, clock)

    def run() -> Run:
        return storage.run

    def leaving(who: str = Header()) -> Farewell:
        return Farewell(who, storage.run)

    routers: list[APIRouter] = [
        pickup_routes.staff_routes(shop.pickups, staff=asking, run=run),
        pickup_routes.shopper_routes(shop.pickups, shopper=asking, run=run),
        pickup_routes.scan_routes(shop.pickups, scanner=asking, anywhere={"staff"}, run=run),
        stock_routes.routes(
            Stock(storage, clock), till=asking, staff=asking, staff_or_till=asking, run=run
        ),
        coupon_routes.routes(
            Coupons(storage, clock, consents=People(), shelf=Shelf()), till=asking, run=run
        ),
        mirror_routes.routes(
            Mirrors(storage, clock, [Place("fitting-1", "fitting")]), device=asking, run=run
        ),
        shopper_routes.join_routes(shoppers, clock=clock, staff=asking, newcomer=asking, run=run),
        shopper_routes.own_routes(shoppers, shopper=asking, leaver=leaving, run=run),
        shopper_routes.receipt_routes(shoppers),
    ]
    app = FastAPI()
    problems.install(app)
    for router in routers:
        app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
        yield client


async def test_a_clerk_takes_an_order_to_the_locker_and_a_customer_out_of_it(
    shop: Shop, http: httpx.AsyncClient
) -> None:
    await shop.place()
    assert (await http.post("/v1/orders/W-1/pick")).status_code == 204
    assert (await http.post("/v1/orders/W-1/picked")).status_code == 204
    staged = await http.post("/v1/orders/W-1/stage", json={})
    assert staged.json() == {"order": "W-1", "bank": "A", "compartment": 2}
    await shop.bank.put_in(2)
    await shop.bank.close(2)
    assert (
        await http.post("/v1/me/arrive", json={"order": "W-1"}, headers={"who": "anna"})
    ).status_code == 204
    image = await http.get("/v1/me/orders/W-1/pass.svg", headers={"who": "anna"})
    assert image.headers["content-type"] == "image/svg+xml"
    assert image.text.startswith("<svg")
    scan = {"code": await shop.pass_of(), "at": "A"}
    opened = await http.post("/v1/passes/scan", json=scan, headers={"who": "A"})
    assert opened.json() == {"order": "W-1", "bank": "A", "compartment": 2}
    again = await http.post("/v1/passes/scan", json=scan, headers={"who": "A"})
    assert (again.status_code, again.json()["code"]) == (409, "door_opening")


async def test_the_desk_stages_and_hands_over(shop: Shop, http: httpx.AsyncClient) -> None:
    await shop.place()
    await shop.pick()
    staged = await http.post("/v1/orders/W-1/stage", json={"bank": "desk"})
    assert staged.json() == {"order": "W-1", "desk": True}
    handed = await http.post("/v1/orders/W-1/handover", json={"proof": "staff"})
    assert handed.status_code == 204
    assert (await names(shop.storage))[-1] == "pickup.collected"


async def test_a_scanner_opens_only_its_own_bank(shop: Shop, http: httpx.AsyncClient) -> None:
    await shop.ready_in_locker()
    scan = {"code": await shop.pass_of(), "at": "A"}
    refused = await http.post("/v1/passes/scan", json=scan, headers={"who": "fitting-1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_bank")
    at_the_desk = await http.post("/v1/passes/scan", json=scan, headers={"who": "staff"})
    assert at_the_desk.status_code == 200


async def test_a_pass_is_shown_only_to_whom_the_order_belongs(
    shop: Shop, http: httpx.AsyncClient
) -> None:
    await shop.ready_in_locker()
    other = await http.get("/v1/me/orders/W-1/pass.svg", headers={"who": "ben"})
    assert (other.status_code, other.json()["code"]) == (404, "order_unknown")


async def test_a_cancelled_bag_is_taken_out_and_a_mended_door_returns_to_service(
    shop: Shop, http: httpx.AsyncClient
) -> None:
    await shop.ready_in_locker()
    await shop.cancel()
    out = await http.post("/v1/orders/W-1/remove")
    assert out.json() == {"order": "W-1", "bank": "A", "compartment": 2}
    assert (await http.post("/v1/lockers/A/2/in-service")).status_code == 204


async def test_counts_and_receipts_move_the_ledger(http: httpx.AsyncClient) -> None:
    count = {"lines": [{"gtin": SHOE, "on_hand": 5}]}
    assert (await http.post("/v1/counts", json=count)).status_code == 204
    line = {"gtin": SHOE, "quantity": 1}
    sale = {"till": "1", "receipt": "R-1", "lines": [line, line]}
    assert (await http.post("/v1/sales", json=sale)).status_code == 204
    assert (await http.get(f"/v1/stock/{SHOE}")).json() == {
        "gtin": SHOE,
        "on_hand": 3,
        "reserved": 0,
        "available": 3,
    }


async def test_joining_gives_a_pseudonym_and_a_code_for_the_phone(
    http: httpx.AsyncClient,
) -> None:
    body = {
        "beacon": " iBeacon:F7826DA6-4FA2-4E98-8024-BC5B71E0893E:1:7",
        "language": "ko",
        "consents": {"location": True, "advertising": False},
        "text_version": "2026-11",
    }
    joined = await http.post("/v1/shoppers", json=body)
    assert joined.status_code == 201
    shopper = joined.json()["shopper"]
    assert joined.json()["join_code"] == f"code of {shopper}"
    assert (await http.post("/v1/shoppers", json=body)).json()["code"] == "beacon_taken"
    change = {"purpose": "location", "given": False}
    withdrawn = await http.post("/v1/me/consents", json=change, headers={"who": shopper})
    assert withdrawn.status_code == 204


async def test_an_invited_phone_reads_the_texts_joins_pauses_and_leaves_with_a_receipt(
    http: httpx.AsyncClient,
) -> None:
    texts = (await http.get("/v1/consents/texts")).json()
    assert set(texts["texts"]) == {"location", "advertising", "night_advertising"}
    assert "제50조제3항" in texts["texts"]["night_advertising"]["ko"]["text"]
    assert "{" not in str(texts["texts"]["location"]["ko"]["text"])
    body = {
        "beacon": {"eid_key": "00112233445566778899AABBCCDDEEFF", "rotation_exponent": 4},
        "language": "ko",
        "consents": {"location": True, "advertising": True, "night_advertising": True},
        "text_version": texts["version"],
    }
    joined = await http.post("/v1/enrolment", json=body, headers={"who": "guest:1"})
    assert joined.status_code == 201
    me = {"who": joined.json()["shopper"]}
    for paused in (True, False):
        change = await http.post("/v1/me/pause", json={"paused": paused}, headers=me)
        assert change.status_code == 204
    left = (await http.post("/v1/me/leave", headers=me)).json()
    assert left["svg"].startswith("<svg")
    asked = {"receipt": left["receipt"], "shopper": me["who"]}
    told = (await http.post("/v1/receipts/verify", json=asked)).json()
    assert told["concerns"] is True
    assert told["left_at"] == left["left_at"]
    assert len((await http.get("/v1/receipts/key")).json()["public_key"]) == 64
    again = await http.post("/v1/me/leave", headers=me)
    assert again.json()["code"] == "shopper_unknown"


@pytest.mark.parametrize(
    "keys", [{}, {"eid_key": "00" * 16, "irk": "00" * 16}, {"irk": "00" * 15}, {"irk": "zz" * 16}]
)
async def test_a_beacon_by_key_needs_one_whole_key(
    http: httpx.AsyncClient, keys: dict[str, str]
) -> None:
    body = {"beacon": keys, "language": "ko", "consents": {}, "text_version": "2026-11"}
    assert (await http.post("/v1/enrolment", json=body)).status_code == 422


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/sales", {"till": "1", "receipt": "R", "lines": []}),
        ("/v1/counts", {"lines": [{"gtin": "not-a-gtin", "on_hand": 1}]}),
        ("/v1/counts", {"lines": [{"gtin": SHOE, "on_hand": -1}]}),
        ("/v1/passes/scan", {"code": "x" * 2000, "at": "A"}),
        ("/v1/orders/W 1/stage", {}),
        ("/v1/shoppers", {"beacon": "junk", "language": "ko", "consents": {}, "text_version": "1"}),
        (
            "/v1/shoppers",
            {"beacon": "phone:a", "language": "ko", "consents": {}, "text_version": "1"},
        ),
    ],
)
async def test_what_makes_no_sense_is_refused_at_the_door(
    http: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    assert (await http.post(path, json=body)).status_code == 422


async def test_a_mirror_speaks_for_itself_and_a_coupon_must_exist(http: httpx.AsyncClient) -> None:
    seen = {"gtins": [SHOE]}
    own = await http.post("/v1/mirrors/fitting-1/items", json=seen, headers={"who": "fitting-1"})
    other = await http.post("/v1/mirrors/fitting-1/items", json=seen, headers={"who": "shoes"})
    assert (own.status_code, other.status_code) == (204, 403)
    redeem = await http.post("/v1/coupons/NEVERWAS00/redeem", json={"till": "1", "receipt": "R"})
    assert (redeem.status_code, redeem.json()["code"]) == (404, "coupon_unknown")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/counts", {"lines": [{"gtin": "٨٨٠٠٠٠٠٠٠١٠١٢", "on_hand": 1}]}),
        ("/v1/mirrors/fitting-1/items", {"gtins": ["٨٨٠٠٠٠٠٠٠١٠١٢"]}),
        ("/v1/lockers/A/99999999999999999999/in-service", {}),
    ],
    ids=["a count", "a mirror", "a compartment"],
)
async def test_a_number_that_nothing_bears_is_refused(
    http: httpx.AsyncClient, path: str, body: dict[str, object]
) -> None:
    refused = await http.post(path, json=body, headers={"who": "fitting-1"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
