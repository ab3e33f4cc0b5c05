"""What a monitoring system reads: `GET /metrics` in Prometheus' text, and whether all is well.

Nothing in it is about a person. docs/operations/monitoring.md explains each name; the dashboard and
the alert rules beside it are made of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Depends, Response
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from cloud_bridge.link import LinkState
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import ClockQuality
from edge_agent.storage import LogState, Storage
from edge_agent.storage.reads import Reads
from edge_agent.storage.watermarks import Disk
from edge_agent.web.access import Access
from edge_agent.web.views.shapes import ReceiverShape

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

FLOW_OUTCOMES: Final = ("done", "stale", "parked", "sealed")


@dataclass(frozen=True, slots=True)
class FlowCount:
    """What became of the facts that one flow was handed."""

    flow: str
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The agent at one moment.

    Attributes:
        parked: facts that a flow has refused and that wait to be driven again.
        held: why nothing is handed over since the database was restored; None when all is well.
        certificate_ends_s: until the gateway's certificate ends; None without one.
        backlog_s: how long the oldest fact has waited, by lane; 0 where none does.
    """

    version: str
    log: LogState
    link: LinkState
    disk: Disk
    clock: ClockQuality
    flows: Sequence[FlowCount]
    parked: int
    held: str | None
    receivers: Sequence[ReceiverShape]
    devices: dict[str, bool]
    certificate_ends_s: float | None
    backlog_s: dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Where a reading is taken from; each is asked anew for each scrape."""

    version: str
    storage: Storage
    clock: Clock
    link: Callable[[], LinkState]
    disk: Callable[[], Disk]
    quality: Callable[[], ClockQuality]
    receivers: Callable[[], Sequence[ReceiverShape]]
    devices: Callable[[], dict[str, bool]]
    certificate_ends_s: Callable[[], float | None]
    held: Callable[[Reads], str | None]

    async def read(self) -> Reading:
        """The agent as it is now."""
        log = await self.storage.log.state()
        flows, parked, held = await self.storage.view(self._look)
        return Reading(
            version=self.version,
            log=log,
            link=self.link(),
            disk=self.disk(),
            clock=self.quality(),
            flows=flows,
            parked=parked,
            held=held,
            receivers=self.receivers(),
            devices=self.devices(),
            certificate_ends_s=self.certificate_ends_s(),
            backlog_s=_backlog_s(log, self.clock.now()),
        )

    def _look(self, reads: Reads) -> tuple[list[FlowCount], int, str | None]:
        flows = [
            FlowCount(row["flow"], {outcome: row[outcome] for outcome in FLOW_OUTCOMES})
            for row in reads.execute("SELECT * FROM flow ORDER BY flow")
        ]
        (parked,) = reads.execute("SELECT count(*) FROM parked").fetchone()
        return flows, parked, self.held(reads)


def _backlog_s(log: LogState, now: Instant) -> dict[str, float]:
    return {
        name: 0.0 if lane.oldest is None else max(0.0, (now.wall - lane.oldest).total_seconds())
        for name, lane in log.lanes.items()
    }


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that has to be so; `remedy` when it is not."""

    name: str
    ok: bool
    remedy: str = ""


class Wellness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the agent does its work: ``ok``, ``degraded`` (it does, with loss), ``failing``."""

    status: str
    checks: list[Check]


VITAL: Final = frozenset({"disk", "handover"})
"""Without these the store cannot do what people ask of it."""


def wellness(reading: Reading) -> Wellness:
    """What of the agent works, and what to do about what does not."""
    blind = [each.id for each in reading.receivers if each.state == "blind"]
    silent = sorted(name for name, present in reading.devices.items() if not present)
    checks = [
        _check("disk", reading.disk.state != "full", "free some space on the gateway's disk"),
        _check("disk_room", reading.disk.state == "ok", "the disk is nearly full: free some space"),
        _check("cloud", reading.link.online, reading.link.last_error or "the hub does not answer"),
        _check("leader", not reading.link.fenced, "another gateway leads this store: stop one"),
        _check("handover", reading.held is None, f"restored ({reading.held}): wait for the hub"),
        _check("parked", not reading.parked, "look at `edge-agent parked`"),
        _check("receivers", not blind, f"blind: {', '.join(blind)}"),
        _check("devices", not silent, f"silent: {', '.join(silent)}"),
        _check("clock", reading.clock is not ClockQuality.UNSET, "the wall clock was never set"),
    ]
    wrong = {check.name for check in checks if not check.ok}
    status = "failing" if wrong & VITAL else "degraded" if wrong else "ok"
    return Wellness(status=status, checks=checks)


def _check(name: str, ok: bool, remedy: str) -> Check:  # noqa: FBT001 - reads as a sentence
    return Check(name=name, ok=ok, remedy="" if ok else remedy)


def metric_routes(gauges: Gauges, access: Access) -> APIRouter:
    """Prometheus' text, for a key with the role ``metrics``; and a status for anybody."""
    router = APIRouter(tags=["health"])

    @router.get("/metrics", response_class=Response)
    async def metrics(_: Annotated[str, Depends(access.metrics)]) -> Response:
        """The agent in Prometheus' text format."""
        return Response(exposition(await gauges.read()), media_type=CONTENT_TYPE)

    @router.get("/v1/health/ready")
    async def ready() -> Response:
        """200 while the agent does its work, 503 while it cannot."""
        status = wellness(await gauges.read()).status
        code = 503 if status == "failing" else 200
        return Response(f'{{"status":"{status}"}}', code, media_type="application/json")

    @router.get("/v1/health/checks")
    async def checks(_: Annotated[str, Depends(access.metrics)]) -> Response:
        """Each check and what to do about it."""
        found = wellness(await gauges.read())
        return Response(msgspec.json.encode(found), media_type="application/json")

    return router


