"""Who may come in, and how phones and screens join."""

import httpx
from fastapi import FastAPI

from edge_agent.storage import Storage
from tests.web.conftest import DESK, TILL, till

ENROLMENT = {
    "beacon": "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:1:7",
    "language": "ko",
    "consents": {"location": True, "advertising": True},
    "text_version": "2026-11",
}


async def test_without_a_session_nothing_but_health_answers(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.get("/v1/health")).status_code == 200
    for page in ("console", "staff", "shopper", "mirror"):
        refused = await anybody.get(f"/v1/live/{page}")
        assert (refused.status_code, refused.json()["code"]) == (401, "not_signed_in")


async def test_a_wrong_key_opens_nothing_and_says_so_in_the_persons_language(
    anybody: httpx.AsyncClient,
) -> None:
    refused = await anybody.post(
        "/v1/session", json={"key": "wrong"}, headers={"accept-language": "ko-KR,ko;q=0.9"}
    )
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["detail"] == "맞지 않는 키입니다."


async def test_guessing_keys_is_stopped_even_for_the_right_one_but_only_where_it_comes_from(
    anybody: httpx.AsyncClient, app: FastAPI
) -> None:
    for _ in range(10):
        await anybody.post("/v1/session", json={"key": "guess"})
    refused = await anybody.post("/v1/session", json={"key": DESK})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    elsewhere = httpx.ASGITransport(app=app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://store") as clerk:
        assert (await clerk.post("/v1/session", json={"key": DESK})).status_code == 204


async def test_the_cookie_is_kept_from_scripts_and_from_other_sites(
    anybody: httpx.AsyncClient,
) -> None:
    cookie = (await anybody.post("/v1/session", json={"key": DESK})).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


async def test_signing_out_ends_the_session_on_the_server(staff: httpx.AsyncClient) -> None:
    token = staff.cookies["aisle_session"]
    await staff.delete("/v1/session")
    again = await staff.get("/v1/session", headers={"authorization": f"Bearer {token}"})
    assert again.status_code == 401


async def test_a_till_key_sells_but_does_not_open_staff_routes(anybody: httpx.AsyncClient) -> None:
    sale = {"till": "T1", "receipt": "R1", "lines": [{"gtin": "8800000001012", "quantity": 1}]}
    assert (await anybody.post("/v1/sales", json=sale, headers=till())).status_code == 204
    refused = await anybody.post("/v1/shoppers", json=ENROLMENT, headers=till())
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert (await anybody.post("/v1/session", json={"key": TILL})).status_code == 401


async def test_a_join_code_is_good_once(staff: httpx.AsyncClient) -> None:
    code = (await staff.post("/v1/shoppers", json=ENROLMENT)).json()["join_code"]
    joined = await staff.post("/v1/join", json={"code": code})
    assert joined.json()["role"] == "shopper"
    again = await staff.post("/v1/join", json={"code": code})
    assert (again.status_code, again.json()["code"]) == (404, "code_unknown")


async def test_a_mirror_speaks_for_itself_only(staff: httpx.AsyncClient) -> None:
    wanted = {"role": "device", "subject": "fitting-1"}
    code = (await staff.post("/v1/join-codes", json=wanted)).json()["code"]
    token = (await staff.post("/v1/join", json={"code": code})).json()["token"]
    staff.cookies.clear()
    as_mirror = {"authorization": f"Bearer {token}"}
    own = await staff.post("/v1/mirrors/fitting-1/items", json={"gtins": []}, headers=as_mirror)
    other = await staff.post(
        "/v1/mirrors/shoes-mirror/items", json={"gtins": []}, headers=as_mirror
    )
    assert (own.status_code, other.status_code) == (204, 403)


async def test_no_token_code_or_key_stands_in_the_database(
    staff: httpx.AsyncClient, storage: Storage
) -> None:
    code = (await staff.post("/v1/shoppers", json=ENROLMENT)).json()["join_code"]
    token = (await staff.post("/v1/join", json={"code": code})).json()["token"]
    rows = [
        *await storage.read("SELECT * FROM session"),
        *await storage.read("SELECT * FROM join_code"),
    ]
    kept = repr([tuple(row) for row in rows])
    for secret in (token, code, staff.cookies["aisle_session"], DESK):
        assert secret not in kept


async def test_a_body_over_the_limit_is_refused_clearly(staff: httpx.AsyncClient) -> None:
    refused = await staff.post("/v1/session", content=b'{"key":"' + b"x" * 70_000 + b'"}')
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_pages_may_load_nothing_from_elsewhere(anybody: httpx.AsyncClient) -> None:
    policy = (await anybody.get("/v1/health")).headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


async def test_no_code_is_made_for_a_device_that_the_store_does_not_have(
    staff: httpx.AsyncClient,
) -> None:
    wanted = {"role": "device", "subject": "staff"}
    refused = await staff.post("/v1/join-codes", json=wanted)
    assert (refused.status_code, refused.json()["code"]) == (404, "device_unknown")
