"""Who leaves leaves no trace: a whole store, searched byte for byte.

The real agent, adapter, hub and brokers with simulated BlueZ. Anna walks, gets a coupon, collects
an order from the locker and leaves while the cloud is cut; Ben walks and leaves while it is there;
a phone joins by invitation with a resolving key, is heard by a private address, and leaves; and so
does somebody whom the retailer's app sent down, when the hub must not name them once more. A day's
unknown phones pass by the entrance. Afterwards none of them stands in the store's files or went
over a broker: what may be found is the salted hash in the withdrawal's fact.
"""

import asyncio
import json
import sqlite3
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cloud_bridge.mqtt import Broker, connect
from simulators.demo.background import Background, background
from simulators.demo.callers import Caller, CallRefused, Desk
from simulators.demo.directory import HERE
from simulators.demo.live import LiveView
from simulators.demo.telling import tell
from simulators.world.plan import load_plan
from tests.privacy.recorder import Recorder
from tests.privacy.traces import (
    contents,
    find,
    find_addresses,
    forms_of_bytes,
    forms_of_text,
    messages,
)
from tests.scenario.conftest import DEADLINE_S
from tests.support.open_store import OpenStore, Person, open_store

SEED = 7
A_DAY = 20_000
"""Unknown phones that pass a busy store in a day (the issue's measure)."""

SHOES = {"x": 3.5, "y": 2.5}
EID_KEY = bytes.fromhex("7c91330e61dfea4606b5b3ecb4457d76")
EVIDENCE = "app/consents/4711-of-dora"
IRK = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")
PAGES = Path(__file__).parents[2] / "edge_agent" / "web" / "pages" / "console" / "index.html"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3 * DEADLINE_S),
    pytest.mark.skipif(not PAGES.exists(), reason="the pages are not built"),
]


@dataclass
class Somebody:
    """A person, all that could name them, and how much had been said when they left."""

    phone: Caller
    shopper: str
    identifiers: dict[str, set[bytes]]
    left_at: int = -1
    receipt: str = ""


