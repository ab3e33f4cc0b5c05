"""The judge's accounts: a good story passes, and each thing that goes wrong is named."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cloud_bridge.wire.envelope import chain_hash
from simulators.demo.judge.evidence import AgentBooks, Evidence, HubBooks, Simulators
from simulators.demo.judge.facts import LaneAccount, Stored
from simulators.demo.judge.verdict import weigh

FACTS: list[tuple[str, str, dict[str, Any]]] = [
    ("presence", "store.presence.zone_entered.v1", {"shopper": "S1", "zone": "shoes"}),
    ("coupon", "store.coupon.offered.v1", {"coupon": "C1", "shopper": "S1"}),
    ("coupon", "store.coupon.redeemed.v1", {"coupon": "C1", "shopper": "S1"}),
    ("pickup", "store.pickup.door_opened.v1", {"order": "W-1", "compartment": 3}),
    ("pickup", "store.pickup.door_opened.v1", {"order": "W-1", "compartment": 3}),
    ("pickup", "store.pickup.collected.v1", {"order": "W-1", "lines": {"880": 1}}),
    ("stock", "store.stock.changed.v1", {"gtin": "880", "on_hand": 3}),
]

KEY = bytes(range(32))

HALL = {"id": "hall", "state": "hearing"}

ACTORS: list[dict[str, Any]] = [
    {"t": 1, "event": "counted", "on_hand": {"880": 5}},
    {"t": 1, "event": "enrolled", "person": "p1", "shopper": "S1", "location": True},
    {"t": 1, "event": "enrolled", "person": "p2", "shopper": "S2", "location": False},
    {"t": 2, "event": "order_placed", "order": "W-1", "person": "p1"},
    {"t": 3, "event": "badge", "cloud": "online"},
    {"t": 4, "event": "stands_at_shelf", "person": "p1", "zone": "shoes"},
    {"t": 5, "event": "phone_showed_coupon", "person": "p1", "code": "C1"},
    {"t": 5, "event": "mirror_showed_offer", "mirror": "m", "offer": "sneaker-week"},
    {"t": 10, "event": "cloud_died"},
    {"t": 11, "event": "badge", "cloud": "offline"},
    {"t": 12, "event": "redeemed", "code": "C1"},
    {"t": 12, "event": "bought", "gtins": ["880"]},
    {"t": 13, "event": "arrival_seen", "order": "W-1", "by": "presence"},
    {"t": 14, "event": "goods_taken", "order": "W-1", "door": 3},
    {"t": 20, "event": "cloud_back"},
    {"t": 21, "event": "badge", "cloud": "online"},
    {"t": 30, "event": "console_radio", "heard": 90, "receivers": [HALL]},
]

DOORS = [{"t": 2.5, "event": "unlatched", "door": 3}, {"t": 14, "event": "unlatched", "door": 3}]


def hub(facts: list[tuple[str, str, dict[str, Any]]]) -> HubBooks:
    count: dict[str, int] = {}
    rows = []
    for lane, kind, data in facts:
        count[lane] = count.get(lane, 0) + 1
        fact_id = f"{lane}-{count[lane]}"
        event = {"id": fact_id, "type": kind, "data": seal(data, fact_id)}
        rows.append(Stored(1, lane, count[lane], json.dumps(event).encode()))
    return HubBooks(rows, {"W-1": "collected"}, {"k1": KEY})


def seal(data: dict[str, Any], fact_id: str) -> dict[str, Any]:
    """As the contract has it; the zone stays open here."""
    if "shopper" not in data:
        return data
    nonce = fact_id.encode().rjust(12)
    text = json.dumps({"shopper": data["shopper"]}).encode()
    text = AESGCM(KEY).encrypt(nonce, text, fact_id.encode())
    sealed = {"key": "k1", "nonce": b64encode(nonce).decode(), "text": b64encode(text).decode()}
    return {"sealed": sealed} | {name: data[name] for name in data if name != "shopper"}


def good() -> Evidence:
    """Facts are compared elsewhere; here the agent's lanes are whatever the hub has."""
    books = hub(FACTS)
    lanes = [
        LaneAccount(lane, n + 1, n, _chain(books, lane), n, n)
        for lane in ("pickup", "coupon", "stock", "presence")
        if (n := sum(row.lane == lane for row in books.stored))
    ]
    agent = AgentBooks(1, lanes, [], {"C1": "redeemed"}, {"W-1": "collected"}, {"880": 3})
    radio = [{"t": 1, "event": "air", "sent": 100, "heard": {"hall": 95}}]
    return Evidence(Simulators(radio, DOORS, ACTORS), agent, books)


