import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.capabilities.stock import decide, store
from edge_agent.capabilities.stock.model import Entry
from edge_agent.capabilities.stock.service import Stock
from edge_agent.storage import Storage
from tests.capabilities.world import StillClock, facts

SHOE = "8801234500011"


@pytest.fixture
def stock(storage: Storage, clock: StillClock) -> Stock:
    return Stock(storage, clock)


async def entry(storage: Storage) -> Entry:
    return await storage.run(lambda tx: store.entry(tx, SHOE))


async def test_a_count_says_what_is_there_whatever_was_believed(
    stock: Stock, storage: Storage
) -> None:
    await stock.count({SHOE: 7})
    await stock.count({SHOE: 5})
    assert await entry(storage) == Entry(SHOE, 5, 0)
    assert [data["delta"] for _, data in await facts(storage)] == [7, -2]


async def test_a_sale_of_more_than_the_ledger_has_is_booked_and_said(
    stock: Stock, storage: Storage
) -> None:
    await stock.count({SHOE: 1})
    await stock.sell({SHOE: 3}, till="1", receipt="R-1")
    assert await entry(storage) == Entry(SHOE, 0, 0)
    assert (await facts(storage))[-1] == (
        "stock.changed",
        {
            "gtin": SHOE,
            "on_hand": 0,
            "reserved": 0,
            "delta": -1,
            "reason": "sale",
            "reference": "receipts/1/R-1",
            "short": 2,
        },
    )


async def test_an_order_holds_its_units_until_it_is_collected(
    stock: Stock, storage: Storage, clock: StillClock
) -> None:
    await stock.count({SHOE: 3})
    await storage.run(lambda tx: stock.reserve(tx, "W-1", {SHOE: 2}, clock.now()))
    assert (await entry(storage)).available == 1
    await storage.run(lambda tx: stock.collect(tx, "W-1", clock.now()))
    assert await entry(storage) == Entry(SHOE, 1, 0)


async def test_a_cancelled_order_gives_its_units_back(
    stock: Stock, storage: Storage, clock: StillClock
) -> None:
    await stock.count({SHOE: 3})
    await storage.run(lambda tx: stock.reserve(tx, "W-1", {SHOE: 2}, clock.now()))
    await storage.run(lambda tx: stock.release(tx, "W-1", clock.now()))
    assert await entry(storage) == Entry(SHOE, 3, 0)


async def test_the_same_order_moves_the_ledger_once(
    stock: Stock, storage: Storage, clock: StillClock
) -> None:
    await stock.count({SHOE: 3})
    for _ in range(2):
        await storage.run(lambda tx: stock.reserve(tx, "W-1", {SHOE: 2}, clock.now()))
    for _ in range(2):
        await storage.run(lambda tx: stock.collect(tx, "W-1", clock.now()))
    await storage.run(lambda tx: stock.reserve(tx, "W-1", {SHOE: 2}, clock.now()))
    await storage.run(lambda tx: stock.release(tx, "W-1", clock.now()))
    assert await entry(storage) == Entry(SHOE, 1, 0)


def test_what_is_promised_beyond_a_count_is_not_available() -> None:
    assert Entry(SHOE, on_hand=1, reserved=2).available == 0


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["count", "sell", "reserve", "release", "collect"]), st.integers(0, 9)
        )
    )
)
def test_no_order_of_events_makes_the_ledger_negative(moves: list[tuple[str, int]]) -> None:
    one = Entry(SHOE)
    for name, quantity in moves:
        one = getattr(decide, name)(one, quantity, reference="any").entry
        assert min(one.on_hand, one.reserved, one.available) >= 0
