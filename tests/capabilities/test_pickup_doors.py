import pytest

from edge_agent.capabilities.pickup import store
from edge_agent.capabilities.pickup.decide import doors
from edge_agent.capabilities.pickup.model import (
    AtDoor,
    Compartment,
    Opening,
    Problem,
    Purpose,
    State,
)
from edge_agent.devices.messages import CommandResult, Door, FromDevice, Hello, Outcome
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage
from tests.capabilities.pickup_world import POLICY, SHOE, Shop, place_order
from tests.capabilities.world import MORNING, StillClock, facts, names


@pytest.fixture
async def shop(storage: Storage, clock: StillClock) -> Shop:
    return await Shop.opened(storage, clock)


async def test_the_whole_way_through_a_locker(shop: Shop) -> None:
    number = await shop.ready_in_locker()
    assert (await shop.order()).state is State.READY
    assert await shop.pickups.scan(await shop.pass_of(), at="A") == AtDoor("W-1", "A", number)
    assert (await shop.order()).state is State.OPEN
    await shop.bank.take_out(number)
    assert (await shop.order()).state is State.OPEN
    await shop.bank.close(number)
    order = await shop.order()
    assert (order.state, order.slot) == (State.COLLECTED, None)
    assert await names(shop.storage) == [
        "order.accepted",
        "pickup.picking_started",
        "pickup.picked",
        "pickup.door_opened",
        "pickup.ready",
        "pickup.arrived",
        "pickup.verified",
        "pickup.door_opened",
        "pickup.collected",
    ]
    assert (await facts(shop.storage))[-1][1] == {
        "order": "W-1",
        "evidence": ["pass_verified", "door_opened", "goods_taken", "door_closed"],
        "lines": {SHOE: 1},
    }


async def test_without_occupancy_sensors_the_evidence_says_only_what_was_seen(shop: Shop) -> None:
    shop.bank.sensors = False
    await shop.bank.report()
    number = await shop.ready_in_locker()
    await shop.pickups.scan(await shop.pass_of(), at="A")
    await shop.bank.close(number)
    assert (await facts(shop.storage))[-1][1]["evidence"] == [
        "pass_verified",
        "door_opened",
        "door_closed",
    ]


async def test_a_pass_opens_nothing_twice(shop: Shop) -> None:
    number = await shop.ready_in_locker()
    code = await shop.pass_of()
    await shop.pickups.scan(code, at="A")
    with pytest.raises(Refused) as meanwhile:
        await shop.pickups.scan(code, at="A")
    await shop.bank.take_out(number)
    await shop.bank.close(number)
    with pytest.raises(Refused) as after:
        await shop.pickups.scan(code, at="A")
    assert (meanwhile.value.code, after.value.code) == ("door_opening", "already_collected")
    assert len(shop.bank.opened) == 2


async def test_goods_left_inside_are_not_collected_and_the_pass_opens_again(shop: Shop) -> None:
    number = await shop.ready_in_locker()
    await shop.pickups.scan(await shop.pass_of(), at="A")
    await shop.bank.close(number)
    order = await shop.order()
    assert (order.state, order.problem) == (State.ARRIVED, Problem.GOODS_LEFT_INSIDE)
    await shop.pickups.scan(await shop.pass_of(), at="A")
    await shop.bank.take_out(number)
    await shop.bank.close(number)
    assert (await shop.order()).state is State.COLLECTED


async def test_a_compartment_closed_on_nothing_is_not_ready(shop: Shop) -> None:
    await shop.place()
    await shop.pick()
    where = await shop.pickups.stage("W-1")
    assert isinstance(where, AtDoor)
    await shop.bank.close(where.compartment)
    order = await shop.order()
    assert (order.state, order.slot, order.problem) == (
        State.PICKED,
        None,
        Problem.COMPARTMENT_EMPTY,
    )


async def test_a_door_that_opens_by_itself_is_reported_and_never_counts_as_collected(
    shop: Shop,
) -> None:
    number = await shop.ready_in_locker()
    await shop.bank.pull_open(number)
    await shop.bank.take_out(number)
    await shop.bank.close(number)
    order = await shop.order()
    assert (order.state, order.problem) == (State.READY, Problem.OPENED_UNASKED)
    assert (await facts(shop.storage))[-1] == (
        "locker.opened_unasked",
        {"bank": "A", "compartment": number, "order": "W-1"},
    )


