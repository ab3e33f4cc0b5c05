"""The same scripts over our storage and over thingsboard-gateway's, for the table."""

from pathlib import Path

import pytest

from tests.faults.conftest import Publish
from tests.faults.disk.peer import AISLE, THINGSBOARD, compared

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


def test_our_storage_loses_nothing_that_it_acknowledged(
    tmp_path: Path, seed: int, publish: Publish
) -> None:
    figures = compared(AISLE, tmp_path, seed)
    assert {name: value for name, value in figures.items() if name.endswith("_lost")} == {
        f"{script}_lost": 0
        for script in ("kill_100", "kill_1000", "kill_10000", "stop", "full", "sync")
    }
    assert figures["cut_losing"] == 0
    assert figures["sync_kept_after"] == 0
    assert figures["full_refused"] > 0
    publish("peer-aisle", **figures)


def test_what_the_peer_loses_is_measured(tmp_path: Path, seed: int, publish: Publish) -> None:
    figures = compared(THINGSBOARD, tmp_path, seed)
    assert figures["kill_100_kept"] > 0
    publish("peer-thingsboard", **figures)
