import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cloud_bridge.link.ports import Unusable
from cloud_bridge.wire.digests import Buckets, bucket_of, digest, item_hash
from cloud_bridge.wire.envelope import Command
from cloud_bridge.wire.messages import REMOVED, Change, Delta
from cloud_bridge.wire.streams.orders import CancelOrder, PlaceOrder
from cloud_bridge.wire.streams.shoppers import Shopper
from edge_agent.capabilities.coupons import store as coupons
from edge_agent.capabilities.pickup.model import State
from edge_agent.capabilities.shoppers.service import ShopperStream
from edge_agent.inbox import StoreInbox
from edge_agent.kernel.clock import Instant
from edge_agent.storage import LaneFull, Storage, Tx, open_storage
from tests.capabilities.pickup_world import Shop, place_order
from tests.capabilities.shopper_world import Company
from tests.capabilities.test_coupons import campaign
from tests.capabilities.world import MORNING, StillClock, facts, names
from tests.storage.support import SOLD


@pytest.fixture
async def shop(storage: Storage, clock: StillClock) -> Shop:
    return await Shop.opened(storage, clock)


@pytest.fixture
def inbox(shop: Shop) -> StoreInbox:
    shoppers = ShopperStream(Company().room(shop.storage, shop.clock))
    return StoreInbox(shop.storage, shop.clock, pickups=shop.pickups, shoppers=shoppers)


def command(sequence: int, kind: str = PlaceOrder.TYPE, data: Any = None) -> Command:  # noqa: ANN401
    return Command(
        id=f"c-{sequence}",
        type=kind,
        subject="orders/W-1",
        time=MORNING.wall,
        sequence=sequence,
        data=msgspec.Raw(msgspec.json.encode(place_order() if data is None else data)),
    )


def raw(item: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(item))


async def held(storage: Storage) -> list[str]:
    return [one.id for one in await storage.view(coupons.campaigns)]


async def test_commands_are_carried_out_once_and_in_order(shop: Shop, inbox: StoreInbox) -> None:
    cancel = command(2, CancelOrder.TYPE, CancelOrder(order="W-1", reason="customer"))
    await inbox.command(cancel)
    assert (await inbox.positions()).commands == 0
    for one in (command(1), command(1), cancel, cancel, command(1)):
        await inbox.command(one)
    assert await names(shop.storage) == ["order.accepted", "order.cancelled"]
    assert (await shop.order()).state is State.CANCELLED
    assert (await inbox.positions()).commands == 2


@pytest.mark.parametrize(
    ("kind", "data"), [("hub.order.teleport.v1", {}), (PlaceOrder.TYPE, {"order": "W-1"})]
)
async def test_a_command_that_is_not_understood_is_answered_and_holds_up_nothing(
    shop: Shop, inbox: StoreInbox, kind: str, data: object
) -> None:
    await inbox.command(command(1, kind, data))
    await inbox.command(command(2))
    assert await facts(shop.storage) == [
        ("command.unsupported", {"command": "c-1", "sequence": 1, "type": kind}),
        ("order.accepted", {"order": "W-1"}),
    ]


@pytest.mark.parametrize(
    "impossible",
    [
        {"collect_by": "9999-12-31T23:59:59-12:00"},
        {"order": "W" * 40_000, "lines": []},
    ],
    ids=["past the calendar", "a name that no fact can carry"],
)
async def test_a_command_that_cannot_be_carried_out_is_answered_and_leaves_nothing(
    shop: Shop, inbox: StoreInbox, impossible: dict[str, object]
) -> None:
    await inbox.command(command(1, data=msgspec.to_builtins(place_order()) | impossible))
    await inbox.command(command(2))
    assert await names(shop.storage) == ["command.unsupported", "order.accepted"]
    assert (await inbox.positions()).commands == 2


