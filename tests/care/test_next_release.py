"""The previous release reads the next one's database: this release, and a step that it lacks."""

import shutil
from pathlib import Path

import pytest

from edge_agent.storage import Storage, open_storage
from edge_agent.storage.dispatcher import Dispatcher, Flow
from edge_agent.storage.errors import SchemaMismatch
from edge_agent.storage.migrations import SCHEMA
from tests.storage.support import CALLED, SOLD, START, HandClock

EXPANDS = """-- The next release marks parked facts, and keeps a word of its own.
-- older releases: can read and write
CREATE TABLE word (word TEXT PRIMARY KEY) STRICT;
INSERT INTO word (word) VALUES ('kept');
ALTER TABLE schema_step ADD COLUMN applied_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX fact_by_type ON fact (type);
"""

CONTRACTS = """-- The next release keeps facts elsewhere.
-- older releases: cannot, because facts moved.
DROP TABLE parked;
"""


async def made_by_the_next_release(tmp_path: Path, step: str) -> Path:
    schema = tmp_path / "schema"
    shutil.copytree(str(SCHEMA), schema)
    (schema / "9990_next.sql").write_text(step)
    database = tmp_path / "agent.sqlite"
    async with open_storage(database, gateway="gw-1", clock=HandClock(), schema=schema) as storage:
        await storage.run(lambda tx: tx.record(SOLD, START))
    return database


async def work_a_day(storage: Storage) -> None:
    """A fact with its flow, an answer by key, an epoch and an acknowledgement."""
    seen = []
    flow = Flow("notes", SOLD.data.TYPE, 3600.0, lambda _tx, fact, _now: seen.append(fact.id))
    await storage.run(lambda tx: tx.record(CALLED, START))
    await storage.run(lambda tx: tx.answer("key", "hash", 200, b"{}", START))
    await Dispatcher(storage, [flow], HandClock()).step()
    await storage.log.renumber(1)
    await storage.log.acknowledge(1, {"pickup": 1, "stock": 1})
    state = await storage.log.state()
    assert (len(seen), state.dispatched) == (1, 2)
    assert [state.lanes[lane].cursor for lane in ("pickup", "stock")] == [1, 1]


async def test_this_release_works_on_with_a_database_that_the_next_one_has_expanded(
    tmp_path: Path,
) -> None:
    database = await made_by_the_next_release(tmp_path, EXPANDS)
    for _ in range(2):
        async with open_storage(database, gateway="gw-1", clock=HandClock()) as storage:
            word = await storage.read("SELECT word FROM word")
            assert [row["word"] for row in word] == ["kept"]
    async with open_storage(database, gateway="gw-1", clock=HandClock()) as storage:
        await work_a_day(storage)


async def test_this_release_refuses_a_database_that_the_next_one_has_contracted(
    tmp_path: Path,
) -> None:
    database = await made_by_the_next_release(tmp_path, CONTRACTS)
    with pytest.raises(SchemaMismatch, match=r"9990_next\.sql: cannot, because facts moved"):
        async with open_storage(database, gateway="gw-1", clock=HandClock()):
            pass
