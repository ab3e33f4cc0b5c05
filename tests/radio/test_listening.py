"""One entry for all kinds of receivers: each is told of at the start and heard."""

import asyncio

from device_profiles.beacons import IBeacon
from device_profiles.sighting import Sighting
from edge_agent.devices.messages import Adverts, HeardAdvert
from edge_agent.radio import Heard, ReceiverHealth, ReceiverState, listen
from edge_agent.radio.forwarded import ForwardedReceivers
from simulators.receiver.esphome.proxy import Proxy
from tests.radio.scene import DEADLINE, IBEACON, IDENTITY, FakeClock
from tests.radio.tables import ReceiverTable

UUID = "e2c56db5-dffb-48d2-b060-d0f5a71096e0"


async def test_a_proxy_and_another_gateways_radio_are_heard_side_by_side() -> None:
    clock, proxy = FakeClock(), Proxy("till")
    sightings: asyncio.Queue[Sighting] = asyncio.Queue()
    healths: list[ReceiverHealth] = []
    forwarded = ForwardedReceivers(
        [("store", "back")], clock=clock, age_of=lambda _device, _stamp_ms: 0.0
    )
    async with proxy.serve("127.0.0.1", 0) as port, asyncio.TaskGroup() as tasks:
        running = tasks.create_task(
            listen(
                [
                    ReceiverTable("till", "esphome", host="127.0.0.1", port=port),
                    ReceiverTable("store", "gateway", device="back"),
                ],
                store_broker=None,
                clock=clock,
                heard=sightings.put_nowait,
                health_changed=healths.append,
                counters=Heard(),
                forwarded=forwarded,
            )
        )
        advert = HeardAdvert(1, "C0:00:00:00:00:01", -50, (IBeacon(UUID, 100, 0, -59),))
        heard: set[tuple[str, str]] = set()
        async with asyncio.timeout(DEADLINE):
            while len(heard) < 2:
                proxy.hear("C0:00:00:00:00:01", -60, IBEACON)
                forwarded.offer("back", Adverts("store", (advert,)))
                sighting = await sightings.get()
                heard.add((sighting.receiver, sighting.identity))
        running.cancel()
    assert heard == {("till", IDENTITY), ("store", IDENTITY)}
    assert {(one.receiver, one.state) for one in healths} == {
        (receiver, state)
        for receiver in ("till", "store")
        for state in (ReceiverState.STARTING, ReceiverState.HEARING)
    }
