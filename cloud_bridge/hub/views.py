"""The live views: computed from the database after changes, at most a few times a second."""

import asyncio
import contextlib
from collections.abc import Mapping

import msgspec
import structlog

from cloud_bridge.hub.clock import Clock
from cloud_bridge.hub.database import Database, Tx, Unavailable
from cloud_bridge.hub.live import Live
from cloud_bridge.hub.rooms.campaigns import store as campaigns
from cloud_bridge.hub.rooms.configuration import store as configuration
from cloud_bridge.hub.rooms.gateways import store as gateways
from cloud_bridge.hub.rooms.orders import store as orders
from cloud_bridge.hub.rooms.stores import store as stores

PAUSE_S = 0.2
"""Between two looks: the eye takes five a second for live, and a backlog that drains does not
recompute the views for each of its batches."""

IDLE = 4.0
"""Times as long as a look took, nobody looks again: a fleet of thousands is looked at less often,
and the views never take more than a fifth of a core."""

LOOK_S = 2.0
"""Other processes at the same database say nothing of what they commit: so often is looked anyway.
"""


log = structlog.get_logger("hub")


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """An article of the hub's own catalogue, for its forms."""

    gtin: str
    name: dict[str, str]
    style: str = ""
    size: str = ""
    colour: dict[str, str] = {}
    price: int = 0
    zone: str = ""


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub's forms offer: `catalogue` of `hub.toml`."""

    currency: str = "KRW"
    articles: list[Article] = []

    @property
    def zones(self) -> list[str]:
        """The zones that the articles lie in."""
        return sorted({article.zone for article in self.articles if article.zone})


class Views:
    """Keeps `live` at what the database says; `ca`: whether this hub can sign for gateways."""

    def __init__(
        self, database: Database, live: Live, catalogue: Catalogue, *, clock: Clock, ca: bool
    ) -> None:
        self._database, self._live, self._catalogue = database, live, catalogue
        self._clock, self._ca = clock, ca
        self._changed = asyncio.Event()
        self._changed.set()

    def changed(self) -> None:
        """Something was committed."""
        self._changed.set()

    async def run(self) -> None:
        """Recompute after changes, for ever."""
        loop = asyncio.get_running_loop()
        while True:
            await self._due()
            self._changed.clear()
            began = loop.time()
            try:
                views = await self._database.read(self._compute)
            except Unavailable as err:
                log.warning("hub.views_stand_still", reason=str(err))
                self._changed.set()
            else:
                for name, payload in views.items():
                    await self._live.publish(name, payload)
            await asyncio.sleep(max(PAUSE_S, IDLE * (loop.time() - began)))

    async def _due(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_S if self._database.shared else None):
                await self._changed.wait()

    async def _compute(self, tx: Tx) -> Mapping[str, bytes]:
        views = {
            "stores": {"stores": await stores.overview(tx)},
            "facts": {"facts": await stores.newest_facts(tx)},
            "orders": {"orders": await orders.newest(tx)},
            "gateways": {
                "gateways": await gateways.listed(tx, self._clock()),
                "ca": self._ca,
            },
            "configurations": {"configurations": await configuration.newest(tx)},
            "campaigns": {
                "version": await campaigns.version(tx),
                "campaigns": await campaigns.running(tx),
                "zones": self._catalogue.zones,
                "articles": self._catalogue.articles,
                "currency": self._catalogue.currency,
            },
        }
        return {name: msgspec.json.encode(value) for name, value in views.items()}
