import pytest

from edge_agent.capabilities.mirrors import decide, store
from edge_agent.capabilities.mirrors.model import Decision, Mirror, Place
from edge_agent.capabilities.mirrors.service import Mirrors
from edge_agent.kernel.errors import Refused
from edge_agent.storage import Storage
from tests.capabilities.world import MORNING, StillClock, facts, names

COAT, JEANS = "8801234500011", "8801234500028"


@pytest.fixture
def mirrors(storage: Storage, clock: StillClock) -> Mirrors:
    places = [Place("fitting-1", "fitting"), Place("shoes-mirror", "shoes")]
    return Mirrors(storage, clock, places)


async def shown(storage: Storage, mirror: str = "fitting-1") -> Mirror:
    return await storage.view(lambda reads: store.find(reads, mirror))


async def test_goods_before_the_mirror_begin_a_session_and_their_leaving_ends_it(
    mirrors: Mirrors, storage: Storage
) -> None:
    await mirrors.read("fitting-1", [COAT])
    await mirrors.read("fitting-1", [JEANS, COAT, JEANS])
    assert (await shown(storage)).items == (COAT, JEANS)
    await mirrors.read("fitting-1", [JEANS])
    await mirrors.read("fitting-1", [JEANS, COAT])
    await mirrors.read("fitting-1", [])
    await mirrors.read("fitting-1", [])
    assert await shown(storage) == Mirror("fitting-1")
    assert await names(storage) == [
        "mirror.session_started",
        "mirror.item_shown",
        "mirror.item_shown",
        "mirror.session_ended",
    ]
    assert (await facts(storage))[-1][1]["items"] == 2


async def test_another_visit_is_another_session(mirrors: Mirrors, storage: Storage) -> None:
    for _ in range(2):
        await mirrors.read("fitting-1", [COAT])
        await mirrors.read("fitting-1", [])
    sessions = {data["session"] for _, data in await facts(storage)}
    assert len(sessions) == 2


async def test_an_offer_stands_on_the_mirrors_of_its_zone_for_a_minute(
    mirrors: Mirrors, storage: Storage, clock: StillClock
) -> None:
    await storage.run(
        lambda tx: mirrors.show_offer(
            tx, "C0DE", zone="shoes", expires=clock.now().plus(600).wall, now=clock.now()
        )
    )
    mirror = await shown(storage, "shoes-mirror")
    assert decide.offer_at(mirror, clock.advance(59)) is not None
    assert decide.offer_at(mirror, clock.advance(1)) is None
    assert (await shown(storage)).offer is None
    assert await facts(storage) == [
        ("mirror.offer_shown", {"mirror": "shoes-mirror", "coupon": "C0DE"})
    ]


def test_an_offer_is_not_shown_past_its_end() -> None:
    over = decide.show_offer(Mirror("m"), "C", expires=MORNING.wall, now=MORNING)
    assert over == Decision(Mirror("m"))
    brief = decide.show_offer(Mirror("m"), "C", expires=MORNING.plus(5).wall, now=MORNING)
    assert brief.mirror.offer is not None
    assert brief.mirror.offer.until == MORNING.plus(5).wall


async def test_an_offer_outlives_the_session_beside_it(
    mirrors: Mirrors, storage: Storage, clock: StillClock
) -> None:
    await mirrors.read("shoes-mirror", [COAT])
    await storage.run(
        lambda tx: mirrors.show_offer(
            tx, "C0DE", zone="shoes", expires=clock.now().plus(600).wall, now=clock.now()
        )
    )
    await mirrors.read("shoes-mirror", [])
    assert (await shown(storage, "shoes-mirror")).offer is not None


async def test_a_mirror_that_is_not_in_the_store_is_refused(mirrors: Mirrors) -> None:
    with pytest.raises(Refused) as refusal:
        await mirrors.read("elsewhere", [COAT])
    assert refusal.value.code == "mirror_unknown"
