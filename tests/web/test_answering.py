"""The Idempotency-Key: one effect, one answer."""

import asyncio

import httpx

from edge_agent.storage import Storage
from tests.web.conftest import till

SALE = {"till": "T1", "receipt": "R1", "lines": [{"gtin": "8800000001012", "quantity": 1}]}


async def on_hand(client: httpx.AsyncClient) -> int:
    entry = await client.get("/v1/stock/8800000001012", headers=till())
    return int(entry.json()["on_hand"])


async def counted(staff: httpx.AsyncClient) -> None:
    lines = [{"gtin": "8800000001012", "on_hand": 5}]
    assert (await staff.post("/v1/counts", json={"lines": lines})).status_code == 204


async def test_the_same_request_again_has_no_second_effect_and_the_same_answer(
    staff: httpx.AsyncClient,
) -> None:
    await counted(staff)
    headers = {**till(), "idempotency-key": "k-1"}
    first = await staff.post("/v1/sales", json=SALE, headers=headers)
    second = await staff.post("/v1/sales", json=SALE, headers=headers)
    assert (first.status_code, second.status_code) == (204, 204)
    assert second.headers["idempotent-replayed"] == "true"
    assert await on_hand(staff) == 4


async def test_an_answer_with_a_body_is_repeated_byte_for_byte(staff: httpx.AsyncClient) -> None:
    enrolment = {
        "beacon": "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:1:8",
        "language": "en",
        "consents": {"location": True, "advertising": False},
        "text_version": "2026-11",
    }
    headers = {"idempotency-key": "k-2"}
    first = await staff.post("/v1/shoppers", json=enrolment, headers=headers)
    second = await staff.post("/v1/shoppers", json=enrolment, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()


async def test_another_body_under_the_same_key_is_refused(staff: httpx.AsyncClient) -> None:
    headers = {**till(), "idempotency-key": "k-3"}
    await staff.post("/v1/sales", json=SALE, headers=headers)
    other = await staff.post("/v1/sales", json={**SALE, "receipt": "R2"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


async def test_two_at_once_have_one_effect(staff: httpx.AsyncClient) -> None:
    await counted(staff)
    headers = {**till(), "idempotency-key": "k-4"}
    async with asyncio.TaskGroup() as group:
        both = [
            group.create_task(staff.post("/v1/sales", json=SALE, headers=headers)) for _ in range(2)
        ]
    statuses = sorted(one.result().status_code for one in both)
    assert statuses in ([204, 204], [204, 409])
    assert await on_hand(staff) == 4


async def test_a_kept_answer_is_not_given_to_somebody_else(staff: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "k-5"}
    wanted = {"till": "T1", "receipt": "R1", "lines": [{"gtin": "8800000001012", "quantity": 1}]}
    await staff.post("/v1/sales", json=wanted, headers={**till(), **headers})
    stranger = await staff.post(
        "/v1/sales", json=wanted, headers={"authorization": "Bearer nobody", **headers}
    )
    assert stranger.status_code == 401


async def test_a_refusal_is_not_kept(staff: httpx.AsyncClient, storage: Storage) -> None:
    headers = {**till(), "idempotency-key": "k-6"}
    body = {"till": "T1", "receipt": "R1"}
    refused = await staff.post("/v1/coupons/NOSUCHCODE/redeem", json=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (404, "coupon_unknown")
    assert await storage.read("SELECT * FROM answer") == []


async def test_on_a_full_disk_a_request_is_refused_in_words_and_works_again_afterwards(
    staff: httpx.AsyncClient, storage: Storage
) -> None:
    await storage.run(lambda tx: tx.execute("PRAGMA max_page_count = 1").fetchall())
    lines = [{"gtin": f"{gtin:013}", "on_hand": 5} for gtin in range(200)]
    korean = {"accept-language": "ko", "idempotency-key": "k-5"}
    refused = await staff.post("/v1/counts", json={"lines": lines}, headers=korean)
    assert (refused.status_code, refused.json()["code"]) == (503, "storage_unavailable")
    assert "저장할 수 없어" in refused.json()["detail"]
    await storage.run(lambda tx: tx.execute("PRAGMA max_page_count = 100000").fetchall())
    again = await staff.post("/v1/counts", json={"lines": lines}, headers=korean)
    assert again.status_code == 204
