"""Records that machines fell silent or came back, and that the cloud answered again."""

import asyncio
from datetime import datetime

from cloud_bridge.link import LinkState
from cloud_bridge.wire.facts import Payload
from cloud_bridge.wire.facts.devices import DevicePresent, DeviceSilent, LinkRestored
from edge_agent.kernel.clock import Clock
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, outlast


class Health:
    """Turns what the bus and the link report into facts of the `record` lane."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._offline_since: datetime | None = None
        self._restored: asyncio.Queue[float] = asyncio.Queue(maxsize=16)

    async def device(self, device: str, *, present: bool) -> None:
        """A device of the bus came or went."""
        told = DevicePresent(device=device) if present else DeviceSilent(device=device)
        await self._record(f"devices/{device}", told)

    def link(self, state: LinkState) -> None:
        """The link changed; an outage is told when it is over. The first connection is none."""
        if not state.online and state.outages:
            self._offline_since = self._offline_since or state.since
        elif state.online and self._offline_since is not None:
            outage_s = (state.since - self._offline_since).total_seconds()
            self._offline_since = None
            if not self._restored.full():
                self._restored.put_nowait(outage_s)

    async def run(self) -> None:
        """Record what `link` noted, for ever."""
        while True:
            outage_s = await self._restored.get()
            await self._record("link", LinkRestored(outage_s=round(max(0.0, outage_s), 1)))

    async def _record(self, subject: str, data: Payload) -> None:
        now = self._clock.now()
        await outlast(lambda: self._storage.run(lambda tx: tx.record(Fact(subject, data), now)))
