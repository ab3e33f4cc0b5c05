from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from cloud_bridge.wire.streams.coupons import Campaign
from edge_agent.capabilities.coupons import decide, store
from edge_agent.capabilities.coupons.model import CouponState, Known, Stay
from edge_agent.capabilities.coupons.service import Coupons
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Reads
from tests.capabilities.world import MORNING, StillClock, facts

SHOE = "8801234500011"
STAY = Stay("anna", "shoes")


def campaign(key: str = "running", **changes: object) -> Campaign:
    return msgspec.structs.replace(
        Campaign(
            id=key,
            title={"ko": "러닝화", "en": "Running shoes"},
            text={"ko": "(광고) 성수점", "en": "(Ad) Seongsu"},
            zone="shoes",
            gtins=[SHOE],
            discount=5000,
            currency="KRW",
            starts=MORNING.wall - timedelta(days=1),
            ends=MORNING.wall + timedelta(days=1),
            valid_s=600,
        ),
        **changes,
    )


KNOWN = Known((campaign(),), {}, frozenset(), {SHOE: 3}, agreed=True)


class People:
    """Everybody has agreed, except who is named."""

    def __init__(self) -> None:
        self.unwilling: set[str] = set()

    def advertising(self, _tx: Tx, shopper: str, _now: Instant) -> bool:
        return shopper not in self.unwilling


class Shelf:
    """So many of everything."""

    def __init__(self) -> None:
        self.units = 3

    def available(self, _reads: Reads, _gtin: str) -> int:
        return self.units


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def coupons(storage: Storage, clock: StillClock, people: People, shelf: Shelf) -> Coupons:
    return Coupons(storage, clock, consents=people, shelf=shelf)


async def publish(storage: Storage, *items: Campaign) -> None:
    def work(tx: Tx) -> None:
        for item in items:
            store.put_campaign(tx, item.id, msgspec.json.encode(item))

    await storage.run(work)


async def stay(coupons: Coupons, storage: Storage, clock: StillClock, who: str = "anna") -> None:
    await storage.run(lambda tx: coupons.consider(tx, who, "shoes", clock.now()))


async def codes(storage: Storage) -> list[str]:
    return [data["coupon"] for _, data in await facts(storage, "store.coupon.offered")]


def test_who_stays_at_the_shelf_is_offered_what_fits() -> None:
    assert decide.choose(STAY, KNOWN, now=MORNING) == campaign()


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(replace(KNOWN, agreed=False), id="no consent to advertising"),
        pytest.param(replace(KNOWN, in_stock={SHOE: 0}), id="nothing in stock"),
        pytest.param(replace(KNOWN, in_stock={}), id="never counted"),
        pytest.param(replace(KNOWN, issued={"running": 1}), id="had as many as allowed"),
        pytest.param(replace(KNOWN, holding=frozenset(("running",))), id="holds one"),
        pytest.param(replace(KNOWN, campaigns=(campaign(zone="denim"),)), id="another zone"),
        pytest.param(replace(KNOWN, campaigns=(campaign(ends=MORNING.wall),)), id="over"),
        pytest.param(
            replace(KNOWN, campaigns=(campaign(starts=MORNING.plus(1).wall),)), id="not begun"
        ),
    ],
)
def test_nothing_is_offered_that_does_not_fit(known: Known) -> None:
    assert decide.choose(STAY, known, now=MORNING) is None


def test_of_several_that_fit_the_most_important_wins_whatever_their_order() -> None:
    plain, urgent = campaign("a"), campaign("b", priority=5)
    for order in ((plain, urgent), (urgent, plain)):
        assert decide.choose(STAY, replace(KNOWN, campaigns=order), now=MORNING) == urgent


def test_a_coupon_never_outlives_its_campaign() -> None:
    ending = campaign(ends=MORNING.plus(60).wall)
    assert decide.offer(STAY, ending, "X", now=MORNING).coupon.expires == ending.ends