async def test_bytes_that_are_no_text_are_no_command_and_no_campaign(
    shop: Shop, inbox: StoreInbox
) -> None:
    broken = msgspec.Raw(b'{"id":"a","order":"\xff","title":{"en":"\xff"}}')
    await inbox.command(msgspec.structs.replace(command(1), data=broken))
    await inbox.delta(Delta(stream="coupons", version=1, changes=[Change(key="a", item=broken)]))
    with pytest.raises(Unusable):
        await inbox.snapshot("coupons", 2, [msgspec.Raw(b'{"id":"\xff"}')])
    assert await names(shop.storage) == ["command.unsupported"]
    assert (await inbox.positions()).streams["coupons"] == 1
    assert await held(shop.storage) == []


async def test_a_time_without_its_offset_is_not_understood(shop: Shop, inbox: StoreInbox) -> None:
    vague = msgspec.to_builtins(place_order()) | {"collect_by": "2026-11-24T18:00:00"}
    await inbox.command(command(1, data=vague))
    assert await names(shop.storage) == ["command.unsupported"]


async def test_deltas_apply_one_after_the_other(shop: Shop, inbox: StoreInbox) -> None:
    first = Delta(stream="coupons", version=1, changes=[Change(key="a", item=raw(campaign("a")))])
    second = Delta(
        stream="coupons",
        version=2,
        changes=[Change(key="b", item=raw(campaign("b"))), Change(key="a", item=REMOVED)],
    )
    for delta in (second, first, first, second):
        wire = msgspec.json.encode(delta)
        await inbox.delta(msgspec.json.decode(wire, type=Delta))
    assert await held(shop.storage) == ["b"]
    assert (await inbox.positions()).streams["coupons"] == 2


async def test_a_snapshot_replaces_everything_whatever_was_held(
    shop: Shop, inbox: StoreInbox
) -> None:
    await inbox.snapshot("coupons", 9, [raw(campaign("a")), raw(campaign("b"))])
    await inbox.snapshot("coupons", 3, [raw(campaign("b")), raw(campaign("c"))])
    assert await held(shop.storage) == ["b", "c"]
    assert (await inbox.positions()).streams["coupons"] == 3


async def test_a_snapshot_with_a_nameless_item_changes_nothing(
    shop: Shop, inbox: StoreInbox
) -> None:
    await inbox.snapshot("coupons", 1, [raw(campaign("a"))])
    with pytest.raises(Unusable):
        await inbox.snapshot("coupons", 2, [raw({"title": {}})])
    assert await held(shop.storage) == ["a"]
    assert (await inbox.positions()).streams["coupons"] == 1


async def test_a_stream_that_this_version_does_not_follow_passes_by(inbox: StoreInbox) -> None:
    await inbox.delta(Delta(stream="weather", version=1, changes=[]))
    await inbox.snapshot("weather", 1, [raw({"id": "rain"})])
    assert (await inbox.positions()).streams["coupons"] == 0


async def test_a_large_snapshot_is_applied_in_slices_and_held_with_the_last(
    shop: Shop, inbox: StoreInbox
) -> None:
    before = shop.storage.generation
    await inbox.snapshot("shoppers", 3, [raw(shopper(number)) for number in range(250)])
    assert shop.storage.generation - before == 4
    assert (await inbox.positions()).streams["shoppers"] == 3
    (row,) = await shop.storage.read("SELECT count(*) AS held FROM shopper")
    assert row["held"] == 250
    before = shop.storage.generation
    await inbox.snapshot("shoppers", 4, [raw(shopper(number)) for number in range(240, 260)])
    assert shop.storage.generation - before == 4
    (row,) = await shop.storage.read("SELECT count(*) AS held FROM shopper")
    assert row["held"] == 20
    assert (await inbox.positions()).streams["shoppers"] == 4