@dataclass
class Searched:
    """The store, and what the search needs."""

    store: OpenStore
    directory: Path
    agent: httpx.AsyncClient
    desk: Desk
    console: LiveView
    cloud: Recorder
    lan: Recorder
    settings: Mapping[str, Any] = field(default_factory=dict)

    async def sees(self, name: str, what: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON
        """Wait for something on the console."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.console.until(lambda seen: name in seen and what(seen[name]))

    async def leave(self, one: Somebody) -> None:
        """They press the button; it is effective with the answer."""
        one.left_at = len(self.cloud.kept)
        one.receipt = (await one.phone.post("/v1/me/leave"))["receipt"]
        with pytest.raises(CallRefused) as refusal:
            await one.phone.get("/v1/me/record")
        assert refusal.value.status == 401


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("privacy") / "demo"


@pytest.fixture(scope="module")
def store(directory: Path) -> Iterator[OpenStore]:
    with open_store(directory, seed=SEED) as opened:
        yield opened


@asynccontextmanager
async def searched(store: OpenStore, directory: Path) -> AsyncIterator[Searched]:
    settings = tomllib.loads((directory / "store.toml").read_text("utf-8"))
    async with (
        httpx.AsyncClient(base_url=store.agent, timeout=20, trust_env=False) as agent,
        background() as beside,
    ):
        desk = Desk(agent)
        await desk.sign_in(store.key)
        console = desk.view("/v1/live/console")
        cloud = Recorder(settings["cloud"]["port"])
        lan = Recorder(settings["store_broker"]["port"], without="home/")
        _start(beside, console, cloud, lan)
        yield Searched(store, directory, agent, desk, console, cloud, lan, settings)


def _start(beside: Background, console: LiveView, *recorders: Recorder) -> None:
    beside.start(console.follow(), "console")
    for recorder in recorders:
        beside.start(recorder.listen(), "recorder")


async def test_nobody_who_left_and_no_stranger_can_be_found(
    store: OpenStore, directory: Path
) -> None:
    async with searched(store, directory) as house:
        anna, ben = [await _customer(house, store.located(number)) for number in (0, 1)]
        order = await _collect_an_order(house, store.located(0))
        carol = await _by_invitation(house)
        dora = await _from_the_cloud(house)
        strangers = await _a_day_of_strangers(house)
        await house.leave(carol)
        await house.leave(ben)
        await house.leave(dora)
        await store.pull("cloud", {"up": False})
        await house.sees("link", lambda link: link["cloud"] != "online")
        await house.leave(anna)
        await store.pull("cloud", {"up": True})
        people = [anna, ben, carol, dora]
        await _told(house, len(people))
        _check_order(directory, order)
        _empty_wal(directory)
        places = [
            *contents(directory / "state", leave_out=("secrets/",)),
            *contents(directory / "logs"),
        ]
        assert {"agent.sqlite", "A.journal", "agent.log"} <= {name for name, _ in places}
        for one in people:
            traffic = [*messages(house.cloud.kept[one.left_at :]), *messages(house.lan.kept)]
            assert traffic
            assert find(one.identifiers, [*places, *traffic]) == []
        heard = [*messages(house.cloud.kept), *messages(house.lan.kept)]
        assert find_addresses(strangers, [*places, *heard]) == []
        await _receipts_are_good(house, people)


async def _customer(house: Searched, person: Person) -> Somebody:
    """Somebody of the demo, on their own phone, after a walk to the shelf and a coupon."""
    code = (await house.store.pull(f"people/{person.id}/phone"))["join_code"]
    joined = await Caller(house.agent).post("/v1/join", {"code": code})
    phone = Caller.bearer(house.agent, joined["token"])
    await house.store.pull(f"people/{person.id}/walk", SHOES)
    await house.sees(
        "coupons",
        lambda seen: any(coupon["shopper"] == person.shopper for coupon in seen["coupons"]),
    )
    guest = _guest(house, person.id)
    record = await phone.get("/v1/me/record")
    assert record["beacons"] == [guest.card.identity]
    assert record["offers"]
    assert record["visits"]
    raw = guest.card.uuid.bytes + guest.card.major.to_bytes(2) + guest.card.minor.to_bytes(2)
    return Somebody(
        phone,
        person.shopper,
        {
            "pseudonym": forms_of_text(person.shopper),
            "token": forms_of_text(joined["token"]),
            "card": forms_of_text(guest.card.identity) | forms_of_bytes(raw),
            "address": forms_of_bytes(bytes.fromhex(guest.address.replace(":", ""))),
            "name": forms_of_text(guest.full_name) | forms_of_text(guest.name["ko"]),
        },
    )


def _guest(house: Searched, person: str) -> Any:  # noqa: ANN401 - the simulator's own
    """What the simulator drew for somebody; the store must not know it."""
    material = tomllib.loads((HERE / "story.toml").read_text("utf-8"))
    story = tell(
        load_plan(house.directory / "store.toml"),
        tomllib.loads((HERE / "catalogue.toml").read_text("utf-8")),
        {**material, "campaigns": house.settings["campaigns"]},
        seed=SEED,
        seconds=STORY_S,
    )
    return next(part.guest for part in story.parts if part.guest.id == person)


STORY_S = 60.0
"""The demo's own default: how many people there are depends on it."""


async def _collect_an_order(house: Searched, person: Person) -> str:
    """Anna orders, a clerk brings the bag to the locker, she shows her pass; the order's number."""
    order = str((await house.store.pull(f"people/{person.id}/order"))["order"])

    def at(state: str) -> Callable[[Any], bool]:
        return lambda seen: any(
            one["order"] == order and one["state"] == state for one in seen["orders"]
        )

    await house.sees("orders", at("accepted"))
    for step in ("pick", "picked", "stage"):
        await house.desk.post(f"/v1/orders/{order}/{step}")
    await house.sees("orders", at("ready"))
    async with asyncio.timeout(DEADLINE_S):
        while not at("collected")(house.console.values["orders"]):
            with suppress(CallRefused):  # the phone may not show the pass yet
                await house.store.pull(f"people/{person.id}/show-pass")
            await house.sees("orders", lambda seen: seen["orders"])
            await asyncio.sleep(0)
    return order


async def _by_invitation(house: Searched) -> Somebody:
    """A phone that joins with a resolving key, and is heard once by a private address."""
    code = await house.desk.post("/v1/join-codes", {"role": "guest"})
    joined = await Caller(house.agent).post("/v1/join", {"code": code["code"]})
    phone = Caller.bearer(house.agent, joined["token"])
    texts = await phone.get("/v1/consents/texts")
    body = {
        "beacon": {"irk": IRK.hex()},
        "language": "ko",
        "consents": {"location": True, "advertising": True, "night_advertising": True},
        "text_version": texts["version"],
    }
    shopper = (await phone.post("/v1/enrolment", body))["shopper"]
    address = _private_address(IRK, bytes.fromhex("708194"))
    async with connect(_store_broker(house)) as connection:
        async with asyncio.timeout(DEADLINE_S):
            while not any(
                one["shopper"] == shopper for one in house.console.values["floor"]["shoppers"]
            ):
                await _publish(connection, house, address, None)
                await asyncio.sleep(0.1)
    return Somebody(
        phone,
        shopper,
        {
            "pseudonym": forms_of_text(shopper),
            "token": forms_of_text(joined["token"]),
            "key": forms_of_bytes(IRK),
            "address": forms_of_bytes(address),
        },
    )


async def _from_the_cloud(house: Searched) -> Somebody:
    """Somebody who joined in the retailer's app with an EID key, and opens their page here."""
    shopper = "dora-of-the-app"
    body = {
        "language": "en",
        "beacons": [{"eid_key": EID_KEY.hex()}],
        "consents": [
            {
                "purpose": "location",
                "text_version": "app-7",
                "language": "en",
                "given_at": "2026-11-01T09:00:00+09:00",
                "until": "2028-11-01T09:00:00+09:00",
                "evidence": EVIDENCE,
            }
        ],
    }
    async with _hub(house) as hub:
        await hub.put(f"/v1/stores/seongsu-1/shoppers/{shopper}", json=body)
    await house.sees(
        "facts",
        lambda seen: any(one["data"].get("evidence") == EVIDENCE for one in seen["facts"]),
    )
    code = await house.desk.post("/v1/join-codes", {"role": "shopper", "subject": shopper})
    joined = await Caller(house.agent).post("/v1/join", {"code": code["code"]})
    phone = Caller.bearer(house.agent, joined["token"])
    record = await phone.get("/v1/me/record")
    assert [consent["evidence"] for consent in record["consents"]] == [EVIDENCE]
    return Somebody(
        phone,
        shopper,
        {
            "pseudonym": forms_of_text(shopper),
            "token": forms_of_text(joined["token"]),
            "key": forms_of_bytes(EID_KEY),
            "evidence": forms_of_text(EVIDENCE),
        },
    )


def _private_address(irk: bytes, prand: bytes) -> bytes:
    """A resolvable private address (Bluetooth Core 5.4, Vol 3, Part H, 2.2.2)."""
    cipher = Cipher(algorithms.AES(irk), modes.ECB()).encryptor()  # noqa: S305 - as the standard says
    return prand + cipher.update(bytes(13) + prand)[-3:]


async def _a_day_of_strangers(house: Searched) -> set[bytes]:
    """So many phones pass the entrance, some of them beacons; the radio counts them."""
    random = Random(SEED)  # noqa: S311 - a crowd, not a secret
    addresses = {random.randbytes(6) for _ in range(A_DAY)}
    async with connect(_store_broker(house)) as connection:
        for number, address in enumerate(sorted(addresses)):
            beacon = random.randbytes(16) if number % 10 == 0 else None
            await _publish(connection, house, address, beacon)
    await house.sees("radio", lambda radio: radio["strangers"]["today"] > 0.95 * A_DAY)
    return addresses


def _store_broker(house: Searched) -> Broker:
    return Broker(host="127.0.0.1", port=house.settings["store_broker"]["port"], mqtt5=False)


async def _publish(connection: Any, house: Searched, address: bytes, uuid: bytes | None) -> None:  # noqa: ANN401 - what `connect` gives
    gateway = next(one for one in house.settings["receivers"] if one["kind"] == "omg")["gateway"]
    report: dict[str, object] = {"id": address.hex(":").upper(), "rssi": -60}
    if uuid is not None:
        report["manufacturerdata"] = f"4c000215{uuid.hex()}00010002c5"
    topic = f"home/{gateway}/BTtoMQTT/{address.hex().upper()}"
    await connection.publish(topic, json.dumps(report).encode(), qos=0)


async def _told(house: Searched, many: int) -> None:
    """Wait until the hub has every withdrawal, and nothing waits any more."""
    async with _hub(house) as hub, asyncio.timeout(DEADLINE_S):
        while True:
            answer = await hub.get("/v1/stores/seongsu-1/facts?lane=record&limit=100")
            told = [one for one in answer.json()["facts"] if one["type"].endswith(".left.v1")]
            if len(told) == many:
                break
            await asyncio.sleep(0.2)
    await house.sees("lanes", lambda seen: not any(lane["waiting"] for lane in seen["lanes"]))


def _hub(house: Searched) -> httpx.AsyncClient:
    key = (house.directory / "state" / "secrets" / "hub-api.key").read_text("utf-8").strip()
    headers = {"authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=house.store.hub, headers=headers, trust_env=False)


def _check_order(directory: Path, order: str) -> None:
    """The order stays as the store's own record, and nobody stands in it."""
    with closing(sqlite3.connect(directory / "state" / "agent.sqlite")) as database:
        row = database.execute(
            "SELECT state, shopper, collector, phone_last4 FROM pickup_order WHERE id = ?",
            (order,),
        ).fetchone()
    assert row == ("collected", None, "", "")


def _empty_wal(directory: Path) -> None:
    with closing(sqlite3.connect(directory / "state" / "agent.sqlite", timeout=10)) as database:
        (busy, _, _) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy


async def _receipts_are_good(house: Searched, people: list[Somebody]) -> None:
    for one in people:
        asked = {"receipt": one.receipt, "shopper": one.shopper}
        told = await Caller(house.agent).post("/v1/receipts/verify", asked)
        assert told["concerns"] is True
        assert find({"hash": {told["hash"].encode()}}, messages(house.cloud.kept[one.left_at :]))