def exposition(reading: Reading) -> bytes:
    """`reading` in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_OfReading(reading))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _OfReading(Collector):
    """One scrape."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    @override
    def collect(self) -> Iterable[Metric]:
        """All families."""
        reading = self._reading
        yield _one("aisle_build_info", "The running version.", 1, version=reading.version)
        yield from _log_families(reading)
        yield from _link_families(reading.link)
        yield from _flow_families(reading)
        yield from _machine_families(reading)


def _log_families(reading: Reading) -> Iterator[Metric]:
    lanes = reading.log.lanes
    for name, about, values in (
        ("recorded", "Facts recorded.", {n: lane.recorded for n, lane in lanes.items()}),
        (
            "acknowledged",
            "Facts that the hub's database holds.",
            {n: lane.acknowledged for n, lane in lanes.items()},
        ),
        (
            "rolled_up",
            "Facts that became part of a sum.",
            {n: lane.rolled_up for n, lane in lanes.items()},
        ),
        (
            "dropped",
            "Facts of which only the number is left.",
            {n: lane.dropped for n, lane in lanes.items()},
        ),
    ):
        yield _counter(f"aisle_log_{name}", about, "lane", values)
    waiting = {name: lane.waiting for name, lane in lanes.items()}
    yield _gauge("aisle_log_waiting", "Facts that wait for the hub.", "lane", waiting)
    size = {name: lane.waiting_bytes for name, lane in lanes.items()}
    yield _gauge("aisle_log_waiting_bytes", "Their size before compression.", "lane", size)
    yield _gauge(
        "aisle_log_oldest_waiting_seconds",
        "How long the oldest of them has waited.",
        "lane",
        reading.backlog_s,
    )
    yield _one("aisle_log_epoch", "Epoch that the hub has granted.", reading.log.epoch)
    behind = reading.log.position - reading.log.dispatched
    yield _one("aisle_dispatcher_behind", "Facts that no flow has seen yet.", behind)


def _link_families(link: LinkState) -> Iterator[Metric]:
    yield _one("aisle_link_online", "1 while the hub answers.", int(link.online))
    yield _one("aisle_link_fenced", "1 while another gateway leads the store.", int(link.fenced))
    yield _total("aisle_link_outages", "How often the hub was lost.", link.outages)
    yield _total("aisle_link_quarantined", "Facts that the hub keeps apart.", link.quarantined)


def _flow_families(reading: Reading) -> Iterator[Metric]:
    facts = CounterMetricFamily(
        "aisle_flow_facts", "Facts handed to a flow.", labels=["flow", "outcome"]
    )
    for each in reading.flows:
        for outcome, count in each.outcomes.items():
            facts.add_metric([each.flow, outcome], count)
    yield facts
    yield _one("aisle_parked_facts", "Facts that wait to be driven again.", reading.parked)
    held = int(reading.held is not None)
    yield _one("aisle_handover_held", "1 while a restored store hands nothing over.", held)


def _machine_families(reading: Reading) -> Iterator[Metric]:
    yield _one("aisle_disk_free_bytes", "What the agent may still write.", reading.disk.free)
    yield _gauge(
        "aisle_disk_state",
        "1 for the state that the disk is in.",
        "state",
        {state: int(reading.disk.state == state) for state in ("ok", "low", "full")},
    )
    yield _gauge(
        "aisle_clock_quality",
        "1 for how far the wall clock is to be trusted.",
        "quality",
        {each.value: int(each is reading.clock) for each in ClockQuality},
    )
    yield _gauge(
        "aisle_receiver_hearing",
        "1 while a receiver hears, 0 while it is blind.",
        "receiver",
        {each.id: int(each.state == "hearing") for each in reading.receivers},
    )
    yield _gauge(
        "aisle_receiver_sightings_per_second",
        "What a receiver hears.",
        "receiver",
        {each.id: each.rate for each in reading.receivers},
    )
    present = {name: int(each) for name, each in reading.devices.items()}
    yield _gauge("aisle_device_present", "1 while a device answers.", "device", present)
    if reading.certificate_ends_s is not None:
        yield _one(
            "aisle_certificate_ends_seconds",
            "Until the gateway's certificate ends.",
            reading.certificate_ends_s,
        )


def _gauge(name: str, about: str, label: str, values: dict[str, int] | dict[str, float]) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _counter(name: str, about: str, label: str, values: dict[str, int]) -> Metric:
    family = CounterMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _one(name: str, about: str, value: float, **labels: str) -> Metric:
    family = GaugeMetricFamily(name, about, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _total(name: str, about: str, value: float) -> Metric:
    family = CounterMetricFamily(name, about)
    family.add_metric([], value)
    return family
