"""The story from the first advert to the last fact at the hub, with the real processes."""

from concurrent.futures import Future

import pytest

from tests.scenario.conftest import DEADLINE_S, Result

pytestmark = [pytest.mark.slow, pytest.mark.timeout(6 * DEADLINE_S)]

Performances = dict[str, "Future[Result]"]


@pytest.mark.parametrize("name", ["good", pytest.param("other", marks=pytest.mark.long)])
def test_the_story_comes_out_right(performances: Performances, name: str) -> None:
    result = performances[name].result()
    assert (result.status, result.verdict["problems"]) == (0, []), result.said
    verdict = result.verdict
    assert verdict["ok"] is True
    assert verdict["adverts"]["sent"] > 0
    assert verdict["adverts"]["heard"] > 0
    assert verdict["zones_entered"] > 0
    assert verdict["coupons"]["offered"] >= verdict["coupons"]["redeemed"] >= 2
    assert verdict["orders_handed_over"] >= 1
    assert verdict["doors_opened"] >= 2
    assert verdict["facts"]["lost"] == verdict["facts"]["doubled"] == 0
    assert verdict["facts"]["acknowledged"] > 0
    assert verdict["broker_outages"] == 1


@pytest.mark.long
def test_another_seed_is_another_story(performances: Performances) -> None:
    one, other = (performances[name].result().verdict for name in ("good", "other"))
    assert one["seed"] != other["seed"]
    assert one["adverts"]["sent"] != other["adverts"]["sent"]


@pytest.mark.parametrize(
    ("sabotage", "found"),
    [
        ("drop-fact", "1 facts are lost"),
        pytest.param("double-fact", "1 facts are doubled", marks=pytest.mark.long),
        pytest.param("no-door", "no door of the locker ever opened", marks=pytest.mark.long),
        pytest.param("no-coupon", "no coupon was offered", marks=pytest.mark.long),
    ],
)
def test_sabotage_is_found_out(performances: Performances, sabotage: str, found: str) -> None:
    result = performances[sabotage].result()
    assert result.status == 1
    assert result.verdict["ok"] is False
    assert found in result.problems
