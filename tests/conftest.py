"""What holds for every test."""

from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent

# A deadline per example would be a timing assertion on a machine that others share.
# Sixty examples find what a hundred do on most days, and the suite is run every day.
settings.register_profile("aisle", deadline=None, print_blob=True, max_examples=60)
settings.load_profile("aisle")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each file's tests stay together, and all of the browser's: they share one open store."""
    for item in items:
        together = "browser" if HERE / "browser" in item.path.parents else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))
