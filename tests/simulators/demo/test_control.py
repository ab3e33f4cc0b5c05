"""The control API: the console's levers, and the truth that it shows."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from simulators.demo.background import background
from simulators.demo.callers import Caller, Desk, Hub, Till
from simulators.demo.control import create, serving
from simulators.demo.household import Household
from simulators.demo.journal import Journal, journal
from simulators.demo.persons import Person
from simulators.demo.ports import Ports
from simulators.demo.premises import Premises, open_premises
from simulators.demo.prepared import Options, make_ready
from simulators.demo.scene import Scene
from simulators.demo.stage import Stage
from simulators.demo.wandering import Hands, Wanderer
from simulators.locker.doors import Position
from simulators.mirror import RfidReader
from simulators.world.chance import seeded
from simulators.world.plan import load_plan
from simulators.world.rotating import EphemeralId

KEY = {"Authorization": "Bearer lever"}
DEADLINE_S = 20.0


class Stand:
    """A stage over the simulated store; agent and hub answer from a list."""

    def __init__(self, stage: Stage, scene: Scene, levers: httpx.AsyncClient) -> None:
        self.stage = stage
        self.scene = scene
        self.levers = levers


def product(request: httpx.Request) -> httpx.Response:
    """What agent and hub would say."""
    match request.url.path:
        case "/v1/join-codes":
            asked = json.loads(request.content)
            return httpx.Response(200, json={"code": f"{asked['role']}-{asked['subject']}"})
        case "/v1/stores/seongsu-1/orders":
            return httpx.Response(201, json={"order": "W-1"})
        case "/v1/mirrors/fitting-1/items":
            return httpx.Response(204)
        case _:
            return httpx.Response(409, json={"code": "not_ready", "detail": "Not ready."})


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    options = Options(
        headless=False,
        seconds=60,
        seed=7,
        sabotage=None,
        ports=Ports.from_base(0),
        directory=tmp_path / "demo",
        keep=False,
    )
    demo = make_ready(options)
    async with AsyncExitStack() as stack:
        actors = stack.enter_context(journal(demo.run.actors_journal))
        premises = await stack.enter_async_context(
            open_premises(
                load_plan(demo.run.settings),
                seed=7,
                socket=tmp_path / "bus",
                locker=tmp_path / "line",
                doors=demo.run.doors_journal,
                radio=stack.enter_context(journal(demo.run.radio_journal)),
                trolley=EphemeralId(bytes(16), 10, 0.0),
            )
        )
        client = await stack.enter_async_context(
            httpx.AsyncClient(transport=httpx.MockTransport(product), base_url="http://product")
        )
        scene = _scene(premises, actors, client)
        person = Person(demo.story.parts[0].guest, premises.world)
        person.shopper = "S1"
        wanderers = {"p1": Wanderer(person, scene, seeded(7))}
        household = Household(demo.run, options.ports, {}, print)
        stage = Stage(scene, household, wanderers, demo.articles, seeded(7))
        levers = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(
                    create(stage, "lever", ["http://console"], asyncio.Event())
                ),
                base_url="http://levers",
                headers=KEY,
            )
        )
        beside = await stack.enter_async_context(background())
        beside.start(premises.live(), "world")
        yield Stand(stage, scene, levers)


def _scene(premises: Premises, actors: Journal, client: httpx.AsyncClient) -> Scene:
    desk = Desk(client)
    return Scene(
        store="seongsu-1",
        bank_id="A",
        premises=premises,
        journal=actors,
        agent=client,
        desk=desk,
        hub=Hub(client),
        till=Till(client),
        terminal=Caller(client),
        staff=desk.view("/v1/live/staff"),
        console=desk.view("/v1/live/console"),
        mirrors={"fitting-1": RfidReader(client, "fitting-1", "t")},
        views={},
    )


async def test_without_the_key_nothing_is_shown_or_moved(stand: Stand) -> None:
    wrong = {"Authorization": "Bearer guess"}
    assert (await stand.levers.get("/sim/live", headers=wrong)).status_code == 401
    spot = {"x": 3, "y": 3}
    walk = await stand.levers.post("/sim/people/p1/walk", json=spot, headers=wrong)
    assert walk.status_code == 401
    assert stand.stage.truth()["people"] == []


async def test_somebody_who_is_sent_gets_there_and_the_strip_says_so(stand: Stand) -> None:
    answer = await stand.levers.post("/sim/people/p1/walk", json={"x": 3.5, "y": 2.5})
    assert answer.status_code == 204
    async with asyncio.timeout(DEADLINE_S):
        await stand.scene.watch(lambda: stand.stage.truth()["people"][0]["x"] == 3.5)
    person = stand.stage.truth()["people"][0]
    assert (person["id"], person["shopper"], person["y"]) == ("p1", "S1", 2.5)
    assert stand.stage.strip.done("send")


async def test_the_coupon_is_ticked_only_when_somebody_whom_the_visitor_sent_gets_a_new_one(
    stand: Stand,
) -> None:
    old = {"code": "OLD", "shopper": "S1"}
    await _console_shows(stand, [old, {"code": "OTHER", "shopper": "S2"}])
    async with background() as beside, asyncio.timeout(DEADLINE_S):
        beside.start(stand.stage.tick_coupon(), "strip")
        stand.stage.walk("p1", (3.5, 2.5))
        await _console_shows(stand, [old, {"code": "OTHER", "shopper": "S2"}])
        assert not stand.stage.strip.done("coupon")
        await _console_shows(stand, [old, {"code": "NEW", "shopper": "S1"}])
        await stand.scene.watch(lambda: stand.stage.strip.done("coupon"))


async def _console_shows(stand: Stand, coupons: list[dict[str, str]]) -> None:
    await stand.scene.console.show("coupons", {"coupons": coupons})


async def test_an_open_live_stream_does_not_hold_up_the_end(stand: Stand) -> None:
    port = Ports.from_base(0).control
    ended = asyncio.Event()
    async with background() as beside, asyncio.timeout(DEADLINE_S):
        async with serving(stand.stage, "lever", ["http://console"], port):
            begun = asyncio.Event()
            beside.start(_watch(port, begun, ended), "console")
            await begun.wait()
        await ended.wait()


async def _watch(port: int, begun: asyncio.Event, ended: asyncio.Event) -> None:
    """Read the live stream to its proper end."""
    async with (
        httpx.AsyncClient(transport=httpx.AsyncHTTPTransport(retries=5), headers=KEY) as client,
        client.stream("GET", f"http://127.0.0.1:{port}/sim/live") as answer,
    ):
        async for _ in answer.aiter_lines():
            begun.set()
    ended.set()


async def test_what_is_not_there_is_said_in_a_problem(stand: Stand) -> None:
    for path in ("people/p99/phone", "mirrors/none/pair"):
        answer = await stand.levers.post(f"/sim/{path}", json={})
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    door = await stand.levers.post("/sim/doors/Z/1", json={"jammed": True})
    assert door.status_code == 404


async def test_a_phone_and_a_mirror_get_codes_of_their_own(stand: Stand) -> None:
    phone = await stand.levers.post("/sim/people/p1/phone", json={})
    mirror = await stand.levers.post("/sim/mirrors/fitting-1/pair", json={})
    assert phone.json() == {"join_code": "shopper-S1"}
    assert mirror.json() == {"join_code": "device-fitting-1"}


async def test_an_order_is_placed_through_the_hub(stand: Stand) -> None:
    placed = await stand.levers.post("/sim/people/p1/order", json={})
    assert (placed.status_code, placed.json()) == (201, {"order": "W-1"})


async def test_a_phone_without_a_pass_has_none_to_show(stand: Stand) -> None:
    shown = await stand.levers.post("/sim/people/p1/show-pass", json={})
    assert (shown.status_code, shown.json()["code"]) == (409, "no_pass")


async def test_a_jammed_door_is_among_the_faults_until_it_is_mended(stand: Stand) -> None:
    await stand.levers.post("/sim/doors/A/3", json={"jammed": True})
    faults = stand.stage.faults()
    assert faults["doors"] == [{"bank": "A", "compartment": 3, "jammed": True}]
    assert faults["cloud"] == "down"
    await stand.levers.post("/sim/doors/A/3", json={"jammed": False})
    assert stand.stage.faults()["doors"] == []


async def test_hands_put_goods_into_what_opens_empty_and_close_it(stand: Stand) -> None:
    bank = stand.scene.bank
    async with background() as beside, asyncio.timeout(DEADLINE_S):
        beside.start(Hands(stand.scene, pause_s=0.05).work(), "hands")
        bank.faults.open_by_itself(5)
        await stand.scene.watch(lambda: bank.occupied(5))
        await stand.scene.watch(lambda: bank.position(5) is Position.SHUT)


async def test_every_fault_is_a_switch_with_both_names_that_goes_on_and_off(stand: Stand) -> None:
    listed = (await stand.levers.get("/sim/faults")).json()["faults"]
    assert {"stalled", "receiver-deaf", "receiver-clock", "beacon-clock", "cloud-dead"} <= {
        fault["id"] for fault in listed
    }
    for fault in listed:
        assert set(fault["name"]) == set(fault["hint"]) == {"ko", "en"}
        if fault["id"] in PROCESSES:
            continue
        target = fault["targets"][0]
        for on in (True, False):
            body = {"on": on, "target": target}
            answer = await stand.levers.post(f"/sim/faults/{fault['id']}", json=body)
            assert answer.status_code == 204, fault["id"]
            now = next(each for each in stand.stage.switches.show() if each["id"] == fault["id"])
            assert (target in now["on"]) is on, fault["id"]


async def test_the_surveyor_stands_where_they_are_sent(stand: Stand) -> None:
    answer = await stand.levers.post("/sim/surveyor", json={"x": 3.5, "y": 2.5})
    assert answer.json() == {"x": 3.5, "y": 2.5}


PROCESSES = {"store-broker-dead", "cloud-dead"}
"""There are none behind this stand."""


async def test_a_fault_without_a_target_happens_to_all(stand: Stand) -> None:
    await stand.levers.post("/sim/faults/receiver-dead", json={"on": True})
    assert all(ear.dead for ear in stand.scene.premises.world.ears.values())


async def test_a_fault_that_there_is_not_is_named_with_those_that_there_are(stand: Stand) -> None:
    for path, body in (
        ("none", {"on": True}),
        ("stalled", {"on": True, "target": "nowhere"}),
    ):
        answer = await stand.levers.post(f"/sim/faults/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_fault")
