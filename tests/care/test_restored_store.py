import pytest

from cloud_bridge.wire.messages import Ask, Standing, Standings
from edge_agent.capabilities.pickup.model import State
from edge_agent.capabilities.pickup.service import Pickups
from edge_agent.kernel.errors import Refused
from edge_agent.standings import StoreRestoration, override
from edge_agent.storage import Storage
from edge_agent.storage.restored import leave_epoch, mark_restored, restored_reason
from tests.capabilities.pickup_world import BOXES, KEY, POLICY, Shop, place_order
from tests.capabilities.shopper_world import CARD, Company, enrolment
from tests.capabilities.world import StillClock, facts


@pytest.fixture
async def shop(storage: Storage, clock: StillClock) -> Shop:
    """A store that the hub has followed under epoch 1, with an order at its desk."""
    shop = await Shop.opened(storage, clock)
    shop.pickups = Pickups(
        storage,
        clock,
        POLICY,
        store_id="s-1",
        key=KEY,
        boxes=BOXES,
        keeper=shop.keeper,
        withheld=lambda reads: restored_reason(reads) is not None,
    )
    await storage.log.renumber(1)
    await shop.place()
    await shop.pick()
    await shop.pickups.stage("W-1", bank="desk")
    return shop


@pytest.fixture
def desk(shop: Shop) -> StoreRestoration:
    shoppers = Company().room(shop.storage, shop.clock)
    return StoreRestoration(shop.storage, shop.clock, pickups=shop.pickups, shoppers=shoppers)


async def restored(shop: Shop, desk: StoreRestoration) -> None:
    await shop.storage.run(lambda tx: mark_restored(tx, "backup"))
    await shop.storage.run(leave_epoch)
    await desk.announce()


async def withheld(shop: Shop) -> bool:
    return await shop.storage.view(restored_reason) is not None


def answer(ask: Ask | None, *orders: tuple[str, str], commands: int = 0) -> Standings:
    assert ask is not None
    told = [Standing(order=order, state=state) for order, state in orders]
    return Standings(stream=ask.stream, answers=ask.id, commands=commands, orders=told)


async def test_a_restored_store_hands_nothing_over_and_says_why(
    shop: Shop, desk: StoreRestoration
) -> None:
    await restored(shop, desk)
    for attempt in (
        shop.pickups.hand_over("W-1"),
        shop.pickups.scan(await shop.pass_of(), at="desk"),
    ):
        with pytest.raises(Refused) as refusal:
            await attempt
        assert (refusal.value.code, refusal.value.status) == ("restored", 503)
    assert (await facts(shop.storage))[-1] == ("database.restored", {"reason": "backup"})


async def test_the_hub_is_asked_once_it_has_granted_an_epoch(
    shop: Shop, desk: StoreRestoration
) -> None:
    assert await desk.question() is None
    await restored(shop, desk)
    assert await desk.question() is None
    await shop.storage.log.renumber(2)
    ask = await desk.question()
    assert ask is not None
    assert (ask.stream, ask.orders) == ("orders", ["W-1"])


async def test_a_copy_of_a_store_that_was_being_restored_leaves_its_epoch_again(
    shop: Shop, desk: StoreRestoration
) -> None:
    await restored(shop, desk)
    await shop.storage.log.renumber(2)
    await restored(shop, desk)
    assert (await shop.storage.log.state()).epoch == 0
    assert await desk.question() is None


async def test_what_waits_waits_on_and_the_store_hands_over_again(
    shop: Shop, desk: StoreRestoration
) -> None:
    await restored(shop, desk)
    await shop.storage.log.renumber(2)
    await desk.answered(answer(await desk.question(), ("W-1", "ready")))
    await shop.pickups.hand_over("W-1")
    assert ("handover.resumed", {"by": "hub", "name": "", "reason": ""}) in await facts(
        shop.storage
    )