async def test_a_coupon_is_taken_once_and_its_fact_says_what_it_was_worth(
    coupons: Coupons, storage: Storage, clock: StillClock
) -> None:
    await publish(storage, campaign())
    await stay(coupons, storage, clock)
    (code,) = await codes(storage)
    reduction = await coupons.redeem(code, till="1", receipt="R-1")
    assert (reduction.campaign, reduction.discount, reduction.currency) == ("running", 5000, "KRW")
    with pytest.raises(Refused) as refusal:
        await coupons.redeem(code, till="2", receipt="R-2")
    assert refusal.value.code == "coupon_redeemed"
    redeemed = await facts(storage, "store.coupon.redeemed")
    assert [(data["coupon"], data["till"], data["discount"]) for _, data in redeemed] == [
        (code, "1", 5000)
    ]


async def test_a_code_may_be_typed_as_people_type(
    coupons: Coupons, storage: Storage, clock: StillClock
) -> None:
    await publish(storage, campaign())
    await stay(coupons, storage, clock)
    (code,) = await codes(storage)
    typed = f"{code[:5]}-{code[5:]}".lower().replace("0", "o").replace("1", "l")
    assert (await coupons.redeem(typed, till="1", receipt="R-1")).campaign == "running"


async def test_a_stranger_to_the_store_and_a_late_coupon_are_refused(
    coupons: Coupons, storage: Storage, clock: StillClock
) -> None:
    await publish(storage, campaign())
    await stay(coupons, storage, clock)
    (code,) = await codes(storage)
    with pytest.raises(Refused) as unknown:
        await coupons.redeem("NEVERWAS00", till="1", receipt="R-1")
    clock.advance(600)
    with pytest.raises(Refused) as late:
        await coupons.redeem(code, till="1", receipt="R-1")
    assert (unknown.value.code, late.value.code) == ("coupon_unknown", "coupon_expired")
    assert (unknown.value.status, late.value.status) == (404, 410)


async def test_coming_back_brings_another_coupon_only_within_the_limit(
    coupons: Coupons, storage: Storage, clock: StillClock
) -> None:
    await publish(storage, campaign(per_shopper=2))
    for _ in range(4):
        await stay(coupons, storage, clock)
    assert len(await codes(storage)) == 1
    for _ in range(4):
        clock.advance(601)
        await stay(coupons, storage, clock)
    assert len(await codes(storage)) == 2
    assert len(await storage.run(lambda tx: store.of_shopper(tx, "anna", 10))) == 2


async def test_what_was_promised_holds_after_the_campaign_is_gone(
    coupons: Coupons, storage: Storage, clock: StillClock
) -> None:
    await publish(storage, campaign())
    await stay(coupons, storage, clock)
    await storage.run(lambda tx: store.remove_campaigns_except(tx, ()))
    (code,) = await codes(storage)
    assert (await coupons.redeem(code, till="1", receipt="R-1")).discount == 5000
    clock.advance(700)
    await stay(coupons, storage, clock, "ben")
    assert len(await codes(storage)) == 1


async def test_consent_and_stock_are_asked_at_the_moment_of_the_offer(
    coupons: Coupons, storage: Storage, clock: StillClock, people: People, shelf: Shelf
) -> None:
    await publish(storage, campaign())
    people.unwilling.add("anna")
    await stay(coupons, storage, clock)
    shelf.units = 0
    await stay(coupons, storage, clock, "ben")
    assert await codes(storage) == []


async def test_a_campaign_from_a_newer_hub_is_kept_and_the_others_are_still_offered(
    coupons: Coupons, storage: Storage, clock: StillClock
) -> None:
    await publish(storage, campaign())
    await storage.run(lambda tx: store.put_campaign(tx, "odd", b'{"id":"odd","rule":{}}'))
    await stay(coupons, storage, clock)
    assert len(await codes(storage)) == 1
    (row,) = await storage.read("SELECT problem FROM campaign WHERE id = 'odd'")
    assert "missing required field" in row["problem"]


async def test_the_state_shown_follows_the_clock(
    coupons: Coupons, storage: Storage, clock: StillClock
) -> None:
    await publish(storage, campaign())
    await stay(coupons, storage, clock)
    (coupon,) = await storage.run(lambda tx: store.newest(tx, 10))
    assert decide.state_at(coupon, clock.now()) is CouponState.OFFERED
    assert decide.state_at(coupon, clock.advance(600)) is CouponState.EXPIRED
