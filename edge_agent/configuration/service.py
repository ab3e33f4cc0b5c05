"""Settings from the cloud: judged, tried by a start of the agent, and proved or given up."""

import asyncio
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud_bridge.wire.envelope import UNREADABLE
from cloud_bridge.wire.facts.upkeep import (
    ConfigurationApplied,
    ConfigurationPayload,
    ConfigurationRefused,
    ConfigurationRolledBack,
    ConfigurationTried,
)
from cloud_bridge.wire.streams.config import SignedSettings
from edge_agent.check import BadSettings, load
from edge_agent.configuration import decide, store
from edge_agent.configuration.model import Candidate, Known, Refusal, Standing
from edge_agent.configuration.protected import protected, strange_keys
from edge_agent.configuration.shelf import Shelf
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.facts import Fact
from edge_agent.storage import Storage, StorageUnavailable, Tx, outlast

SUBJECT = "configuration"

MOST_PROBLEMS = 20
"""Of a refusal: who wrote the settings mends these first; a fact is no log."""

log = structlog.get_logger("configuration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What this gateway goes by.

    Attributes:
        store: the store's id.
        own_file: the gateway's own settings, over which the cloud's are laid.
        shelf: where the cloud's lie.
        standing: which version is where, as the agent was started (`starting.settings_to_start`).
        key: whose settings are taken; None: nobody's.
        health_within_s: how long a trial may take to prove itself.
    """

    store: str
    own_file: Path
    shelf: Shelf
    standing: Standing
    key: Ed25519PublicKey | None
    health_within_s: float


class Configuration:
    """The store's end of the stream `config`.

    `restart` is called when the agent is to start anew on other settings.
    """

    def __init__(
        self, storage: Storage, clock: Clock, terms: Terms, restart: Callable[[], None]
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._terms = terms
        self._restart = restart
        self._standing = terms.standing
        self._offered = asyncio.Event()
        self._offered.set()

    def put(self, tx: Tx, _key: str, item: bytes, _now: Instant) -> None:
        """Take settings that came down; they are judged after the commit."""
        store.offer(tx, item)
        tx.after_commit(self._offered.set)

    async def run(self) -> None:
        """Prove the trial that this start is, if it is one; then judge what comes down, for ever.

        Raises:
            StorageFailed: storage was closed or has failed.
        """
        if self._standing != self._terms.shelf.standing():  # there was no room at the start
            await outlast(lambda: self._keep(self._standing))
        if self._standing.trial and not await self._proved():
            self._restart()
            return
        await outlast(self._tell)
        while True:
            await self._offered.wait()
            self._offered.clear()
            if await outlast(self._consider):
                self._restart()
                return

    async def _proved(self) -> bool:
        """Whether this start has recorded a fact and the hub has acknowledged it, both in time.

        That takes all that settings can break: the log, the link, the hub's belief in us.
        """
        version, seconds = self._standing.trial, self._terms.health_within_s
        try:
            async with asyncio.timeout(seconds):
                await outlast(self._acknowledged)
        except TimeoutError:
            detail = f"no fact was recorded and acknowledged by the hub within {seconds:g} s"
            given_up = decide.roll_back(self._standing, "unhealthy", detail)
            await outlast(lambda: self._keep(given_up))
            log.error("configuration.given_up", version=version, reason=detail)  # noqa: TRY400 - the reason says it all
            return False
        holds = decide.confirm(self._standing)
        await outlast(lambda: self._keep(holds))
        log.info("configuration.holds", version=version)
        return True

    async def _acknowledged(self) -> None:
        """Record that the settings are tried; return when the hub has it."""
        fact = await self._record(ConfigurationTried(version=self._standing.trial))
        generation = self._storage.generation
        while not await self._storage.view(lambda reads: store.is_with_the_hub(reads, fact)):
            generation = await self._storage.changed(generation)

    async def _tell(self) -> None:
        """Record what the files know and the log may not: it came of a start, or of a crash."""
        standing, now = self._standing, self._clock.now()

        def work(tx: Tx) -> None:
            gone, holds = standing.given_up, standing.confirmed
            if gone and store.first_told(tx, gone, "rolled_back"):
                told = ConfigurationRolledBack(
                    version=gone, to=holds, reason=standing.reason, detail=standing.detail
                )
                tx.record(Fact(SUBJECT, told), now)
            if holds and store.first_told(tx, holds, "applied"):
                tx.record(Fact(SUBJECT, ConfigurationApplied(version=holds)), now)

        await self._storage.run(work)

    async def _consider(self) -> bool:
        """Judge what came down last; True when the agent is to start on it."""
        item = await self._storage.view(store.offered)
        if item is None:
            return False
        try:
            offer = msgspec.json.decode(item, type=SignedSettings)
        except UNREADABLE as err:
            await self._refuse(item, 0, Refusal("invalid", [str(err)]))
            return False
        terms = self._terms
        verdict = decide.judge(offer, self._standing, store=terms.store, key=terms.key)
        if isinstance(verdict, Candidate):
            verdict = await asyncio.to_thread(self._survived, offer)
        if isinstance(verdict, Refusal):
            if verdict.reason in {"protected", "invalid"}:
                await self._keep(decide.seen(self._standing, offer.version))
            await self._refuse(item, offer.version, verdict)
            return False
        if not isinstance(verdict, Known):
            await self._keep(decide.try_out(self._standing, offer.version))
            log.info("configuration.tried", version=offer.version)
        await self._storage.run(lambda tx: store.judged(tx, item))
        return bool(self._standing.trial)

    def _survived(self, offer: SignedSettings) -> Candidate | Refusal:
        """`_usable`, whatever reading them raises: unjudged, they would end every start of ours."""
        try:
            return self._usable(offer)
        except StorageUnavailable:
            raise
        except Exception as err:  # noqa: BLE001 - our own mistake must not lock the gateway out
            return Refusal("invalid", [f"{type(err).__name__}: {err}"])

    def _usable(self, offer: SignedSettings) -> Candidate | Refusal:
        """Whether the agent could start on them; their text is on the shelf then. Reads files."""
        try:
            overlay = tomllib.loads(offer.toml)
            with _on_disk():
                own = tomllib.loads(self._terms.own_file.read_text("utf-8"))
        except ValueError as err:
            return Refusal("invalid", [str(err)])
        if problems := [*protected(overlay), *strange_keys(own, overlay)]:
            return Refusal("protected", problems)
        with _on_disk():
            file = self._terms.shelf.put(offer.version, offer.toml)
        try:
            load(self._terms.own_file, file)
        except BadSettings as err:
            return Refusal("invalid", [f"line {one.line}: {one.text}" for one in err.mistakes])
        return Candidate()

    async def _refuse(self, item: bytes, version: int, refusal: Refusal) -> None:
        now = self._clock.now()
        told = ConfigurationRefused(
            version=version,
            reason=refusal.reason,
            problems=list(refusal.problems[:MOST_PROBLEMS]),
        )

        def work(tx: Tx) -> None:
            store.judged(tx, item)
            tx.record(Fact(SUBJECT, told), now)

        await self._storage.run(work)
        log.warning("configuration.refused", version=version, reason=refusal.reason)

    async def _record(self, fact: ConfigurationPayload) -> str:
        now = self._clock.now()
        recorded = await self._storage.run(lambda tx: tx.record(Fact(SUBJECT, fact), now))
        assert recorded is not None  # noqa: S101 - it is about nobody, so it needs no key
        return recorded.id

    async def _keep(self, standing: Standing) -> None:
        with _on_disk():
            await asyncio.to_thread(self._terms.shelf.keep, standing)
        self._standing = standing


@contextmanager
def _on_disk() -> Iterator[None]:
    """What the disk does not take now (it is full), it may take later."""
    try:
        yield
    except OSError as err:
        msg = f"settings cannot be kept: {err}"
        raise StorageUnavailable(msg) from err
