"""When a restored store asks how its orders stand."""

from cloud_bridge.link.inquiries import ASK_AGAIN_S, LONGEST_WAIT_S, MORE_S, Inquiries


def asked(inquiries: Inquiries, now: float) -> float:
    """Ask at `now`; how long the store then waits for an answer."""
    assert inquiries.due(now)
    inquiries.asked(now)
    due = inquiries.due_at()
    assert due is not None
    return due - now


def test_who_is_not_answered_asks_ever_less_often() -> None:
    inquiries, now, waits = Inquiries(), 0.0, []
    for _ in range(6):
        waits.append(asked(inquiries, now))
        now += waits[-1]
    assert waits == [ASK_AGAIN_S, 10.0, 20.0, 40.0, LONGEST_WAIT_S, LONGEST_WAIT_S]
    inquiries.answered(now)
    assert asked(inquiries, now + LONGEST_WAIT_S) == ASK_AGAIN_S


def test_a_slow_line_is_left_to_others_for_as_long_as_an_answer_took() -> None:
    inquiries = Inquiries()
    asked(inquiries, 0.0)
    inquiries.answered(0.1)
    assert inquiries.due_at() == 0.1 + MORE_S
    asked(inquiries, 2.0)
    inquiries.answered(6.0)
    assert inquiries.due_at() == 10.0


def test_who_has_nothing_to_ask_rests() -> None:
    inquiries = Inquiries()
    inquiries.nothing_to_ask()
    assert inquiries.due_at() is None
