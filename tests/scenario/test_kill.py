"""kill -9 in mid-story: started again, nothing lost, nothing doubled, no door opened twice."""

import os
import signal
from collections.abc import Callable

import pytest

from tests.scenario.conftest import DEADLINE_S, Demo, headless

pytestmark = [pytest.mark.slow, pytest.mark.timeout(2 * DEADLINE_S)]

Start = Callable[..., Demo]


def test_agent_adapter_hub_and_broker_killed_in_mid_story_lose_and_double_nothing(
    demo: Start,
) -> None:
    running = demo(*headless("--seed", "11"))
    running.until(lambda: running.noted("bag_put_in"), "the bag lay in the locker")
    _kill(running, "hub")
    running.until(lambda: running.noted("phone_showed_coupon"), "a coupon was seen")
    _kill(running, "locker-adapter")
    _kill(running, "agent")
    running.until(lambda: running.noted("cloud_died"), "the cloud broker was killed")
    result = running.finish()
    facts = result.verdict["facts"]
    assert (facts["lost"], facts["doubled"]) == (0, 0), result.problems
    assert "the facts of lane" not in result.problems
    assert result.status == 0, result.problems


def _kill(running: Demo, child: str) -> None:
    before = running.pids()[child]
    os.kill(before, signal.SIGKILL)
    running.until(lambda: running.pids().get(child, before) != before, f"{child} came back")
