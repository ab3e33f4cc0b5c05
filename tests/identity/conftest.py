"""One hub for files that share its event loop: each test has a gateway of its own, and is later."""

from collections.abc import AsyncIterator
from itertools import count

import pytest
import pytest_asyncio

from tests.identity.rig import STORES, ServedHub, served_hub

_numbers = count(1)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def only_hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServedHub]:
    async with served_hub(tmp_path_factory.mktemp("hub")) as served:
        yield served


@pytest.fixture
def hub(only_hub: ServedHub) -> ServedHub:
    """With the attempts of the last test forgotten; `gateway` and `store` are this test's own."""
    number = next(_numbers)
    only_hub.later(minutes=2)
    only_hub.gateway, only_hub.store = f"gw-{number}", f"store-{number % STORES}"
    return only_hub
