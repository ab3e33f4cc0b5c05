"""`edge-agent facts` on a sealed log."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.sealing.people import ANNA, BEN, destroy, paused, record, sealing_store
from tests.storage.test_facts_command import facts


@pytest.fixture
def database(tmp_path: Path) -> Path:
    async def fill() -> None:
        async with sealing_store(tmp_path / "a.db", ANNA, BEN) as (storage, keys):
            for shopper in (ANNA, BEN):
                await record(storage, paused(shopper))
            await destroy(storage, keys)
            await record(storage, paused())

    asyncio.run(fill())
    return tmp_path / "a.db"


def test_a_fact_is_open_while_its_key_lives_and_closed_afterwards(database: Path) -> None:
    left, stayed = facts("--database", str(database), database=database)
    assert ('\N{LOCK} {"sealed"' in left, "\N{OPEN LOCK}" in stayed) == (True, True)
    assert BEN in stayed
    lines = facts("--database", str(database), "--json", database=database)
    assert [json.loads(line)["seal"] for line in lines] == ["closed", "opened"]


def test_it_says_how_much_was_not_recorded(database: Path) -> None:
    text = facts("--database", str(database), "--lanes", database=database)
    assert text[1] == "1 facts about people without a key were not recorded"
    (line,) = facts("--database", str(database), "--lanes", "--json", database=database)
    assert json.loads(line)["withheld"] == 1