async def test_a_door_that_does_not_open_leaves_the_order_unreleased_and_is_used_no_more(
    shop: Shop,
) -> None:
    number = await shop.ready_in_locker()
    shop.bank.jammed = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    order = await shop.order()
    assert (order.state, order.problem) == (State.ARRIVED, Problem.DOOR_DID_NOT_OPEN)
    assert (await facts(shop.storage))[-1][1]["reason"] == "did not open"
    out = await shop.storage.view(store.out_of_service)
    assert [place.number for place in out] == [number]
    shop.bank.jammed = False
    await shop.pickups.scan(await shop.pass_of(), at="A")
    assert (await shop.order()).state is State.OPEN
    assert await shop.storage.view(store.out_of_service) == {}


async def test_behind_a_door_that_failed_a_clerk_gets_the_bag_with_a_key_and_hands_it_over(
    shop: Shop,
) -> None:
    number = await shop.ready_in_locker()
    with pytest.raises(Refused) as refusal:
        await shop.pickups.hand_over("W-1")
    assert refusal.value.code == "in_locker"
    shop.bank.jammed = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    await shop.pickups.hand_over("W-1")
    assert (await shop.order()).state is State.COLLECTED
    assert (await facts(shop.storage))[-1][1]["evidence"] == ["staff_confirmed"]
    assert [place.number for place in await shop.storage.view(store.out_of_service)] == [number]


async def test_staging_behind_a_jammed_door_takes_another_compartment_next_time(
    shop: Shop,
) -> None:
    shop.bank.jammed = True
    await shop.place()
    await shop.pick()
    first = await shop.pickups.stage("W-1")
    assert (await shop.order()).state is State.PICKED
    shop.bank.jammed = False
    second = await shop.pickups.stage("W-1")
    assert first != second
    await shop.pickups.return_to_service("A", 2)
    assert await shop.storage.view(store.out_of_service) == {}


async def test_a_bank_that_does_not_answer_is_not_waited_for(shop: Shop) -> None:
    await shop.ready_in_locker()
    shop.bank.here = False
    with pytest.raises(Refused) as refusal:
        await shop.pickups.scan(await shop.pass_of(), at="A")
    assert refusal.value.code == "bank_silent"
    assert (await shop.order()).state is State.READY


async def test_an_opening_that_nobody_answers_ends_with_its_reason(
    shop: Shop, clock: StillClock
) -> None:
    await shop.ready_in_locker()
    shop.bank.mute = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    clock.advance(POLICY.open_within_s + doors.ANSWER_S)
    await shop.keeper.tend()
    assert (await shop.order()).state is State.OPENING
    clock.advance(0.1)
    await shop.keeper.tend()
    order = await shop.order()
    assert (order.state, order.problem) == (State.ARRIVED, Problem.LOCKER_SILENT)
    assert (await names(shop.storage))[-1] == "pickup.opening_failed"


async def test_a_bank_that_comes_back_in_time_gets_the_same_command_again(shop: Shop) -> None:
    await shop.ready_in_locker()
    shop.bank.mute = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    shop.bank.here = False
    await shop.keeper.tend()
    shop.bank.here = True
    await shop.keeper.tend()
    await shop.keeper.tend()
    assert shop.bank.asked[-1] == shop.bank.asked[-2]
    assert len(shop.bank.asked) == 3


async def test_a_bank_that_was_restarted_is_asked_again_under_the_same_key(shop: Shop) -> None:
    await shop.ready_in_locker()
    shop.bank.mute = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    await shop.keeper.tend()
    assert len(shop.bank.asked) == 2
    await shop.keeper.heard("A", Hello("locker", 3))
    await shop.keeper.tend()
    assert shop.bank.asked[-1] == shop.bank.asked[-2]
    assert len(shop.bank.asked) == 3


async def test_after_a_restart_an_opening_in_time_is_sent_again_and_opens_once(
    shop: Shop, clock: StillClock
) -> None:
    number = await shop.ready_in_locker()
    shop.bank.mute = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    shop.bank.mute = False
    restarted = Shop(shop.storage, clock, shop.bank)
    clock.advance(5)
    await restarted.keeper.tend()
    await restarted.keeper.tend()
    assert [compartment for _, compartment in shop.bank.opened] == [number, number]
    assert (await shop.order()).state is State.OPEN


async def nobody_listens(_bank: str, _message: FromDevice) -> None:
    """The agent is dead."""