async def test_what_is_held_is_said_in_a_digest_however_it_came(
    shop: Shop, inbox: StoreInbox
) -> None:
    items = {one.id: msgspec.json.encode(one) for one in map(shopper, range(30))}
    changes = [Change(key=key, item=msgspec.Raw(item)) for key, item in items.items()]
    for version, change in enumerate(changes, 1):
        await inbox.delta(Delta(stream="shoppers", version=version, changes=[change]))
    said = Buckets.of(items.items())
    assert (await inbox.positions()).digests["shoppers"] == digest(said)
    await inbox.snapshot("shoppers", 40, [msgspec.Raw(item) for item in items.values()])
    assert await inbox.buckets("shoppers") == said.hashes
    gone = Change(key="e-3", item=REMOVED)
    await inbox.delta(Delta(stream="shoppers", version=41, changes=[gone]))
    await inbox.delta(Delta(stream="shoppers", version=42, changes=[gone]))
    said.toggle("e-3", item_hash("e-3", items["e-3"]))
    assert await inbox.buckets("shoppers") == said.hashes


async def test_a_snapshot_of_some_buckets_leaves_the_others_as_they_are(
    shop: Shop, inbox: StoreInbox
) -> None:
    await inbox.snapshot("shoppers", 1, [raw(shopper(number)) for number in range(30)])
    bucket = bucket_of("e-7")
    inside = [number for number in range(30) if bucket_of(f"e-{number}") == bucket]
    come = next(number for number in range(30, 10**6) if bucket_of(f"e-{number}") == bucket)
    await inbox.snapshot("shoppers", 2, [raw(shopper(come))], [bucket])
    rows = await shop.storage.read("SELECT id FROM shopper")
    kept = {number for number in range(30) if number not in inside} | {come}
    assert {row["id"] for row in rows} == {shopper(number).shopper for number in kept}
    wanted = Buckets.of((f"e-{n}", msgspec.json.encode(shopper(n))) for n in kept)
    positions = await inbox.positions()
    assert positions.digests["shoppers"] == digest(wanted)
    assert positions.streams["shoppers"] == 2


def shopper(number: int) -> Shopper:
    return Shopper(id=f"e-{number}", shopper=f"person-{number:06d}", language="ko")


async def test_a_step_or_snapshot_for_which_the_log_has_no_room_is_left_at_the_hub(
    shop: Shop,
) -> None:
    def configure(_tx: Tx, _key: str, _item: bytes, _now: Instant) -> None:
        raise LaneFull("record")

    inbox = StoreInbox(
        shop.storage,
        shop.clock,
        pickups=shop.pickups,
        shoppers=ShopperStream(Company().room(shop.storage, shop.clock)),
        configuration=configure,
    )
    item = msgspec.Raw(b'{"id": "settings"}')
    changes = [Change(key="settings", item=item)]
    with pytest.raises(Unusable, match="step 1 of config"):
        await inbox.delta(Delta(stream="config", version=1, changes=changes))
    with pytest.raises(Unusable, match="snapshot 1 of config"):
        await inbox.snapshot("config", 1, [item])
    assert (await inbox.positions()).streams["config"] == 0


async def test_what_comes_of_the_streams_waits_for_no_company(tmp_path: Path) -> None:
    def configure(tx: Tx, _key: str, _item: bytes, now: Instant) -> None:
        tx.record(SOLD, now)

    clock, item = StillClock(), msgspec.Raw(b'{"id": "settings"}')
    async with (
        asyncio.timeout(10),
        open_storage(tmp_path / "a.db", gateway="gw-1", clock=clock, company_s=3600) as storage,
    ):
        inbox = StoreInbox(
            storage,
            clock,
            pickups=(await Shop.opened(storage, clock)).pickups,
            shoppers=ShopperStream(Company().room(storage, clock)),
            configuration=configure,
        )
        await inbox.snapshot("config", 1, [item])
        changes = [Change(key="settings", item=item)]
        await inbox.delta(Delta(stream="config", version=2, changes=changes))
        assert (await storage.log.state()).lanes["stock"].recorded == 2
