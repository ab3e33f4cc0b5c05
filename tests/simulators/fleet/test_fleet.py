"""Many simulated stores at a real hub, through a real broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cloud_bridge.mqtt import Broker
from cloud_bridge.wire.messages import LaneAck
from cloud_bridge.wire.topics import DEFAULT_ROOT
from simulators.fleet.fleet import Fleet, Plan, Report, store_names
from simulators.fleet.log import Log
from simulators.fleet.mix import A_DAY, Numbered, event
from simulators.world.chance import seeded
from tests.bridge.rig import running_hub
from tests.support.brokers import BrokerProcess, broker_process, mosquitto_path

STORES = 4


@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrokerProcess]:
    if mosquitto_path() is None:
        pytest.skip("mosquitto is not installed; `make test` installs it")
    with broker_process("mosquitto", tmp_path_factory.mktemp("mosquitto")) as process:
        yield process


def plan(*, seconds: float = 60.0) -> Plan:
    return Plan(
        stores=STORES,
        backlog=200,
        rate=2.0,
        outage_s=1.0,
        return_s=0.5,
        seconds=seconds,
        seed=7,
        root=DEFAULT_ROOT,
    )


async def test_a_fleet_hands_over_all_it_has_and_again_after_an_outage(
    mosquitto: BrokerProcess, tmp_path: Path
) -> None:
    broker = Broker(host="127.0.0.1", port=mosquitto.port)
    told: list[Report] = []
    async with running_hub(tmp_path, broker, *store_names(STORES)) as hub:
        assert await Fleet(plan(), broker, told.append).run()
        rows = await hub.rows("SELECT store, facts FROM store ORDER BY store")
        doubled = await hub.rows("SELECT id FROM fact GROUP BY store, id HAVING count(*) > 1")
    assert {"draining", "cut", "returning", "drained"} == {report.phase for report in told}
    assert sum(row["facts"] for row in rows) == told[-1].acknowledged > STORES * 200
    assert not doubled


async def test_a_fleet_that_nobody_hears_says_so(mosquitto: BrokerProcess) -> None:
    broker = Broker(host="127.0.0.1", port=mosquitto.port)
    told: list[Report] = []
    assert not await Fleet(plan(seconds=2.5), broker, told.append).run()
    assert told[-1].waiting >= STORES * 200


def test_the_same_fact_is_made_again_byte_for_byte() -> None:
    for lane in A_DAY:
        fact = Numbered("fleet-0001", lane, 41)
        once, again = (event(fact, epoch=1, sequence=42, boot="b") for _ in range(2))
        assert once == again
        other = event(Numbered("fleet-0001", lane, 42), epoch=1, sequence=43, boot="b")
        assert other.id > once.id, "identifiers sort by time"


def test_what_waits_is_numbered_from_one_under_a_new_epoch() -> None:
    log = Log(seeded(7))
    log.record(1000)
    before = {name: lane.recorded for name, lane in log.lanes.items()}
    log.begin(1)
    log.acknowledge({"stock": LaneAck(cursor=10)})
    log.begin(2)
    assert next(log.above("stock", 500)) == (10, 1)
    assert log.lanes["stock"].waiting == before["stock"] - 10
    assert log.waiting == 990


def test_every_lane_gets_its_turn_under_a_backlog() -> None:
    log = Log(seeded(7))
    log.record(100_000)
    chosen = [log.choose("pickup") for _ in range(100)]
    assert chosen.count("coupon") > 50
    assert {"coupon", "stock", "mirror", "presence"} == set(chosen)
