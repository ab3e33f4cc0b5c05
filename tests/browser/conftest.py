"""One open store and one Chromium for all browser tests; windows of its own for each test."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from tests.browser.visit import PATIENCE_MS, Visit
from tests.support.open_store import OpenStore, open_store

SEED = 7

LONGEST_S = 240
"""For one test, the start of the store included; a story in the browser takes a tenth of it."""

HERE = Path(__file__).parent

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All browser tests share one event loop, as they share the browser."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.timeout(LONGEST_S))


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium; CI must have it, who tests by hand may do without."""
    found = shutil.which("chromium")
    if found is None:
        reason = "Chromium is not installed; `make test` installs it, as does apt install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture(scope="session")
def store(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenStore]:
    """A whole store, open; after `chromium`, which may end it all sooner."""
    with open_store(tmp_path_factory.mktemp("browser") / "demo", seed=SEED) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """Chromium, without a window."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visit(store: OpenStore, browser: Browser) -> AsyncIterator[Visit]:
    """The windows of one test."""
    visitor = Visit(browser, store)
    yield visitor
    await visitor.leave()
