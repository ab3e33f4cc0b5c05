from collections import Counter

from simulators.demo.directory import HERE
from simulators.demo.surveyor import ADDRESS, Surveyor
from simulators.world.plan import load_plan
from simulators.world.world import World


def test_the_surveyor_is_on_the_air_once_from_the_first_place_on() -> None:
    world = World(load_plan(HERE / "store.toml"), seed=7)
    surveyor = Surveyor(world)

    assert _heard(world, seconds=1.0) == Counter()
    for x in (3.5, 11.0):
        assert surveyor.stand((x, 2.5)) == (x, 2.5)
    before = world.sent
    assert _heard(world, seconds=3.0).keys() == {ADDRESS}
    assert 15 <= world.sent - before <= 21


def test_the_receiver_overhead_hears_the_surveyor_loudest() -> None:
    world = World(load_plan(HERE / "store.toml"), seed=7)
    surveyor = Surveyor(world)
    for receiver, place in (("ceiling-shoes", (3.5, 2.5)), ("ceiling-denim", (11.0, 2.5))):
        surveyor.stand(place)
        levels: dict[str, list[int]] = {}
        for heard in world.step(world.now + 5.0):
            levels.setdefault(heard.receiver, []).append(heard.rssi)
        assert max(levels, key=lambda one: sum(levels[one]) / len(levels[one])) == receiver


def _heard(world: World, *, seconds: float) -> Counter[str]:
    return Counter(heard.address for heard in world.step(world.now + seconds))
