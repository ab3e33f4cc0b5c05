"""``--seed N`` chooses all chance of the fault suite; ``--publish`` keeps results for the table."""

from collections.abc import Callable, Generator

import pytest

from tests.faults import results
from tests.faults.seeds import SEED

Publish = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--seed", type=int, default=SEED, help="of all chance in the fault suite")
    group.addoption(
        "--publish", action="store_true", help="keep the figures in tests/faults/results"
    )


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """What `tests.faults.seeds.chance` is given; a failing test names it."""
    chosen: int = request.config.getoption("--seed", SEED)
    return chosen


@pytest.fixture
def publish(request: pytest.FixtureRequest, seed: int) -> Publish:
    """Called as ``publish("power-cut", cuts=3000, lost=0)`` when a long test has held its row.

    Writes only where ``--publish`` was given, so that no run by the way changes the docs.
    """

    def keep(name: str, **figures: float) -> None:
        if request.config.getoption("--publish", default=False):
            results.keep(name, seed=seed, test=request.node.nodeid, figures=figures)

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say the seed under every failure."""
    report = yield
    if report.failed:
        chosen = item.config.getoption("--seed", SEED)
        report.sections.append(("seed", f"again: pytest {item.nodeid} --seed {chosen}"))
    return report
