"""Server-Sent Events by the rule "the latest value of each name".

A channel is what one page of one person sees: names, each with one JSON value. A page that
connects gets every value; afterwards each value that changed. A slow page never has more than the
latest value per name waiting, so what is kept for it is bounded by the number of names, and after
a gap it needs no replay. The protocol stands in `docs/reference/http.md`.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

COMMENT_EVERY_S = 15.0
"""An idle stream says something this often, so that proxies keep it and a dead peer is found."""

_COMMENT = b": still here\n\n"


MOST_STREAMS = 8
"""Open pages of one session: two screens' worth of tabs. One more ends the oldest, so that a
reload never waits for a connection that has silently died."""


class Subscription:
    """One open page.

    Attributes:
        holder: whose it is.
    """

    def __init__(self, holder: bytes) -> None:
        self.holder = holder
        self._pending: dict[str, bytes] = {}
        self._something = asyncio.Event()
        self._closed = False

    def offer(self, name: str, event: bytes) -> None:
        """Have `event` sent, in place of any earlier one of this name that still waits."""
        self._pending[name] = event
        self._something.set()

    def close(self) -> None:
        """End the stream after what waits."""
        self._closed = True
        self._something.set()

    async def events(self) -> AsyncIterator[bytes]:
        """The stream's bytes, until `close`."""
        while not (self._closed and not self._pending):
            try:
                async with asyncio.timeout(COMMENT_EVERY_S):
                    await self._something.wait()
            except TimeoutError:
                yield _COMMENT
                continue
            self._something.clear()
            batch, self._pending = self._pending, {}
            if batch:
                yield b"".join(batch.values())


class Live:
    """The channels that somebody watches, and the last value of each of their names."""

    def __init__(self, wanted: Callable[[], None]) -> None:
        """Nothing is watched yet.

        Args:
            wanted: called when a page has come, so that its channel is filled without delay.
        """
        self._wanted = wanted
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._open: dict[Subscription, None] = {}
        self._values: defaultdict[str, dict[str, tuple[bytes, bytes]]] = defaultdict(dict)
        self._last_id = 0
        self._closed = False

    def channels(self) -> tuple[str, ...]:
        """The channels that have at least one page."""
        return tuple(self._subscriptions)

    @contextmanager
    def watch(self, channel: str, holder: bytes) -> Iterator[Subscription]:
        """A page on `channel` for the length of the block; it starts with every value known.

        After `close` its stream ends with those: a page that comes again must not hold up the end.
        """
        subscription = Subscription(holder)
        held = [one for one in self._open if one.holder == holder]
        if len(held) == MOST_STREAMS:
            held[0].close()
            del self._open[held[0]]
        self._open[subscription] = None
        for name, (_, event) in self._values[channel].items():
            subscription.offer(name, event)
        if self._closed:
            subscription.close()
        self._subscriptions[channel].add(subscription)
        self._wanted()
        try:
            yield subscription
        finally:
            self._open.pop(subscription, None)
            self._subscriptions[channel].discard(subscription)
            if not self._subscriptions[channel]:
                del self._subscriptions[channel], self._values[channel]

    def publish(self, channel: str, values: Mapping[str, object]) -> None:
        """Set values of a channel; each is encoded once and sent only where it changed.

        Of a channel that nobody watches (any more) nothing is kept.
        """
        if channel not in self._subscriptions:
            return
        for name, value in values.items():
            data = msgspec.json.encode(value)
            known = self._values[channel].get(name)
            if known is not None and known[0] == data:
                continue
            self._last_id += 1
            event = b"event: %b\nid: %d\ndata: %b\n\n" % (name.encode(), self._last_id, data)
            self._values[channel][name] = (data, event)
            for subscription in self._subscriptions[channel]:
                subscription.offer(name, event)

    def dismiss(self, holder: bytes) -> None:
        """End every stream of a session that has ended."""
        for subscription in [one for one in self._open if one.holder == holder]:
            subscription.close()

    def end(self, channel: str) -> None:
        """End the streams of one channel; its pages come again."""
        for subscription in self._subscriptions.get(channel, ()):
            subscription.close()

    def close(self) -> None:
        """End every stream, and each that is opened from now on, so that the server can stop."""
        self._closed = True
        for channel in self.channels():
            self.end(channel)
