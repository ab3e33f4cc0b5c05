from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from cloud_bridge.wire.streams.orders import PlaceOrder
from edge_agent.capabilities.pickup.decide.passes import Claims, write
from edge_agent.capabilities.pickup.model import (
    AtDesk,
    AtDoor,
    Compartment,
    Desk,
    Problem,
    Size,
    State,
)
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage
from tests.capabilities.pickup_world import KEY, POLICY, SHOE, Shop, place_order
from tests.capabilities.world import StillClock, facts, names


@pytest.fixture
async def shop(storage: Storage, clock: StillClock) -> Shop:
    return await Shop.opened(storage, clock)


async def test_an_order_is_answered_and_the_same_order_again_has_no_effect(shop: Shop) -> None:
    await shop.place()
    await shop.pickups.start_picking("W-1")
    await shop.place(place_order(quantity=9))
    assert (await shop.order()).units() == {SHOE: 1}
    assert (await shop.order()).state is State.PICKING
    assert await names(shop.storage, "store.order") == ["order.accepted", "order.accepted"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (place_order(quantity=0), "bad_quantity"),
        (place_order(hours=-1), "too_late"),
        (msgspec.structs.replace(place_order(), lines=[]), "no_lines"),
        (place_order("W/1"), "bad_order_id"),
    ],
)
async def test_an_order_that_cannot_be_taken_on_is_rejected_with_its_reason(
    shop: Shop, command: PlaceOrder, reason: str
) -> None:
    await shop.place(command)
    assert await facts(shop.storage) == [
        ("order.rejected", {"order": command.order, "reason": reason})
    ]
    with pytest.raises(Refused) as refusal:
        await shop.pickups.start_picking(command.order)
    assert refusal.value.code == "order_rejected"


async def test_a_bag_at_the_desk_is_ready_at_once_and_handed_over_by_a_person(shop: Shop) -> None:
    await shop.place()
    await shop.pick()
    assert await shop.pickups.stage("W-1", bank="desk") == AtDesk("W-1")
    assert (await shop.order()).slot == Desk()
    assert await shop.pickups.scan(await shop.pass_of(), at="desk") == AtDesk("W-1")
    await shop.pickups.hand_over("W-1")
    order = await shop.order()
    assert order.state is State.COLLECTED
    assert (await facts(shop.storage))[-1] == (
        "pickup.collected",
        {"order": "W-1", "evidence": ["pass_verified", "staff_confirmed"], "lines": {SHOE: 1}},
    )


async def test_a_bag_waits_no_longer_than_the_store_keeps_it(
    storage: Storage, clock: StillClock
) -> None:
    shop = await Shop.opened(storage, clock)
    await shop.place(place_order(hours=24 * 30))
    await shop.pick()
    await shop.pickups.stage("W-1", bank="desk")
    kept_until = clock.now().wall + timedelta(seconds=POLICY.hold_s)
    assert (await shop.order()).collect_by == kept_until


async def test_what_lies_in_a_locker_is_not_given_over_the_desk(shop: Shop) -> None:
    await shop.ready_in_locker()
    with pytest.raises(Refused) as over_the_desk:
        await shop.pickups.hand_over("W-1")
    with pytest.raises(Refused) as pass_at_the_desk:
        await shop.pickups.scan(await shop.pass_of(), at="desk")
    assert (over_the_desk.value.code, pass_at_the_desk.value.code) == ("in_locker", "in_locker")


async def test_the_smallest_free_compartment_that_fits_is_taken(shop: Shop) -> None:
    assert await shop.ready_in_locker("W-1") == 2
    assert await shop.ready_in_locker("W-2") == 3
    await shop.place(place_order("W-3"))
    await shop.pick("W-3")
    assert await shop.pickups.stage("W-3", size=Size.L) == AtDoor("W-3", "A", 1)


async def test_when_all_lockers_are_full_or_silent_the_bag_stays_at_the_desk(shop: Shop) -> None:
    shop.bank.here = False
    await shop.place()
    await shop.pick()
    with pytest.raises(Refused) as refusal:
        await shop.pickups.stage("W-1", bank="A")
    assert refusal.value.code == "no_compartment"
    assert await shop.pickups.stage("W-1") == AtDesk("W-1")


