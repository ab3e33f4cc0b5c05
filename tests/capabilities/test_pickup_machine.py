from itertools import product

import pytest

from edge_agent.capabilities.pickup.machine import REFUSALS, SENTENCES, TRANSITIONS, step
from edge_agent.capabilities.pickup.model import Event, State
from edge_agent.kernel.errors import Refused
from tests.capabilities.pickup_page import PAGE, drawn

PAIRS = list(product(State, Event))


def test_every_pair_of_state_and_event_is_either_allowed_or_refused_with_a_reason() -> None:
    assert not TRANSITIONS.keys() & REFUSALS.keys()
    assert TRANSITIONS.keys() | REFUSALS.keys() == set(PAIRS)
    assert set(REFUSALS.values()) <= set(SENTENCES)


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_the_machine_does_what_its_tables_say(state: State, event: Event) -> None:
    if (state, event) in TRANSITIONS:
        assert step(state, event) is TRANSITIONS[state, event]
        return
    with pytest.raises(Refused) as refusal:
        step(state, event)
    assert refusal.value.code == REFUSALS[state, event]


def test_what_is_collected_or_rejected_stays_so() -> None:
    ends = {State.COLLECTED, State.REJECTED}
    assert not [pair for pair in TRANSITIONS if pair[0] in ends]
    assert {after for (before, _), after in TRANSITIONS.items() if before is State.CANCELLED} == {
        State.CANCELLED
    }


def test_collected_is_reached_only_from_an_open_door_or_a_persons_hand() -> None:
    ways = {pair for pair, after in TRANSITIONS.items() if after is State.COLLECTED}
    assert ways == {
        (State.OPEN, Event.CLOSED_ON_NOTHING),
        (State.READY, Event.HAND_OVER),
        (State.ARRIVED, Event.HAND_OVER),
    }


def test_the_page_about_pickups_is_drawn_from_the_tables() -> None:
    page = PAGE.read_text("utf-8")
    assert page == drawn(page), "run: python -m tests.capabilities.pickup_page"
