"""What the story of a seed is made of."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.demo.directory import HERE
from simulators.demo.errands import Browse, Collect, Linger, Pay
from simulators.demo.story import SHORTEST_S, Story
from simulators.demo.telling import tell
from simulators.world.paths import Ways
from simulators.world.plan import load_plan

PLAN = load_plan(HERE / "store.toml")
CATALOGUE = tomllib.loads((HERE / "catalogue.toml").read_text(encoding="utf-8"))
MATERIAL = {
    **tomllib.loads((HERE / "story.toml").read_text(encoding="utf-8")),
    "campaigns": tomllib.loads((HERE / "store.toml").read_text(encoding="utf-8"))["campaigns"],
}
WAYS = Ways(PLAN)

lengths = st.floats(SHORTEST_S, 600)
seeds = st.integers(0, 10**9)


def story(seed: int, seconds: float) -> Story:
    return tell(PLAN, CATALOGUE, MATERIAL, seed=seed, seconds=seconds)


@given(seeds, lengths)
def test_a_seed_tells_the_same_story_twice(seed: int, seconds: float) -> None:
    assert story(seed, seconds) == story(seed, seconds)


def test_another_seed_tells_of_other_people_paths_goods_and_moments() -> None:
    one, other = story(1, 60), story(2, 60)
    assert [part.guest.name for part in one.parts] != [part.guest.name for part in other.parts]
    assert [part.errands for part in one.parts] != [part.errands for part in other.parts]
    assert [plan.lines for plan in one.orders] != [plan.lines for plan in other.orders]
    assert one.outage != other.outage


@given(seeds, lengths)
def test_one_guest_refuses_to_be_located_and_stands_at_a_shelf_all_the_same(
    seed: int, seconds: float
) -> None:
    refusing = [part for part in story(seed, seconds).parts if not part.guest.location]
    assert len(refusing) == 1
    assert isinstance(refusing[0].errands[0], Linger)
    assert PLAN.zone_at(refusing[0].errands[0].at) in PLAN.of_kind("shelf")


@given(seeds, lengths)
def test_somebody_pays_and_somebody_collects_while_the_cloud_is_gone(
    seed: int, seconds: float
) -> None:
    told = story(seed, seconds)
    errands = [errand for part in told.parts for errand in part.errands]
    assert any(isinstance(errand, Pay) and errand.cloudless for errand in errands)
    assert any(isinstance(errand, Collect) and errand.cloudless for errand in errands)
    assert 0 < told.outage.begins < told.outage.earliest_end <= told.outage.latest_end
    assert told.outage.latest_end < told.curtain


@given(seeds, lengths)
def test_who_can_be_offered_a_coupon_looks_at_goods_that_a_campaign_reduces(
    seed: int, seconds: float
) -> None:
    told = story(seed, seconds)
    offered = {offer.zone: set(offer.gtins) for offer in told.offers}
    for part in told.parts:
        browsed = [errand for errand in part.errands if isinstance(errand, Browse)]
        paid = [errand for errand in part.errands if isinstance(errand, Pay)]
        for looked, bought in zip(browsed, paid, strict=True):
            assert set(bought.gtins) <= offered[looked.zone]


@given(seeds, lengths)
def test_the_store_has_counted_more_than_the_story_needs(seed: int, seconds: float) -> None:
    told = story(seed, seconds)
    for order in told.orders:
        for article, quantity in order.lines:
            assert told.counts[article.gtin] > quantity


@given(seeds, lengths)
def test_orders_have_numbers_of_their_own_and_guests_who_come_for_them(
    seed: int, seconds: float
) -> None:
    told = story(seed, seconds)
    assert len({order.order for order in told.orders}) == len(told.orders)
    collectors = {
        part.guest.id
        for part in told.parts
        if any(isinstance(errand, Collect) for errand in part.errands)
    }
    assert {order.guest for order in told.orders} == collectors


@given(seeds, lengths)
def test_everybody_starts_where_a_person_can_stand(seed: int, seconds: float) -> None:
    for part in story(seed, seconds).parts:
        assert WAYS.reachable(part.door) == part.door


@pytest.mark.parametrize("seconds", [SHORTEST_S, 60.0, 300.0])
def test_a_longer_story_has_more_in_it(seconds: float) -> None:
    told = story(7, seconds)
    assert len(told.orders) == (1 if seconds == SHORTEST_S else 2)
    assert len(told.parts) >= 4