async def test_who_is_heard_at_the_pickup_point_has_arrived_for_what_is_ready(shop: Shop) -> None:
    await shop.ready_in_locker("W-1")
    await shop.place(place_order("W-2"))
    for _ in range(2):
        await shop.storage.run(lambda tx: shop.pickups.arrived(tx, "anna", shop.clock.now()))
    assert (await shop.order("W-1")).state is State.ARRIVED
    assert (await shop.order("W-2")).state is State.ACCEPTED
    assert await facts(shop.storage, "store.pickup.arrived") == [
        ("pickup.arrived", {"order": "W-1", "by": "presence"})
    ]


async def test_the_button_arrives_once_and_only_for_ones_own_order(shop: Shop) -> None:
    await shop.ready_in_locker()
    with pytest.raises(Refused) as refusal:
        await shop.pickups.arrive("W-1", "ben")
    assert refusal.value.code == "order_unknown"
    for _ in range(2):
        await shop.pickups.arrive("W-1", "anna")
    assert len(await facts(shop.storage, "store.pickup.arrived")) == 1


async def test_cancelling_before_the_handover_ends_the_order_and_its_pass(shop: Shop) -> None:
    await shop.place()
    await shop.pick()
    await shop.pickups.stage("W-1", bank="desk")
    code = await shop.pass_of()
    await shop.cancel()
    with pytest.raises(Refused) as refusal:
        await shop.pickups.scan(code, at="desk")
    assert refusal.value.code == "cancelled"
    assert (await facts(shop.storage))[-1] == (
        "order.cancelled",
        {"order": "W-1", "reason": "customer"},
    )


async def test_what_was_handed_over_cannot_be_cancelled(shop: Shop) -> None:
    await shop.place()
    await shop.pick()
    await shop.pickups.stage("W-1", bank="desk")
    await shop.pickups.hand_over("W-1")
    await shop.cancel()
    await shop.cancel("W-9")
    assert [data["reason"] for _, data in (await facts(shop.storage))[-2:]] == [
        "already_collected",
        "order_unknown",
    ]
    assert (await shop.order()).state is State.COLLECTED


async def test_a_cancelled_bag_holds_its_compartment_until_it_was_seen_to_be_out(
    shop: Shop,
) -> None:
    number = await shop.ready_in_locker()
    await shop.cancel()
    await shop.cancel()
    assert await names(shop.storage, "store.order.cancelled") == ["order.cancelled"] * 2
    assert (await shop.order()).problem is Problem.TAKE_OUT_CANCELLED
    assert await shop.pickups.remove("W-1") == AtDoor("W-1", "A", number)
    await shop.bank.close(number)
    assert (await shop.order()).slot == Compartment("A", number)
    await shop.pickups.remove("W-1")
    await shop.bank.take_out(number)
    await shop.bank.close(number)
    order = await shop.order()
    assert (order.slot, order.problem, order.state) == (None, None, State.CANCELLED)
    assert await names(shop.storage, "store.pickup.collected") == []


async def test_names_are_forgotten_some_days_after_the_end(shop: Shop, clock: StillClock) -> None:
    await shop.place()
    await shop.place(place_order("W-2"))
    await shop.cancel("W-1")
    clock.advance(POLICY.forget_after_s + 1)
    await shop.keeper.forget_people()
    assert ((await shop.order("W-1")).collector, (await shop.order("W-1")).phone_last4) == ("", "")
    assert (await shop.order("W-2")).collector == "김안나"


async def test_times_are_kept_in_utc_whatever_offset_came_down(shop: Shop) -> None:
    await shop.place()
    assert (await shop.order()).collect_by == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


async def test_a_signed_pass_with_another_id_is_worth_nothing(shop: Shop) -> None:
    await shop.ready_in_locker()
    order = await shop.order()
    stale = write(Claims("W-1", "s-1", order.collect_by, "of-an-older-database"), KEY)
    with pytest.raises(Refused) as refusal:
        await shop.pickups.scan(stale, at="A")
    assert refusal.value.code == "pass_invalid"
    assert (await shop.order()).state is State.READY