async def test_what_happened_while_the_agent_was_dead_for_long_is_asked_for_and_believed(
    shop: Shop, clock: StillClock
) -> None:
    number = await shop.ready_in_locker()
    code = await shop.pass_of()
    shop.bank.say = nobody_listens
    await shop.pickups.scan(code, at="A")
    await shop.bank.take_out(number)
    await shop.bank.close(number)
    clock.advance(3600)
    restarted = Shop(shop.storage, clock, shop.bank)
    await restarted.keeper.tend()
    assert len([one for one in shop.bank.opened if one[1] == number]) == 2
    assert (await shop.order()).state is State.COLLECTED


async def test_an_opening_that_is_over_is_never_carried_out_after_all(
    shop: Shop, clock: StillClock
) -> None:
    await shop.ready_in_locker()
    shop.bank.mute = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    opened = list(shop.bank.opened)
    shop.bank.mute = False
    clock.advance(POLICY.open_within_s)
    await Shop(shop.storage, clock, shop.bank).keeper.tend()
    order = await shop.order()
    assert (order.state, order.problem) == (State.ARRIVED, Problem.OPENED_TOO_LATE)
    assert shop.bank.opened == opened


@pytest.mark.parametrize(("bank", "compartment"), [("B", 2), ("A", 3)])
async def test_what_one_door_reports_says_nothing_about_another(
    shop: Shop, bank: str, compartment: int
) -> None:
    assert await shop.ready_in_locker() == 2
    shop.bank.mute = True
    await shop.pickups.scan(await shop.pass_of(), at="A")
    claim = CommandResult(
        shop.bank.asked[-1], Outcome.DONE, compartment, Door.CLOSED, occupied=False
    )
    await shop.keeper.heard(bank, claim)
    assert (await shop.order()).state is State.OPENING


def test_an_opening_of_another_boot_is_over_when_the_clock_was_set_back() -> None:
    opening = Opening(
        key="k",
        order="W-1",
        place=Compartment("A", 1),
        purpose=Purpose.COLLECT,
        boot="before",
        decided_at=MORNING,
        not_after=MORNING.plus(20),
    )
    rebooted = Instant(MORNING.plus(5).wall, 3.0)
    set_back = Instant(MORNING.plus(-3600).wall, 3.0)
    assert doors.left_s(opening, boot="before", now=MORNING.plus(5)) == 15
    assert doors.left_s(opening, boot="after", now=rebooted) == 15
    assert doors.left_s(opening, boot="after", now=set_back) < 0


async def test_a_door_left_open_becomes_a_task_until_it_is_closed(
    shop: Shop, clock: StillClock
) -> None:
    number = await shop.ready_in_locker()
    await shop.pickups.scan(await shop.pass_of(), at="A")
    clock.advance(POLICY.close_reminder_s - 1)
    await shop.keeper.tend()
    assert (await shop.order()).problem is None
    clock.advance(1)
    await shop.keeper.tend()
    assert (await shop.order()).problem is Problem.DOOR_LEFT_OPEN
    await shop.bank.take_out(number)
    await shop.bank.close(number)
    assert (await shop.order()).problem is None


async def test_a_customer_at_the_open_door_cannot_be_cancelled(shop: Shop) -> None:
    await shop.ready_in_locker()
    await shop.pickups.scan(await shop.pass_of(), at="A")
    await shop.cancel()
    assert (await facts(shop.storage))[-1][1]["reason"] == "being_collected"


async def test_cancelling_while_the_clerk_stages_keeps_the_bag_findable(shop: Shop) -> None:
    await shop.place()
    await shop.pick()
    where = await shop.pickups.stage("W-1")
    assert isinstance(where, AtDoor)
    await shop.cancel()
    await shop.bank.put_in(where.compartment)
    await shop.bank.close(where.compartment)
    order = await shop.order()
    assert (order.state, order.problem) == (State.CANCELLED, Problem.TAKE_OUT_CANCELLED)
    assert await names(shop.storage, "store.pickup.ready") == []


async def test_two_orders_never_get_one_door(shop: Shop) -> None:
    taken = set()
    for order in ("W-1", "W-2", "W-3"):
        taken.add(await shop.ready_in_locker(order))
    assert taken == {1, 2, 3}
    await shop.place(place_order("W-4"))
    await shop.pick("W-4")
    await shop.pickups.stage("W-4")
    assert (await shop.order("W-4")).state is State.READY