def _chain(books: HubBooks, lane: str) -> str:
    running = ""
    for row in books.stored:
        if row.lane == lane:
            running = chain_hash(running, row.envelope.id, bytes(row.envelope.data))
    return running


def problems(evidence: Evidence) -> str:
    verdict = weigh(evidence, seed=7)
    assert verdict["ok"] is (not verdict["problems"])
    return " | ".join(verdict["problems"])


def without(event: str) -> Evidence:
    evidence = good()
    actors = [line for line in evidence.simulators.actors if line["event"] != event]
    return replace(evidence, simulators=replace(evidence.simulators, actors=actors))


def adding(line: Mapping[str, Any]) -> Evidence:
    evidence = good()
    actors = [*evidence.simulators.actors, line]
    return replace(evidence, simulators=replace(evidence.simulators, actors=actors))


def test_a_story_in_which_all_went_well_is_fine() -> None:
    assert weigh(good(), seed=7) == {
        "adverts": {"sent": 100, "heard": 90},
        "zones_entered": 1,
        "coupons": {"offered": 1, "redeemed": 1},
        "orders_handed_over": 1,
        "doors_opened": 2,
        "facts": {"recorded": 7, "acknowledged": 7, "lost": 0, "doubled": 0},
        "broker_outages": 1,
        "seed": 7,
        "ok": True,
        "problems": [],
    }


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("goods_taken", "W-1 was placed and not handed over"),
        ("arrival_seen", "staff saw nobody arrive"),
        ("phone_showed_coupon", "C1 was offered and never appeared on a phone"),
        ("mirror_showed_offer", "no mirror showed an offer"),
        ("cloud_died", "the cloud broker was not killed"),
        ("redeemed", "coupons redeemed"),
        ("console_radio", "the agent heard no advert"),
        ("badge", "no page showed that the cloud was gone"),
        ("bought", "880: 4 are left"),
    ],
)
def test_what_did_not_happen_is_named(event: str, said: str) -> None:
    assert said in problems(without(event))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"event": "gave_up", "person": "p1", "errand": "pay", "reason": "x"}, "p1 gave up at pay"),
        ({"event": "door_stayed_shut", "door": 3, "order": "W-1"}, "door 3 did not open"),
        ({"event": "curtain_fell", "unfinished": ["p1"]}, "not done in time: p1"),
        ({"event": "badge", "cloud": "offline"}, "at the end the badge says 'offline'"),
        ({"event": "stands_at_shelf", "person": "p1", "zone": "denim"}, "never noticed there"),
        (
            {"event": "console_radio", "heard": 9, "receivers": [{"id": "hall", "state": "blind"}]},
            "receiver hall is blind",
        ),
    ],
)
def test_what_should_not_have_happened_is_named(line: Mapping[str, Any], said: str) -> None:
    assert said in problems(adding({"t": 40, **line}))


def test_a_door_that_moved_without_a_fact_is_named() -> None:
    evidence = good()
    doors = [*DOORS, {"t": 15, "event": "unlatched", "door": 9}]
    moved = replace(evidence, simulators=replace(evidence.simulators, doors=doors))
    assert "door 9 opened 1 times, the facts say 0" in problems(moved)


def test_a_fact_that_names_somebody_in_the_open_is_named() -> None:
    evidence = good()
    event = {"id": "x", "type": "store.presence.store_left.v1", "data": {"shopper": "S1"}}
    row = Stored(1, "presence", 2, json.dumps(event).encode())
    hub = replace(evidence.hub, stored=[*evidence.hub.stored, row])
    assert "presence 2 names a person" in problems(replace(evidence, hub=hub))


def test_what_is_sealed_and_has_lost_its_key_names_nobody() -> None:
    evidence = good()
    said = problems(replace(evidence, hub=replace(evidence.hub, keys={})))
    assert "never noticed there" in said
    assert "names a person" not in said


def test_an_offer_to_somebody_who_consented_to_nothing_is_named() -> None:
    evidence = good()
    offer = ("coupon", "store.coupon.offered.v1", {"coupon": "C2", "shopper": "S2"})
    assert "S2 consented to nothing" in problems(replace(evidence, hub=hub([*FACTS, offer])))


def test_an_order_that_the_hub_does_not_know_as_collected_is_named() -> None:
    evidence = good()
    books = replace(evidence.hub, orders={"W-1": "ready"})
    assert "orders handed over" in problems(replace(evidence, hub=books))


def test_a_story_without_coupons_says_so() -> None:
    evidence = good()
    rest = [fact for fact in FACTS if fact[0] != "coupon"]
    assert "no coupon was offered" in problems(replace(evidence, hub=hub(rest)))
