"""What time ends: consents after their retention, counted stays after half a year."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_profiles.beacons.keys import BeaconKey
from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.decide.expiry import JUMP_S, Look, look
from edge_agent.capabilities.shoppers.service.upkeep import ENTRIES_KEPT, LAPSED_AT_ONCE
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import ClockQuality
from edge_agent.storage import Storage, Tx, open_storage
from tests.capabilities.shopper_world import ALL, CARD, RULES, Company, enrolment
from tests.capabilities.world import MORNING, StillClock, facts, names

RETENTION_S = RULES.retention.total_seconds()


class Hand:
    """Says how far the clock is to be trusted."""

    def __init__(self) -> None:
        self.quality = ClockQuality.SYNCED

    def __call__(self) -> ClockQuality:
        return self.quality


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
async def storage(tmp_path: Path, clock: StillClock, hand: Hand) -> AsyncIterator[Storage]:
    path = tmp_path / "store.db"
    async with open_storage(path, gateway="gw-1", clock=clock, quality=hand) as opened:
        yield opened


async def test_a_consent_lapses_with_its_retention_and_may_be_given_again(
    storage: Storage, clock: StillClock
) -> None:
    company = Company()
    shoppers = company.room(storage, clock)
    pseudonym = (await shoppers.enrol(enrolment())).shopper
    clock.advance(RETENTION_S - 1)
    await shoppers.upkeep.tick()
    assert shoppers.directory.shopper_of(CARD.identity) == pseudonym
    clock.advance(1)
    await shoppers.upkeep.tick()
    assert shoppers.directory.shopper_of(CARD.identity) is None
    assert company.forgotten == [pseudonym]
    assert (await names(storage)).count("shoppers.consent_lapsed") == len(ALL)
    ask_again = await storage.view(lambda reads: store.lapsed(reads, pseudonym))
    assert set(ask_again) == ALL
    await shoppers.agree(pseudonym, "location")
    ask_again = await storage.view(lambda reads: store.lapsed(reads, pseudonym))
    assert "location" not in ask_again
    await shoppers.upkeep.tick()
    assert shoppers.directory.shopper_of(CARD.identity) == pseudonym
    past = await storage.view(lambda reads: store.history(reads, pseudonym))
    assert [each.ended_by for each in past] == ["lapsed"] * 3 + [None]


async def test_however_many_consents_are_over_they_end_at_one_look(
    storage: Storage, clock: StillClock
) -> None:
    shoppers = Company().room(storage, clock)
    for number in range(LAPSED_AT_ONCE + 1):
        card = BeaconKey(identity=f"altbeacon:{number:040x}")
        await shoppers.enrol(enrolment(card, consents=frozenset(("location",))))
    clock.advance(RETENTION_S)
    await shoppers.upkeep.tick()
    assert (await names(storage)).count("shoppers.consent_lapsed") == LAPSED_AT_ONCE + 1


async def test_nothing_lapses_while_the_clock_was_never_set(
    storage: Storage, clock: StillClock, hand: Hand
) -> None:
    shoppers = Company().room(storage, clock)
    await shoppers.enrol(enrolment())
    clock.advance(RETENTION_S)
    hand.quality = ClockQuality.UNSET
    await shoppers.upkeep.tick()
    assert "shoppers.consent_lapsed" not in await names(storage)
    hand.quality = ClockQuality.SYNCED
    await shoppers.upkeep.tick()
    assert "shoppers.consent_lapsed" in await names(storage)


async def test_nothing_lapses_by_a_clock_that_has_jumped_until_it_is_synchronised(
    storage: Storage, clock: StillClock, hand: Hand
) -> None:
    hand.quality = ClockQuality.SAVED
    shoppers = Company().room(storage, clock)
    await shoppers.enrol(enrolment())
    await shoppers.upkeep.tick()
    clock.at = Instant(clock.at.wall + RULES.retention, clock.at.monotonic + 60)
    for _ in range(3):
        await shoppers.upkeep.tick()
        clock.advance(60)
    assert "shoppers.consent_lapsed" not in await names(storage)
    hand.quality = ClockQuality.SYNCED
    await shoppers.upkeep.tick()
    assert "shoppers.consent_lapsed" in await names(storage)


async def test_stays_are_counted_by_the_hour_and_forgotten_after_half_a_year(
    storage: Storage, clock: StillClock
) -> None:
    shoppers = Company().room(storage, clock)
    pseudonym = (await shoppers.enrol(enrolment())).shopper

    def enter(tx: Tx) -> None:
        for zone in ("", "shoes", "shoes"):
            shoppers.entered(tx, pseudonym, zone, clock.now().wall)

    await storage.run(enter)
    counted = await storage.view(lambda reads: store.entries(reads, pseudonym))
    assert [(each.zone, each.entered) for each in counted] == [("", 1), ("shoes", 2)]
    assert counted[0].hour == datetime(2026, 11, 22, 1, tzinfo=UTC)
    clock.advance(ENTRIES_KEPT.total_seconds() + 1)
    await shoppers.upkeep.tick()
    assert await storage.view(lambda reads: store.entries(reads, pseudonym)) == []


async def test_what_a_lapse_records_says_which_and_until_when(
    storage: Storage, clock: StillClock
) -> None:
    shoppers = Company().room(storage, clock)
    await shoppers.enrol(enrolment(consents=frozenset(("advertising",))))
    clock.advance(RETENTION_S)
    await shoppers.upkeep.tick()
    name, data = (await facts(storage))[-1]
    assert (name, data["purpose"]) == ("shoppers.consent_lapsed", "advertising")
    assert datetime.fromisoformat(data["until"]) == MORNING.wall + RULES.retention


@given(
    st.floats(min_value=0, max_value=1e6),
    st.floats(min_value=-1e8, max_value=1e8).filter(lambda by: abs(by) > JUMP_S + 1),
)
def test_a_jump_either_way_is_noticed_however_long_after_the_last_look(
    passed: float, jump: float
) -> None:
    before = Look(MORNING, steady=True)
    after = Instant(MORNING.wall + timedelta(seconds=passed + jump), MORNING.monotonic + passed)
    assert not look(before, after, ClockQuality.SYNCED).steady
    assert look(before, MORNING.plus(passed), ClockQuality.SAVED).steady
