"""The link: one connection after another, and what to say about it."""

import asyncio
from collections.abc import Callable
from random import Random

import msgspec
import structlog

from cloud_bridge.link.ports import (
    Clock,
    Inbox,
    Keyring,
    LinkState,
    NeverRestored,
    Outbox,
    Restoration,
)
from cloud_bridge.link.session import Endpoint, Session
from cloud_bridge.link.uplink import Phase, Uplink
from cloud_bridge.mqtt import Broker, BrokerError, backoff
from cloud_bridge.mqtt.broker import LONGEST_BACKOFF_S
from cloud_bridge.wire.topics import DEFAULT_ROOT, StoreTopics

log = structlog.get_logger("link")


class Link:
    """Runs until cancelled. Nothing that the store does waits for it.

    Args:
        boot: random id of this process start.
        longest_wait_s: cap of the jittered wait between attempts.
        on_state: called on the event loop with each new `state`.
    """

    def __init__(
        self,
        *,
        broker: Broker,
        store: str,
        gateway: str,
        agent_version: str,
        boot: str,
        outbox: Outbox,
        inbox: Inbox,
        keyring: Keyring,
        clock: Clock,
        random: Random,
        longest_wait_s: float = LONGEST_BACKOFF_S,
        root: str = DEFAULT_ROOT,
        on_state: Callable[[LinkState], None] = lambda _: None,
        restoration: Restoration | None = None,
    ) -> None:
        self.state = LinkState(online=False, since=clock.now().wall)
        self._endpoint = Endpoint(
            broker=broker,
            topics=StoreTopics(store, root),
            gateway=gateway,
            agent_version=agent_version,
            boot=boot,
            outbox=outbox,
            inbox=inbox,
            keyring=keyring,
            clock=clock,
            restoration=restoration or NeverRestored(),
        )
        self._clock = clock
        self._random = random
        self._longest_wait_s = longest_wait_s
        self._on_state = on_state
        self._quarantined = 0  # on the connections before this one

    async def run(self) -> None:
        """Connect, serve, and connect again, for ever.

        Raises:
            ExceptionGroup: of what outbox or inbox raised; the broker's troubles are waited out.
        """
        attempt = 0
        while True:
            session = Session(self._endpoint, self._report)
            self._quarantined = self.state.quarantined
            try:
                await session.run()
            except* BrokerError as group:
                error = str(_first(group))
                self._become(msgspec.structs.replace(self.state, online=False, last_error=error))
                log.warning("link.lost", error=error, attempt=attempt)
            attempt = 0 if session.uplink.leads else attempt + 1
            await asyncio.sleep(backoff(attempt, self._random, self._longest_wait_s))

    def _report(self, uplink: Uplink) -> None:
        silent = uplink.silent(self._clock.now().monotonic)
        online = uplink.leads and not silent
        self._become(
            msgspec.structs.replace(
                self.state,
                online=online,
                epoch=uplink.epoch or self.state.epoch,
                fenced=uplink.phase is Phase.FENCED,
                quarantined=self._quarantined + uplink.quarantined,
                last_error=self._reason(uplink, silent=silent),
            )
        )

    def _reason(self, uplink: Uplink, *, silent: bool) -> str | None:
        if uplink.phase is Phase.FENCED:
            return "another gateway leads this store"
        if uplink.refusal:
            return uplink.refusal
        if silent or not uplink.leads:
            return f"the hub behind {self._endpoint.broker.where} does not answer"
        return None

    def _become(self, after: LinkState) -> None:
        before = self.state
        if after.online != before.online:
            outages = before.outages + before.online
            since = self._clock.now().wall
            after = msgspec.structs.replace(after, since=since, outages=outages)
        if after != before:
            self.state = after
            self._on_state(after)


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
