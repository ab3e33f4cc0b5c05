"""The access record over HTTP, from an invitation to the day after leaving."""

from uuid import uuid4

import httpx

from edge_agent.storage import Storage

BODY = {
    "beacon": "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:1:7",
    "language": "ko",
    "consents": {"location": True, "advertising": True, "night_advertising": False},
    "text_version": "2026-11",
}


async def invited(staff: httpx.AsyncClient) -> dict[str, str]:
    """The token of a phone that was invited, as a header."""
    invitation = (await staff.post("/v1/join-codes", json={"role": "guest"})).json()
    code = invitation["code"]
    assert invitation["url"] == f"http://store/shopper/#join={code}"
    assert invitation["svg"].startswith("<svg")
    joined = (await staff.post("/v1/join", json={"code": code})).json()
    assert joined["role"] == "guest"
    return {"authorization": f"Bearer {joined['token']}"}


async def test_an_invited_phone_becomes_its_own_page_with_the_token_that_it_has(
    staff: httpx.AsyncClient,
) -> None:
    phone = await invited(staff)
    before = await staff.get("/v1/me/record", headers=phone)
    assert (before.status_code, before.json()["code"]) == (403, "not_allowed")
    key = {"idempotency-key": "once"}
    joined = await staff.post("/v1/enrolment", json=BODY, headers=phone | key)
    assert joined.status_code == 201
    repeated = await staff.post("/v1/enrolment", json=BODY, headers=phone | key)
    assert repeated.json() == joined.json()
    second = await staff.post("/v1/enrolment", json=BODY, headers=phone)
    assert second.json()["code"] == "already_joined"
    record = (await staff.get("/v1/me/record", headers=phone)).json()
    assert record["shopper"] == joined.json()["shopper"]
    assert record["origin"] == "page"
    assert [consent["purpose"] for consent in record["consents"]] == ["location", "advertising"]
    assert record["consents"][0]["text_version"] == "2026-11"
    assert record["beacons"] == [BODY["beacon"]]


async def test_the_record_counts_visits_on_the_stores_calendar_and_knows_no_coordinates(
    staff: httpx.AsyncClient, storage: Storage
) -> None:
    phone = await invited(staff)
    shopper = (await staff.post("/v1/enrolment", json=BODY, headers=phone)).json()["shopper"]
    midnight_in_seoul = 1_795_359_600_000_000
    rows = [("", 0, 1), ("shoes", 0, 2), ("", 3600, 1), ("denim", -3600, 1)]
    await storage.run(
        lambda tx: [
            tx.execute(
                "INSERT INTO shopper_stay VALUES (?, ?, ?, ?)",
                (shopper, midnight_in_seoul + after * 1_000_000, zone, times),
            )
            for zone, after, times in rows
        ]
    )
    answer = await staff.get("/v1/me/record", headers=phone)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["visits"] == [
        {"day": "2026-11-22", "hours": [{"hour": 23, "visits": 0, "zones": {"denim": 1}}]},
        {
            "day": "2026-11-23",
            "hours": [
                {"hour": 0, "visits": 1, "zones": {"shoes": 2}},
                {"hour": 1, "visits": 1, "zones": {}},
            ],
        },
    ]


async def test_who_left_has_no_session_and_nothing_is_kept_for_them(
    staff: httpx.AsyncClient, storage: Storage
) -> None:
    phone = await invited(staff)
    shopper = (
        await staff.post("/v1/enrolment", json=BODY, headers=phone | {"idempotency-key": "once"})
    ).json()["shopper"]
    receipt = (await staff.post("/v1/me/leave", headers=phone | {"idempotency-key": "x"})).json()
    assert (await staff.get("/v1/me/record", headers=phone)).status_code == 401
    assert await storage.read("SELECT * FROM session WHERE subject = ?", (shopper,)) == []
    assert await storage.read("SELECT * FROM answer") == []
    code = await staff.post("/v1/join-codes", json={"role": "shopper", "subject": shopper})
    assert (code.status_code, code.json()["code"]) == (404, "shopper_unknown")
    asked = {"receipt": receipt["receipt"], "shopper": shopper}
    assert (await staff.post("/v1/receipts/verify", json=asked)).json()["concerns"] is True


async def test_a_lost_answer_to_leaving_is_given_again_to_the_key_that_asked_and_only_to_it(
    staff: httpx.AsyncClient, storage: Storage
) -> None:
    phone, key = await invited(staff), uuid4().hex
    shopper = (await staff.post("/v1/enrolment", json=BODY, headers=phone)).json()["shopper"]
    asked = phone | {"idempotency-key": key}
    first = await staff.post("/v1/me/leave", headers=asked)
    again = await staff.post("/v1/me/leave", headers=asked)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    other = await staff.post("/v1/me/leave", headers=phone | {"idempotency-key": uuid4().hex})
    assert other.status_code == 401
    (kept,) = await storage.read("SELECT * FROM answer")
    for secret in (key, shopper, first.json()["receipt"], "AISLER1"):
        assert secret.encode() not in repr(tuple(kept)).encode() + bytes(kept["body"])
    (left,) = await storage.read("SELECT count(*) AS facts FROM fact WHERE type LIKE '%.left.%'")
    assert left["facts"] == 1


async def test_an_invitation_is_not_for_the_street(anybody: httpx.AsyncClient) -> None:
    assert (await anybody.post("/v1/join-codes", json={"role": "guest"})).status_code == 401
    assert (await anybody.post("/v1/enrolment", json=BODY)).status_code == 401
