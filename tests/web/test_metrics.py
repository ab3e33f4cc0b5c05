"""What a monitoring system is told of the agent."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from cloud_bridge.link import LinkState
from cloud_bridge.wire.envelope import Lane
from edge_agent.kernel.facts import ClockQuality
from edge_agent.storage import LaneState, LogState
from edge_agent.storage.watermarks import Disk
from edge_agent.web.metrics import FlowCount, Reading, exposition, wellness
from edge_agent.web.views.shapes import ReceiverShape

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
MONITORING = Path(__file__).parents[2] / "docs" / "operations" / "monitoring"

LANE = LaneState(
    next_sequence=11,
    cursor=7,
    hash="",
    recorded=20,
    acknowledged=14,
    waiting=3,
    waiting_bytes=1200,
    oldest=NOON,
    rolled_up=2,
    dropped=1,
)

WELL = Reading(
    version="1.2.3",
    log=LogState(
        epoch=4, position=99, dispatched=97, withheld=0, lanes={lane.value: LANE for lane in Lane}
    ),
    link=LinkState(online=True, since=NOON, epoch=4, outages=2),
    disk=Disk("ok", 5_000_000_000),
    clock=ClockQuality.SYNCED,
    flows=[FlowCount("offer a coupon", {"done": 5, "stale": 1, "parked": 0, "sealed": 0})],
    parked=0,
    held=None,
    receivers=[],
    devices={"A": True},
    certificate_ends_s=86_400.0,
    backlog_s=dict.fromkeys(Lane, 30.0),
)


def samples(reading: Reading) -> dict[str, float]:
    """By name and labels, as a monitoring system reads them."""
    return {
        sample.name + "".join(f"[{value}]" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(exposition(reading).decode())
        for sample in family.samples
    }


def blind(receiver: str) -> ReceiverShape:
    return ReceiverShape(
        id=receiver,
        state="blind",
        reason="powered_off",
        since=NOON,
        rate=0.0,
        heard_age_s=None,
        detail="",
        concern=None,
        step=None,
        attempt=0,
        troubles={},
    )


def test_each_lane_says_what_was_recorded_acknowledged_and_lost_and_what_waits() -> None:
    told = samples(WELL)
    for lane in Lane:
        assert told[f"aisle_log_recorded_total[{lane}]"] == 20
        assert told[f"aisle_log_acknowledged_total[{lane}]"] == 14
        assert told[f"aisle_log_waiting[{lane}]"] == 3
        assert told[f"aisle_log_oldest_waiting_seconds[{lane}]"] == 30
        assert told[f"aisle_log_rolled_up_total[{lane}]"] == 2
        assert told[f"aisle_log_dropped_total[{lane}]"] == 1


def test_link_disk_flows_devices_and_certificate_are_told() -> None:
    told = samples(replace(WELL, receivers=[blind("hci0")]))
    assert told["aisle_link_online"] == 1
    assert told["aisle_link_outages_total"] == 2
    assert told["aisle_dispatcher_behind"] == 2
    assert told["aisle_flow_facts_total[offer a coupon][stale]"] == 1
    assert told["aisle_disk_state[ok]"] == 1
    assert told["aisle_receiver_hearing[hci0]"] == 0
    assert told["aisle_device_present[A]"] == 1
    assert told["aisle_certificate_ends_seconds"] == 86_400


def test_all_is_well_until_something_is_not_and_then_the_remedy_is_named() -> None:
    assert wellness(WELL).status == "ok"
    offline = replace(WELL, link=LinkState(online=False, since=NOON, last_error="no route"))
    assert wellness(offline).status == "degraded"
    (wrong,) = [check for check in wellness(offline).checks if not check.ok]
    assert (wrong.name, wrong.remedy) == ("cloud", "no route")
    full = wellness(replace(WELL, disk=Disk("full", 0)))
    assert full.status == "failing"
    assert any("free some space" in check.remedy for check in full.checks)
    assert wellness(replace(WELL, held="copied")).status == "failing"


@pytest.mark.parametrize("program", ["agent", "hub"])
def test_dashboard_and_alerts_use_only_names_that_are_told(program: str) -> None:
    names = {line.split("`")[1] for line in _reference(program)}
    dashboard = json.loads((MONITORING / f"grafana-{program}.json").read_text("utf-8"))
    asked = [t["expr"] for panel in dashboard["panels"] for t in panel.get("targets", [])]
    alerts = (MONITORING / "alerts.yml").read_text("utf-8")
    asked += [line.split("expr:")[1] for line in alerts.splitlines() if "expr:" in line]
    prefix = {"agent": "aisle_", "hub": "hub_"}[program]
    used = {word for each in asked for word in _words(each) if word.startswith(prefix)}
    assert used
    assert used <= names


def test_the_reference_names_every_metric_of_the_agent() -> None:
    names = {line.split("`")[1] for line in _reference("agent")}
    told = {name.split("[")[0] for name in samples(replace(WELL, receivers=[blind("hci0")]))}
    assert {name for name in told if name.startswith("aisle_")} == names


def _reference(program: str) -> list[str]:
    """The lines of the table of one program's metrics."""
    text = (MONITORING.parent / "monitoring.md").read_text("utf-8")
    table = text.split(f"<!-- {program} -->")[1].split("<!-- end -->")[0]
    return [line for line in table.splitlines() if line.startswith("| `")]


def _words(expression: str) -> set[str]:
    word, words = "", set()
    for letter in expression + " ":
        if letter.isalnum() or letter in "_:":
            word += letter
        else:
            words.add(word)
            word = ""
    return words


async def test_who_has_no_key_is_told_whether_all_is_well_and_nothing_else(
    staff: httpx.AsyncClient,
) -> None:
    ready = await staff.get("/v1/health/ready")
    assert (ready.status_code, ready.json()) == (200, {"status": "ok"})
    lines = (await staff.get("/metrics")).text.splitlines()
    assert "aisle_link_online 1.0" in lines
    assert (await staff.get("/v1/health/checks")).json()["status"] == "ok"
    staff.cookies.clear()
    assert (await staff.get("/metrics")).status_code == 401
    assert (await staff.get("/v1/health/checks")).status_code == 401
    assert (await staff.get("/v1/health/ready")).status_code == 200
