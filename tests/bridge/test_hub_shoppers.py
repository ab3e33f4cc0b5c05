"""Shoppers at the hub: published over HTTP, handed to their store, dropped when they leave."""

from typing import Any

import msgspec
import pytest

from cloud_bridge.hub.rooms.shoppers import store as table
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts.shoppers import Enrolled, Left
from cloud_bridge.wire.messages import Delta
from cloud_bridge.wire.streams.shoppers import STREAM
from tests.bridge.test_hub_http import Site, site

__all__ = ["site"]

ANNA = "anna-of-the-app"
PATH = f"/v1/stores/store-1/shoppers/{ANNA}"
IRK = "00112233445566778899aabbccddeeff"
BODY: dict[str, Any] = {
    "language": "ko",
    "beacons": [{"irk": IRK.upper()}],
    "consents": [
        {
            "purpose": "location",
            "text_version": "app-7",
            "language": "ko",
            "given_at": "2026-11-20T09:00:00+09:00",
            "until": "2028-11-20T09:00:00+09:00",
            "evidence": "app/consents/4711",
        }
    ],
}


async def deltas(site: Site) -> list[Delta]:
    rows = await site.database.read(
        lambda tx: tx.rows(
            "SELECT raw FROM stream_delta WHERE stream = $1 ORDER BY version", STREAM
        )
    )
    return [msgspec.json.decode(row["raw"], type=Delta) for row in rows]


async def test_a_shopper_is_handed_to_their_store_under_a_key_that_is_not_the_pseudonym(
    site: Site,
) -> None:
    assert (await site.put(PATH, BODY)).json() == {"version": 1}
    again = {**BODY, "language": "en"}
    assert (await site.put(PATH, again)).json() == {"version": 2}
    first, second = [delta.changes[0] for delta in await deltas(site)]
    assert first.key == second.key != ANNA
    (listed,) = (await site.get("/v1/stores/store-1/shoppers")).json()["shoppers"]
    assert (listed["shopper"], listed["language"]) == (ANNA, "en")
    assert listed["beacons"][0]["irk"] == IRK
    assert site.poked == ["store-1", "store-1"]


async def test_who_leaves_in_the_app_is_removed_and_no_older_delta_names_them(site: Site) -> None:
    await site.put(PATH, BODY)
    headers = {"authorization": "Bearer program-key-0123456789"}
    assert (await site.client.delete(PATH, headers=headers)).json() == {"version": 2}
    (removal,) = await deltas(site)
    assert removal.changes[0].removes
    assert ANNA not in str(removal)
    again = await site.client.delete(PATH, headers=headers)
    assert (again.status_code, again.json()["code"]) == (404, "shopper_unknown")


async def test_who_leaves_in_the_store_leaves_the_stream(site: Site) -> None:
    await site.put(PATH, BODY)

    def event(kind: type[Enrolled | Left], data: object) -> Event:
        return Event(
            id="f-1",
            source="/stores/store-1/gateways/gw-1",
            type=kind.TYPE,
            subject="people/0a1b",
            time=site.now,
            lane="record",
            epoch=1,
            sequence=1,
            boot="b",
            monotonic=1.0,
            clockquality="synced",
            data=msgspec.Raw(msgspec.json.encode(data)),
        )

    joined = event(Enrolled, Enrolled(shopper=ANNA, language="ko"))
    gone = event(Left, Left(key="0a1b", hash="00", left_at=site.now))
    await site.database.run(lambda tx: table.enrolled(tx, "store-1", joined, ""))
    for _ in range(2):
        await site.database.run(lambda tx: table.left(tx, "store-1", gone, ""))
    assert (await site.get("/v1/stores/store-1/shoppers")).json() == {"shoppers": []}
    (removal,) = await deltas(site)
    assert removal.changes[0].removes
    left_over = await site.database.read(
        lambda tx: tx.rows("SELECT shopper FROM shopper UNION SELECT shopper FROM shopper_key")
    )
    assert left_over == []


@pytest.mark.parametrize(
    "change",
    [
        {"beacons": [{"irk": IRK, "identity": "ibeacon:x"}]},
        {"beacons": [{}]},
        {"consents": [{**BODY["consents"][0], "given_at": "2026-11-20T09:00:00"}]},
        {"consents": [{**BODY["consents"][0], "evidence": ""}]},
        {"extra": 1},
    ],
    ids=["two names", "no name", "a time without a zone", "no evidence", "unknown field"],
)
async def test_what_says_too_much_or_too_little_is_refused(
    site: Site, change: dict[str, Any]
) -> None:
    assert (await site.put(PATH, BODY | change)).status_code == 422