@pytest.mark.parametrize(
    ("word", "state"),
    [("collected", State.COLLECTED), ("cancelled", State.CANCELLED), ("rejected", State.REJECTED)],
)
async def test_what_the_hub_knows_to_have_ended_ends_here_without_a_second_handover(
    shop: Shop, desk: StoreRestoration, word: str, state: State
) -> None:
    await restored(shop, desk)
    await shop.storage.log.renumber(2)
    await desk.answered(answer(await desk.question(), ("W-1", word)))
    assert (await shop.order()).state is state
    assert await facts(shop.storage, "store.pickup.collected") == []
    assert await facts(shop.storage, "store.order.settled") == [
        ("order.settled", {"order": "W-1", "state": word, "was": "ready"})
    ]


async def test_an_order_that_ended_here_stays_as_it_ended(
    shop: Shop, desk: StoreRestoration
) -> None:
    await shop.pickups.hand_over("W-1")
    await restored(shop, desk)
    await shop.storage.log.renumber(2)
    await desk.answered(answer(await desk.question(), ("W-1", "cancelled")))
    assert (await shop.order()).state is State.COLLECTED
    assert not await withheld(shop)


async def test_nothing_is_handed_over_before_the_commands_are_carried_out_and_asked_about(
    shop: Shop, desk: StoreRestoration
) -> None:
    """An order that was placed and collected since the backup comes down anew."""
    await restored(shop, desk)
    await shop.storage.log.renumber(2)
    await desk.answered(answer(await desk.question(), ("W-1", "ready"), commands=1))
    assert await withheld(shop)
    await shop.place(place_order("W-2"))
    await shop.storage.run(lambda tx: tx.execute("UPDATE command_cursor SET sequence = 1"))
    ask = await desk.question()
    assert ask is not None
    assert ask.orders == ["W-2"]
    await desk.answered(answer(ask, ("W-2", "collected"), commands=1))
    assert not await withheld(shop)
    assert (await shop.order("W-2")).state is State.COLLECTED


async def test_an_answer_to_an_older_question_says_nothing(
    shop: Shop, desk: StoreRestoration
) -> None:
    await restored(shop, desk)
    await shop.storage.log.renumber(2)
    old = answer(await desk.question())
    await desk.question()
    await desk.answered(old)
    assert await withheld(shop)


async def test_a_hub_that_grants_an_epoch_anew_has_followed_another_database(
    shop: Shop, desk: StoreRestoration
) -> None:
    await shop.storage.log.renumber(2)
    assert await withheld(shop)
    await desk.answered(answer(await desk.question(), ("W-1", "collected")))
    assert not await withheld(shop)
    assert (await shop.order()).state is State.COLLECTED


async def test_without_the_hub_a_technician_answers_for_it_by_name(
    shop: Shop, desk: StoreRestoration
) -> None:
    await restored(shop, desk)
    now = shop.clock.now()
    assert await shop.storage.run(lambda tx: override(tx, "Min-ji Park", "line down", now))
    await shop.pickups.hand_over("W-1")
    assert not await shop.storage.run(lambda tx: override(tx, "Min-ji Park", "again", now))
    assert [data for name, data in await facts(shop.storage) if name == "handover.resumed"] == [
        {"by": "technician", "name": "Min-ji Park", "reason": "line down"}
    ]


async def test_who_has_left_as_the_hub_knows_is_forgotten_again(
    storage: Storage, clock: StillClock
) -> None:
    company = Company()
    storage.sealer = company.keys
    room = company.room(storage, clock)
    shopper = (await room.enrol(enrolment(CARD))).shopper
    (row,) = await storage.read("SELECT id FROM person_key")
    shop = await Shop.opened(storage, clock)
    desk = StoreRestoration(storage, clock, pickups=shop.pickups, shoppers=room)
    await desk.left([row["id"], "nobody"])
    assert company.gone == [shopper]
    assert await storage.read("SELECT 1 FROM person_key") == []
