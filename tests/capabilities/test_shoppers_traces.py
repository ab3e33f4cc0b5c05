"""What the other rooms keep of somebody who leaves: what an open order needs, while it is open."""

import msgspec

from edge_agent.capabilities.coupons import store as coupons
from edge_agent.capabilities.coupons.service import Coupons
from edge_agent.capabilities.pickup import store as orders
from edge_agent.capabilities.pickup.model import State
from edge_agent.storage import Storage, Tx
from edge_agent.storage.answers import forget_answers
from edge_agent.web.sessions import Sessions, forget_subject
from tests.capabilities.pickup_world import Shop, place_order
from tests.capabilities.test_coupons import People, Shelf, campaign
from tests.capabilities.world import MORNING, StillClock


async def test_a_bag_that_waits_keeps_its_collector_until_it_is_handed_over(
    storage: Storage, clock: StillClock
) -> None:
    shop = await Shop.opened(storage, clock)
    await shop.place()
    placed = await shop.order()
    assert placed.shopper is not None
    await storage.run(lambda tx: orders.forget_shopper(tx, str(placed.shopper)))
    waiting = await shop.order()
    assert (waiting.shopper, waiting.collector) == (None, placed.collector)
    await shop.pick()
    await shop.pickups.stage("W-1", bank="desk")
    assert (await shop.order()).collector == placed.collector
    await shop.pickups.hand_over("W-1")
    ended = await shop.order()
    assert ended.state is State.COLLECTED
    assert (ended.collector, ended.phone_last4) == ("", "")


async def test_an_order_that_ended_loses_its_collector_at_once_and_others_keep_theirs(
    storage: Storage, clock: StillClock
) -> None:
    shop = await Shop.opened(storage, clock)
    await shop.place()
    await shop.place(msgspec.structs.replace(place_order(), order="W-2", shopper="ben"))
    await shop.cancel()
    await storage.run(lambda tx: orders.forget_shopper(tx, "anna"))
    gone = await shop.order()
    assert (gone.shopper, gone.collector, gone.phone_last4) == (None, "", "")
    other = await storage.view(lambda reads: orders.find(reads, "W-2"))
    assert other is not None
    assert (other.shopper, bool(other.collector)) == ("ben", True)


async def test_redeemed_coupons_stay_as_the_tills_record_without_a_name(
    storage: Storage, clock: StillClock
) -> None:
    room = Coupons(storage, clock, consents=People(), shelf=Shelf())
    item = campaign(per_shopper=2)
    await storage.run(lambda tx: coupons.put_campaign(tx, item.id, msgspec.json.encode(item)))

    def stay(tx: Tx) -> None:
        room.consider(tx, "anna", "shoes", clock.now())

    await storage.run(stay)
    (first,) = await storage.view(lambda reads: coupons.newest(reads, 10))
    await room.redeem(first.code, till="1", receipt="R-1")
    await storage.run(stay)
    await storage.run(lambda tx: coupons.forget_shopper(tx, "anna"))
    (left,) = await storage.view(lambda reads: coupons.newest(reads, 10))
    assert (left.code, left.shopper) == (first.code, "")


async def test_sessions_codes_and_kept_answers_go_too(storage: Storage, clock: StillClock) -> None:
    sessions = Sessions(storage, clock, [])
    code, _ = await sessions.mint("shopper", "anna")
    token = (await sessions.join(code)).token
    await sessions.mint("shopper", "anna")

    def answer(tx: Tx) -> None:
        tx.answer("1", "hash", 201, b'{"shopper":"anna"}', MORNING)
        tx.answer("2", "hash", 201, b'{"shopper":"ben"}', MORNING)

    await storage.run(answer)

    def forget(tx: Tx) -> None:
        forget_subject(tx, "anna")
        forget_answers(tx, "anna")

    await storage.run(forget)
    assert await sessions.session(token) is None
    assert await storage.read("SELECT * FROM join_code") == []
    assert [row["key"] for row in await storage.read("SELECT key FROM answer")] == ["2"]
