from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge_agent.storage import Storage, open_storage
from tests.capabilities.world import StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
async def storage(tmp_path: Path, clock: StillClock) -> AsyncIterator[Storage]:
    async with open_storage(tmp_path / "store.db", gateway="gw-1", clock=clock) as opened:
        yield opened
