"""What comes down from the hub, carried out exactly once: commands and state streams.

The effect and the cursor that says so move in one unit of work. A command that this version does
not know, cannot read or cannot carry out is answered so and passed: it must not hold up those
behind it, nor end the agent each time that the hub sends it again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import msgspec
import structlog

from cloud_bridge.link.ports import InboxPositions, Unusable
from cloud_bridge.wire.digests import bucket_of, digest
from cloud_bridge.wire.envelope import Command
from cloud_bridge.wire.facts.pickup import CommandUnsupported
from cloud_bridge.wire.messages import Delta
from cloud_bridge.wire.streams import config as config_stream
from cloud_bridge.wire.streams import coupons as coupon_stream
from cloud_bridge.wire.streams import shoppers as shopper_stream
from cloud_bridge.wire.streams.orders import CancelOrder, PlaceOrder
from edge_agent import stream_digests
from edge_agent.capabilities.coupons import store as coupons
from edge_agent.capabilities.pickup.service import Pickups
from edge_agent.capabilities.shoppers.service import ShopperStream
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.errors import AisleError
from edge_agent.kernel.facts import Fact
from edge_agent.storage import DiskFull, LaneFull, Storage, Tx
from edge_agent.storage.reads import Reads
from edge_agent.storage.unit import GroupLost

T = TypeVar("T")

log = structlog.get_logger("inbox")


class BadSnapshot(AisleError, Unusable):
    """An item of a snapshot has no key; nothing of it was applied, and what was held stays."""


class NoRoom(AisleError, Unusable):
    """What the log cannot hold the facts of now: it waits at the hub for the next hello."""


A_SLICE: Final = 100
"""Entries of a large stream in one unit of work: 50 ms of the writer's thread at 0.5 ms each
(measured for shoppers), so that nobody at a locker waits for 50,000."""


KEYED_AT_ONCE: Final = 250
"""Entries whose keys are read between two turns of the event loop: 3 ms (measured)."""


@dataclass(frozen=True, slots=True)
class _Stream:
    """How a keyed state stream is kept, under its name on the wire.

    Attributes:
        held: the keys that stand here, of a stream whose snapshot is too large for one unit of
            work. Each entry is whole by itself, so it is removed and applied in slices; the version
            moves with the last, and what was cut short by a crash is asked for and applied again.
    """

    name: str
    put: Callable[[Tx, str, bytes, Instant], None]
    remove: Callable[[Tx, str, Instant], None]
    remove_except: Callable[[Tx, Sequence[str], Instant], None]
    held: Callable[[Reads], Sequence[str]] | None = None


_UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What msgspec raises for bytes that are not what they should be."""


class _Keyed(msgspec.Struct, frozen=True):
    id: str


_CAMPAIGNS: Final = _Stream(
    coupon_stream.STREAM,
    lambda tx, key, item, _: coupons.put_campaign(tx, key, item),
    lambda tx, key, _: coupons.remove_campaign(tx, key),
    lambda tx, keys, _: coupons.remove_campaigns_except(tx, keys),
)


TakeItem = Callable[[Tx, str, bytes, Instant], None]


def _nothing_to_configure(_tx: Tx, _key: str, _item: bytes, _now: Instant) -> None:
    """A store whose settings are its own."""


