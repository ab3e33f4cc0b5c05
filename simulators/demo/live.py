"""A live view as a page sees it: the latest value per name, over Server-Sent Events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx

COME_BACK_S = 0.5
"""Between attempts while the server is away; a browser waits a little longer."""

Values = Mapping[str, Any]


class LiveView:
    """What one page shows. `follow` keeps it current; `until` waits for something to be seen."""

    def __init__(self, client: httpx.AsyncClient, path: str, headers: Mapping[str, str]) -> None:
        self._client = client
        self._path = path
        self._headers = dict(headers) | {"Accept": "text/event-stream"}
        self._changed = asyncio.Condition()
        self.values: dict[str, Any] = {}

    async def follow(self) -> None:
        """Read for ever; comes back when the server was away.

        Raises:
            httpx.HTTPStatusError: when the server refuses this page to its reader.
        """
        while True:
            try:
                await self._read()
            except httpx.TransportError:
                await asyncio.sleep(COME_BACK_S)

    async def until(self, seen: Callable[[Values], Any]) -> Any:  # noqa: ANN401 - what `seen` gives
        """Wait until `seen(values)` is true; what it gave. The caller sets the deadline."""
        async with self._changed:
            while not (found := seen(self.values)):
                await self._changed.wait()
            return found

    async def show(self, name: str, value: Any) -> None:  # noqa: ANN401 - JSON
        """Put `value` on the page, as the server's stream does."""
        async with self._changed:
            self.values[name] = value
            self._changed.notify_all()

    async def _read(self) -> None:
        patience = httpx.Timeout(5.0, read=30.0)  # the server comments every 15 s
        async with self._client.stream(
            "GET", self._path, headers=self._headers, timeout=patience
        ) as answer:
            answer.raise_for_status()
            async for name, value in events(answer.aiter_lines()):
                await self.show(name, value)


async def events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, Any]]:
    """Name and JSON value of each event in a stream (WHATWG HTML, 9.2.6); comments are left out."""
    name, data = "message", list[str]()
    async for line in lines:
        field, _, text = line.partition(":")
        text = text.removeprefix(" ")
        if field == "event":
            name = text
        elif field == "data":
            data.append(text)
        elif not line:
            if data:
                yield name, json.loads("\n".join(data))
            name, data = "message", []
