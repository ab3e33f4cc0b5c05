"""What the console and the staff page are told of the log, the line and a restored store."""

from datetime import UTC, datetime
from typing import Final

import msgspec
import pytest

from cloud_bridge.link import LinkState
from cloud_bridge.wire.facts.upkeep import DatabaseRestored
from edge_agent.capabilities.presence.model import Seen
from edge_agent.kernel.clock import SystemClock
from edge_agent.kernel.facts import ClockQuality, Fact
from edge_agent.storage import Storage
from edge_agent.storage.restored import mark_restored
from edge_agent.storage.watermarks import Disk
from edge_agent.web.views.pages import ConsolePage, Sources, StaffPage

CLOCK: Final = SystemClock()
UNTIL: Final = datetime(2027, 2, 20, tzinfo=UTC)


@pytest.fixture
def sources(storage: Storage) -> Sources:
    """A store without goods, mirrors or radios; its link is down."""
    link = LinkState(online=False, since=CLOCK.now().wall, outages=3, quarantined=2)
    return Sources(
        clock=CLOCK,
        store={"id": "seongsu-1", "name": {}, "zones": []},
        catalogue={},
        currency="KRW",
        mirrors=[],
        link=lambda: link,
        disk=lambda: Disk("low", 300_000_000),
        quality=lambda: ClockQuality.SAVED,
        certificate_until=lambda: UNTIL,
        positions=lambda: Seen(CLOCK.now(), ()),
        radio=dict,
        shed=int,
        beacons=list,
        devices=list,
        pass_of=lambda _: None,
        open_mirrors=frozenset,
        opened=storage.sealer.open,
    )


async def told(storage: Storage, page: ConsolePage | StaffPage) -> dict[str, dict[str, object]]:
    """What `page` gets of what is stored, as JSON."""
    values = await storage.view(lambda reads: page.stored(reads, ""))
    decoded: dict[str, dict[str, object]] = msgspec.json.decode(msgspec.json.encode(values))
    return decoded


async def test_a_lane_says_what_waits_and_what_the_cloud_has(
    storage: Storage, sources: Sources
) -> None:
    await storage.log.renumber(1)
    fact = Fact("store", DatabaseRestored(reason="backup"))
    for _ in range(3):
        await storage.run(lambda tx: tx.record(fact, CLOCK.now()))
    await storage.log.acknowledge(1, {"record": 2})
    lanes = msgspec.convert(
        (await told(storage, ConsolePage(sources)))["lanes"]["lanes"], list[dict[str, object]]
    )
    record = next(lane for lane in lanes if lane["lane"] == "record")
    assert isinstance(record.pop("oldest"), str)
    assert record == {
        "lane": "record",
        "waiting": 1,
        "sequence": 3,
        "cursor": 2,
        "recorded": 3,
        "acknowledged": 2,
        "rolled_up": 0,
        "dropped": 0,
    }


async def test_the_console_says_how_the_gateway_stands(storage: Storage, sources: Sources) -> None:
    assert (await told(storage, ConsolePage(sources)))["gateway"] == {
        "outages": 3,
        "quarantined": 2,
        "clock": "saved",
        "certificate_until": "2027-02-20T00:00:00Z",
    }


async def test_console_and_staff_are_told_why_nothing_is_handed_over(
    storage: Storage, sources: Sources
) -> None:
    for reason in (None, "backup"):
        if reason:
            await storage.run(lambda tx: mark_restored(tx, "backup"))
        for page in (ConsolePage(sources), StaffPage(sources)):
            assert (await told(storage, page))["handover"] == {"held": reason}
