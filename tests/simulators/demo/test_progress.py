"""The lines that a headless story prints."""

import pytest

from simulators.demo.progress import Progress


@pytest.mark.parametrize(
    ("event", "what", "line"),
    [
        ("came_in", {"person": "p1", "at": [1.0, 2.0]}, "p1 came in"),
        (
            "enrolled",
            {"person": "p1", "shopper": "Q2hd_hkBJq63", "location": True},
            "clerk enrolled p1 (agreed to be located)",
        ),
        (
            "enrolled",
            {"person": "p4", "shopper": "UDeSl0wsnH0Z", "location": False},
            "clerk enrolled p4 (is not to be located)",
        ),
        (
            "order_placed",
            {"order": "W-1721", "person": "p3", "desk": False},
            "order W-1721 placed for p3",
        ),
        ("curtain_fell", {"unfinished": ["p1", "p2"]}, "time is up; not finished: p1, p2"),
    ],
)
def test_an_event_is_a_sentence_after_the_seconds(
    event: str, what: dict[str, object], line: str
) -> None:
    said: list[str] = []
    Progress(said.append)(event, what)
    assert said[0].endswith(f" s  {line}")


def test_what_is_too_long_for_a_line_is_not_told() -> None:
    said: list[str] = []
    Progress(said.append)("counted", {"on_hand": {"880": 3}})
    assert said == []
