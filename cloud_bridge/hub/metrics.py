"""What a monitoring system reads of the hub: `GET /metrics` in Prometheus' text.

All of it stands in the database, so that it counts what every worker has done. Stores are counted
and not listed: ten thousand would be ten thousand lines a scrape; `GET /v1/stores` has each.
docs/operations/monitoring.md explains each name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Response
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Row, Tx
from cloud_bridge.hub.desk import Desk

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

TOTALS: Final = """
    SELECT count(*) AS stores,
        coalesce(sum(online), 0) AS online,
        coalesce(sum(facts), 0) AS facts,
        coalesce(sum(quarantined), 0) AS quarantined,
        max(last_fact_at) AS last_fact_at
    FROM store
"""


@dataclass(frozen=True, slots=True)
class Totals:
    """The hub's database at one moment; `quiet_s`: since any store's last fact, None: never."""

    stores: int
    online: int
    facts: int
    quarantined: int
    in_quarantine: int
    alarms: dict[str, int]
    workers: int
    unanswered: int
    quiet_s: float | None


async def totals(tx: Tx, now: datetime) -> Totals:
    """Count what there is."""
    stores = await _counted(tx, TOTALS)
    alarms = await tx.rows("SELECT kind, count(*) AS stores FROM alarm GROUP BY kind ORDER BY kind")
    in_quarantine = await _counted(tx, "SELECT count(*) AS facts FROM quarantine")
    workers = await tx.row("SELECT count(*) AS alive FROM worker WHERE until > $1", stamp(now))
    unanswered = await _counted(
        tx, "SELECT count(*) AS commands FROM command WHERE answered IS NULL"
    )
    last = stores["last_fact_at"]
    return Totals(
        stores=stores["stores"],
        online=stores["online"],
        facts=stores["facts"],
        quarantined=stores["quarantined"],
        in_quarantine=in_quarantine["facts"],
        alarms={row["kind"]: row["stores"] for row in alarms},
        workers=workers["alive"] if workers else 0,
        unanswered=unanswered["commands"],
        quiet_s=None if last is None else _since(datetime.fromisoformat(last), now),
    )


async def _counted(tx: Tx, sql: str) -> Row:
    (row,) = await tx.rows(sql)
    return row


def _since(then: datetime, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds())


def routes(desk: Desk, version: str) -> APIRouter:
    """The route, for programs and operators."""
    router = APIRouter()

    @router.get("/metrics")
    async def metrics(_: Annotated[str, Depends(desk.operator)]) -> Response:
        now = desk.clock()
        found = await desk.database.read(lambda tx: totals(tx, now))
        return Response(exposition(found, version), media_type=CONTENT_TYPE)

    return router


def exposition(found: Totals, version: str) -> bytes:
    """`found` in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_OfTotals(found, version))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _OfTotals(Collector):
    """One scrape."""

    def __init__(self, found: Totals, version: str) -> None:
        self._found, self._version = found, version

    @override
    def collect(self) -> Iterable[Metric]:
        """All families."""
        found = self._found
        yield _gauge("hub_build_info", "The running version.", {self._version: 1}, "version")
        for name, about, value in (
            ("hub_stores", "Stores that this hub serves.", found.stores),
            ("hub_stores_online", "Stores that are heard.", found.online),
            ("hub_workers", "Processes that take what stores send.", found.workers),
            (
                "hub_quarantine_facts",
                "Facts set aside that wait for somebody.",
                found.in_quarantine,
            ),
            ("hub_commands_unanswered", "Commands without a store's answer.", found.unanswered),
        ):
            yield GaugeMetricFamily(name, about, value=value)
        if found.quiet_s is not None:
            about = "Since the last fact of any store."
            yield GaugeMetricFamily("hub_last_fact_age_seconds", about, value=found.quiet_s)
        yield _gauge("hub_alarms", "Stores with an alarm.", found.alarms, "kind")
        yield CounterMetricFamily("hub_facts", "Facts taken.", value=found.facts)
        yield CounterMetricFamily(
            "hub_quarantined", "Facts ever set aside.", value=found.quarantined
        )


def _gauge(name: str, about: str, values: dict[str, int], label: str) -> Metric:
    family = GaugeMetricFamily(name, about, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
