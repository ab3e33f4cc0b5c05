"""A station and its hub with a network between them that can be made bad."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

from tests.faults.network.proxy import Proxy, proxy
from tests.faults.system.clerks import campaign_body
from tests.faults.system.evidence import facts_counted, sqlite_hub, store_evidence
from tests.faults.system.forked import Forked
from tests.faults.system.house import made, ready
from tests.faults.system.oracle import station_violations
from tests.faults.system.programs import HUB, STATION
from tests.faults.system.settings import STORE, Place, lay_out_hub
from tests.faults.system.station import CAMPAIGN, ENOUGH, Station
from tests.faults.system.waiting import DEADLINE_S, until, until_async
from tests.support.brokers import broker_process

RATES: Mapping[str, float] = {"pickup": 5, "coupon": 20, "stock": 60}


@dataclass
class Outpost:
    """All of it; the station is not started.

    Attributes:
        proxy: between the station and the broker.
        backbone: between the hub and the broker.
    """

    proxy: Proxy
    backbone: Proxy
    hub_place: Place
    hub: Forked
    station: Forked
    config: Station

    @property
    def told(self) -> list[str]:
        """Ids that producers were told are durable."""
        return [word[2] for word in self._notes() if word[0] == "told"]

    @property
    def waits(self) -> list[float]:
        """Seconds that each pickup fact waited for the hub's word."""
        return [float(word[1]) for word in self._notes() if word[0] == "acknowledged"]

    def _notes(self) -> list[list[str]]:
        if not self.config.notes.exists():
            return []
        return [line.split() for line in self.config.notes.read_text("ascii").splitlines()]

    def at_hub(self) -> int:
        """Facts that the hub counts."""
        return facts_counted(self.database, STORE)

    @property
    def database(self) -> Path:
        """The hub's."""
        return self.hub_place.folder / "hub.db"

    async def gains(self, facts: int = 1, deadline_s: float = DEADLINE_S) -> None:
        """Wait until the hub has so many facts more than now."""
        wanted = self.at_hub() + facts
        await until(
            lambda: self.at_hub() >= wanted,
            lambda: (
                f"the hub has {wanted} facts, it has {self.at_hub()}: {self.station.last_words()}"
            ),
            deadline_s,
        )

    async def settled(self, deadline_s: float = DEADLINE_S) -> None:
        """Stop the producers and wait until both databases say all that was told."""
        self.station.signal(ENOUGH)
        wrong: list[str] = []

        async def look() -> bool:
            hub, store = sqlite_hub(self.database, STORE), store_evidence(self.config.database)
            wrong[:] = station_violations(self.told, hub, store)
            return not wrong

        await until_async(look, lambda: "; ".join(wrong[:12]), deadline_s)

    def configure(self, config: Station) -> None:
        """What the station's next start reads."""
        self.config = config
        (self.station.folder / "station.json").write_bytes(msgspec.json.encode(config))


@asynccontextmanager
async def outpost(
    folder: Path,
    *brokers: int,
    rates: Mapping[str, float] = RATES,
    mqtt5: bool = True,
    tls: tuple[int, Path] | None = None,
) -> AsyncIterator[Outpost]:
    """A station and its hub, which stands, each behind a proxy to `brokers`; killed at the end.

    Args:
        brokers: ports; where there are several, each connection goes to the next that is there.
        rates: as `Station.rates`.
        mqtt5: False for a broker that speaks MQTT 3.1.1.
        tls: another port, by which the station comes, and the file of who signed there.
    """
    front = (tls[0],) if tls else brokers
    async with proxy(*front) as network, proxy(*brokers) as backbone:
        place = lay_out_hub(made(folder) / "hub", broker=backbone.port, mqtt5=mqtt5)
        config = Station(
            folder=str(folder),
            broker=network.port,
            rates=dict(rates),
            mqtt5=mqtt5,
            ca=str(tls[1]) if tls else None,
        )
        hub = Forked([HUB, "run", "--settings", "hub.toml"], *ready(place))
        station = Forked([STATION, "station.json"], folder, lambda: True)
        one = Outpost(network, backbone, place, hub, station, config)
        one.configure(config)
        try:
            hub.start()
            await until(hub.listening, lambda: f"the hub listens: {hub.last_words()}")
            await publish(place)
            yield one
        finally:
            station.kill()
            hub.kill()


@asynccontextmanager
async def mosquitto_outpost(
    folder: Path, *, rates: Mapping[str, float] = RATES
) -> AsyncIterator[Outpost]:
    """As `outpost`, on a mosquitto that nobody kills."""
    with broker_process("mosquitto", made(folder)) as broker:
        async with outpost(folder, broker.port, rates=rates) as one:
            yield one


async def publish(hub: Place) -> None:
    """The campaign whose offers the station's coupon facts count."""
    headers = {"authorization": f"Bearer {hub.key}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        path = f"{hub.url}/v1/campaigns/{CAMPAIGN}"
        (await client.put(path, json=campaign_body(1))).raise_for_status()
