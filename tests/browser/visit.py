"""Windows on the five pages, as the people have them for whom the pages are made."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
)

from tests.support.open_store import OpenStore, Person

PATIENCE_MS: Final = 45_000
"""Until a person who was sent has walked there, has stayed and was noticed, on a busy machine."""

LOOPBACK: Final = "127.0.0.1"

SCREENS: Final[Mapping[str, tuple[int, int]]] = {
    "console": (1440, 1000),
    "hub": (1440, 1000),
    "staff": (820, 1180),
    "shopper": (390, 844),
    "mirror": (1080, 1920),
}
"""Width and height in CSS pixels of what each page is looked at on."""


class Visit:
    """The windows that one test opens: each is a browser of its own, with its own cookies.

    Attributes:
        store: which they look at.
        elsewhere: requests that left the machine.
        complaints: what the browser wrote on its consoles as errors, broken policies among it.
    """

    def __init__(self, browser: Browser, store: OpenStore) -> None:
        self.store = store
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._refused: set[str] = set()

    def expect_refusal(self, path: str) -> None:
        """The browser may complain that a request to `path` was refused: that is what is tested."""
        self._refused.add(path)

    async def console(self, *, language: str = "en") -> Page:
        """The store console, signed in."""
        return await self._signed_in("console", self.store.agent, "/console/", language)

    async def staff(self, *, language: str = "en") -> Page:
        """The staff page on a tablet, signed in."""
        return await self._signed_in("staff", self.store.agent, "/staff/", language)

    async def hub(self, *, language: str = "en") -> Page:
        """The hub's page, signed in."""
        return await self._signed_in("hub", self.store.hub, "/", language)

    async def phone(self, person: Person, *, language: str = "en") -> Page:
        """The shopper page on somebody's phone, joined."""
        return await self.window("shopper", await self.phone_link(person), language=language)

    async def phone_link(self, person: Person) -> str:
        """An address that makes any browser somebody's phone, once."""
        code = (await self.store.pull(f"people/{person.id}/phone"))["join_code"]
        return f"{self.store.agent}/shopper/#join={code}"

    async def mirror(self, mirror: str, *, language: str = "en") -> Page:
        """A mirror's screen, paired."""
        code = (await self.store.pull(f"mirrors/{mirror}/pair"))["join_code"]
        address = f"{self.store.agent}/mirror/#join={code}"
        return await self.window("mirror", address, language=language)

    async def window(self, page: str, address: str, *, language: str = "en") -> Page:
        """A fresh browser at `address`, with the screen on which `page` is looked at."""
        context = await self._context(page, language)
        window = await context.new_page()
        await window.goto(address)
        return window

    async def leave(self) -> None:
        """Close all windows. They must have loaded nothing from elsewhere, and been quiet."""
        for context in self._contexts:
            await context.close()
        assert self.elsewhere == []
        assert self.complaints == []

    async def _signed_in(self, page: str, server: str, path: str, language: str) -> Page:
        context = await self._context(page, language)
        answer = await context.request.post(
            f"{server}/v1/session", data={"key": self.store.key}, fail_on_status_code=True
        )
        await answer.dispose()
        window = await context.new_page()
        await window.goto(server + path)
        return window

    async def _context(self, page: str, language: str) -> BrowserContext:
        width, height = SCREENS[page]
        context = await self._browser.new_context(
            viewport={"width": width, "height": height},
            locale={"en": "en-GB", "ko": "ko-KR"}[language],
            reduced_motion="reduce",  # people on the plan stand where they are, and hold still
        )
        context.set_default_timeout(PATIENCE_MS)
        context.on("request", self._asked)
        context.on("console", self._wrote)
        context.on("weberror", self._broke)
        self._contexts.append(context)
        return context

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url.removeprefix("blob:"))
        if address.hostname != LOOPBACK:
            self.elsewhere.append(request.url)

    def _wrote(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        if urlsplit(message.location["url"]).path in self._refused:
            return
        self.complaints.append(f"{message.text} ({message.location['url']})")

    def _broke(self, error: WebError) -> None:
        self.complaints.append(str(error.error))
