"""A pytest plugin: what a failed check has to say is said at once, in case the machine is ended."""

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Print the traceback of a failure, and what was logged on the way, by bumble too."""
    if report.failed:
        print(f"\n{report.longreprtext}\n{report.caplog}", flush=True)  # noqa: T201
