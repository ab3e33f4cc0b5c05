"""The lines that a headless story prints."""

from simulators.demo.progress import Progress


def test_each_event_is_a_line_with_seconds_and_what_it_was_about() -> None:
    said: list[str] = []
    progress = Progress(said.append)
    progress("opened", {})
    progress("goods_taken", {"person": "p3", "order": "W-1", "door": 1, "at": [1.0, 2.0]})
    progress("counted", {"on_hand": {"880": 3}})
    assert said[0].endswith("s  opened")
    assert said[1].endswith("s  goods taken  p3 W-1 1")
    assert len(said) == 2
