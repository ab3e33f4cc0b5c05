import sqlite3
from pathlib import Path

import pytest

from edge_agent.kernel.clock import Instant
from edge_agent.storage import Answer, KeyReused, Storage, Tx
from edge_agent.storage.unit import ANSWER_DAYS, PURGE_ANSWERS
from tests.storage.support import SOLD, START, opened


async def test_an_answer_is_kept_with_its_effect_and_recalled_byte_for_byte(
    tmp_path: Path,
) -> None:
    def sell(tx: Tx) -> None:
        tx.record(SOLD, START)
        tx.answer("till/1", "hash", 201, b'{"sold":1}', START)

    async with opened(tmp_path / "a.db") as storage:
        assert await storage.recall("till/1", "hash") is None
        await storage.run(sell)
    async with opened(tmp_path / "a.db") as storage:
        assert await storage.recall("till/1", "hash") == Answer(201, b'{"sold":1}')


async def test_a_key_that_comes_with_another_body_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        await storage.run(lambda tx: tx.answer("till/1", "hash", 201, b"{}", START))
        with pytest.raises(KeyReused) as refusal:
            await storage.recall("till/1", "other")
        assert (refusal.value.status, refusal.value.code) == (422, "key_reused")


async def test_a_second_effect_under_one_key_is_undone(tmp_path: Path) -> None:
    def sell(tx: Tx) -> None:
        tx.record(SOLD, START)
        tx.answer("till/1", "hash", 201, b"{}", START)

    async with opened(tmp_path / "a.db") as storage:
        await storage.run(sell)
        with pytest.raises(sqlite3.IntegrityError):
            await storage.run(sell)
        assert (await storage.log.state()).position == 1


async def test_answers_are_forgotten_after_their_days_some_at_a_time(tmp_path: Path) -> None:
    async with opened(tmp_path / "a.db") as storage:
        for number in range(PURGE_ANSWERS + 1):
            await _answer(storage, f"old/{number}", START)
        last_day = START.plus(ANSWER_DAYS * 86_400)
        await _answer(storage, "kept", last_day)
        assert await storage.recall("old/0", "h") == Answer(200, b"")
        for number in range(2):
            await _answer(storage, f"new/{number}", last_day.plus(1 + number))
        assert await storage.recall("old/0", "h") is None
        (row,) = await storage.read("SELECT group_concat(key) FROM answer ORDER BY key")
        assert set(row[0].split(",")) == {"kept", "new/0", "new/1"}


async def _answer(storage: Storage, key: str, now: Instant) -> None:
    await storage.run(lambda tx: tx.answer(key, "h", 200, b"", now))
