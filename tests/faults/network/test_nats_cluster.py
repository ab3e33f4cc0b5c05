"""Three nats-servers as the broker: MQTT 3.1.1, one hub worker, each node killed in turn."""

from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.network.nats import NODES, Node, nats_cluster, nats_path
from tests.faults.system.outpost import Outpost, outpost
from tests.faults.system.waiting import until

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(nats_path() is None, reason="`make faults` installs nats-server"),
]

ROUNDS = 3
WITHOUT_A_NODE_S = 120.0
"""Until the two others have new leaders for all consumers: 0 to 24 s on a busy machine."""

LOAD = {"pickup": 10, "coupon": 40, "stock": 100}


@pytest.mark.timeout(900)
async def test_each_node_of_a_nats_cluster_is_killed_in_turn_and_nothing_is_lost(
    tmp_path: Path, publish: Publish
) -> None:
    with nats_cluster(tmp_path) as nodes:
        await until(lambda: all(node.healthy() for node in nodes), "the cluster stands")
        ports = [node.mqtt for node in nodes]
        async with outpost(tmp_path, *ports, rates=LOAD, mqtt5=False) as one:
            one.station.start()
            await one.gains(50)
            for node in nodes * ROUNDS:
                await killed(one, node)
            await one.settled()
            facts = len(one.told)
    publish("nats-cluster", kills=NODES * ROUNDS, facts=facts, lost=0, doubled=0)


async def killed(one: Outpost, node: Node) -> None:
    """Kill the node; facts must reach the hub without it; then it comes back."""
    node.kill()
    await one.gains(100, WITHOUT_A_NODE_S)
    node.start()
    await until(node.healthy, "the node is back and has caught up")