class StoreInbox:
    """The store's end of what comes down, as `cloud_bridge.link` asks for it."""

    def __init__(
        self,
        storage: Storage,
        clock: Clock,
        *,
        pickups: Pickups,
        shoppers: ShopperStream,
        configuration: TakeItem = _nothing_to_configure,
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._streams: Mapping[str, _Stream] = {
            coupon_stream.STREAM: _CAMPAIGNS,
            shopper_stream.STREAM: _Stream(
                shopper_stream.STREAM,
                shoppers.put,
                shoppers.remove,
                shoppers.remove_except,
                held=shoppers.held,
            ),
            config_stream.STREAM: _Stream(
                config_stream.STREAM,
                configuration,
                lambda _tx, _key, _now: None,  # settings are changed by others, never taken away
                lambda _tx, _keys, _now: None,
            ),
        }
        self._commands: Mapping[str, tuple[type[Any], Callable[[Tx, Any, Instant], None]]] = {
            PlaceOrder.TYPE: (PlaceOrder, pickups.place),
            CancelOrder.TYPE: (CancelOrder, pickups.cancel),
        }

    async def positions(self) -> InboxPositions:
        """What is durably carried out and held; each stream that is followed, 0 for none yet."""
        return await self._storage.view(self._positions)

    def _positions(self, reads: Reads) -> InboxPositions:
        return InboxPositions(
            _cursor(reads),
            {stream: _version(reads, stream) for stream in self._streams},
            {stream: digest(stream_digests.buckets(reads, stream)) for stream in self._streams},
        )

    async def buckets(self, stream: str) -> Sequence[str]:
        """The bucket hashes of what is held of a stream."""
        return await self._storage.view(lambda reads: stream_digests.buckets(reads, stream).hashes)

    async def command(self, command: Command) -> None:
        """Carry out the command; one that is not the next changes nothing.

        Raises:
            NoRoom: nothing of it was done.
        """
        now = self._clock.now()

        def work(tx: Tx) -> None:
            if command.sequence == _cursor(tx) + 1:
                self._carry_out(tx, command, now)
                tx.execute("UPDATE command_cursor SET sequence = ?", (command.sequence,))

        with _needing_room(f"command {command.sequence}"):
            await self._storage.run(work, urgent=True)  # the next command waits behind it

    async def delta(self, delta: Delta) -> None:
        """Apply the step to `delta.version`; one that is not the next changes nothing.

        Nor does one of a stream that this version does not follow.

        Raises:
            NoRoom: nothing of it was done.
        """
        stream, now = self._streams.get(delta.stream), self._clock.now()
        if stream is None:
            return
        with _needing_room(f"step {delta.version} of {delta.stream}"):
            await self._storage.run(lambda tx: _apply(tx, stream, delta, now), urgent=True)

    async def snapshot(
        self,
        stream: str,
        version: int,
        items: Sequence[msgspec.Raw],
        buckets: Sequence[int] | None = None,
    ) -> None:
        """Replace the stream's whole state, or that in `buckets`, whatever version was held.

        Raises:
            BadSnapshot: an item has no key.
            NoRoom: not all of it was done; the version is as it was.
        """
        kept, now = self._streams.get(stream), self._clock.now()
        if kept is None:
            return
        try:
            keyed = await _keyed(items)
        except _UNREADABLE as err:
            text = f"snapshot {version} of {stream}: {err}"
            raise BadSnapshot(text) from err
        with _needing_room(f"snapshot {version} of {stream}"):
            await self._replace(kept, version, keyed, buckets, now)

    async def _replace(
        self,
        kept: _Stream,
        version: int,
        keyed: Mapping[str, bytes],
        buckets: Sequence[int] | None,
        now: Instant,
    ) -> None:
        *before, last = _slices(list(keyed.items()), A_SLICE if kept.held else len(keyed))
        if kept.held or buckets is not None:
            standing = await self._storage.view(partial(_standing, kept, buckets))
            gone = [key for key in standing if key not in keyed]
            for keys in _slices(gone, A_SLICE):
                await self._storage.run(partial(_remove, kept, keys, now), urgent=True)
        for part in before:
            await self._storage.run(partial(_put, kept, part, now), urgent=True)

        def finish(tx: Tx) -> None:
            if buckets is None:
                kept.remove_except(tx, tuple(keyed), now)
                stream_digests.remove_except(tx, kept.name, keyed)
            _put(kept, last, now, tx)
            _hold(tx, kept.name, version)

        await self._storage.run(finish, urgent=True)

    def _carry_out(self, tx: Tx, command: Command, now: Instant) -> None:
        shape, handle = self._commands.get(command.type, (None, _nothing))
        data = None if shape is None else _read(command, shape)
        if data is not None and _done(tx, lambda: handle(tx, data, now), command):
            return
        answer = CommandUnsupported(
            command=command.id, sequence=command.sequence, type=command.type
        )
        tx.record(Fact(command.subject, answer), now)


@contextmanager
def _needing_room(what: str) -> Iterator[None]:
    """Raises `NoRoom` where the log cannot hold what follows from `what`: the link goes on."""
    try:
        yield
    except (DiskFull, LaneFull) as err:
        text = f"{what}: {err}"
        raise NoRoom(text) from err


async def _keyed(items: Sequence[msgspec.Raw]) -> dict[str, bytes]:
    """The items by their keys; the event loop turns in between."""
    keyed: dict[str, bytes] = {}
    for number, item in enumerate(items, 1):
        keyed[msgspec.json.decode(item, type=_Keyed).id] = bytes(item)
        if number % KEYED_AT_ONCE == 0:
            await asyncio.sleep(0)
    return keyed


def _slices(items: list[T], size: int) -> list[list[T]]:
    """The items in lists of at most `size`; one empty list of none."""
    return [items[start : start + size] for start in range(0, len(items), max(1, size))] or [[]]


def _standing(stream: _Stream, buckets: Sequence[int] | None, reads: Reads) -> list[str]:
    """The keys that are held, of all of the stream or of `buckets`."""
    keys = set(stream_digests.keys(reads, stream.name))
    if stream.held is not None:
        keys.update(stream.held(reads))
    return sorted(key for key in keys if buckets is None or bucket_of(key) in buckets)


def _remove(stream: _Stream, keys: Iterable[str], now: Instant, tx: Tx) -> None:
    for key in keys:
        stream.remove(tx, key, now)
        stream_digests.remove(tx, stream.name, key)


def _put(stream: _Stream, items: Iterable[tuple[str, bytes]], now: Instant, tx: Tx) -> None:
    for key, item in items:
        stream.put(tx, key, item, now)
        stream_digests.put(tx, stream.name, key, item)


def _nothing(_tx: Tx, _data: object, _now: Instant) -> None:
    """What an unknown command does."""


def _read(command: Command, shape: type[Any]) -> Any | None:  # noqa: ANN401 - as `shape` says
    """The command's data, None when they are not of that shape."""
    try:
        return msgspec.json.decode(command.data, type=shape)
    except _UNREADABLE:
        return None


def _done(tx: Tx, deed: Callable[[], None], command: Command) -> bool:
    """Whether `deed` went through; of one that did not, nothing stays."""
    try:
        with tx.savepoint():
            deed()
    except (GroupLost, DiskFull, LaneFull):
        raise
    except Exception:
        log.exception("command.impossible", command=command.id, type=command.type)
        return False
    return True


def _apply(tx: Tx, stream: _Stream, delta: Delta, now: Instant) -> None:
    if delta.version != _version(tx, delta.stream) + 1:
        return
    for change in delta.changes:
        if change.removes:
            _remove(stream, [change.key], now, tx)
        else:
            _put(stream, [(change.key, bytes(change.item))], now, tx)
    _hold(tx, delta.stream, delta.version)


def _cursor(reads: Reads) -> int:
    return int(reads.execute("SELECT sequence FROM command_cursor").fetchone()["sequence"])


def _version(reads: Reads, stream: str) -> int:
    row = reads.execute("SELECT version FROM stream_version WHERE stream = ?", (stream,)).fetchone()
    return 0 if row is None else int(row["version"])


def _hold(tx: Tx, stream: str, version: int) -> None:
    tx.execute(
        "INSERT INTO stream_version VALUES (?, ?)"
        " ON CONFLICT (stream) DO UPDATE SET version = excluded.version",
        (stream, version),
    )
