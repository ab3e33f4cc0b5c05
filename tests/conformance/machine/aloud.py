"""A pytest plugin: what a failed check has to say is said at once, in case the machine is ended."""

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Print the traceback of a failure."""
    if report.failed:
        print(f"\n{report.longreprtext}", flush=True)  # noqa: T201
