"""One identity from several transmitters: who is believed."""

from edge_agent.radio.copies import PROVEN_AFTER, TOGETHER_S, Copies

CARD = "ibeacon:e2c56db5-dffb-48d2-b060-d0f5a71096e0:0:0"
MINE, COPY, THIRD = 11, 22, 33


def test_a_bound_beacon_counts_from_its_own_address_only() -> None:
    copies = Copies()
    copies.bind(CARD, MINE)
    assert not copies.believed(CARD, COPY, 0.0)
    assert copies.believed(CARD, MINE, 0.1)
    assert not copies.believed(CARD, COPY, 1000.0)


def test_two_that_send_at_once_are_told_apart_and_the_first_is_believed() -> None:
    copies = Copies()
    for second in range(10):
        assert copies.believed(CARD, MINE, float(second))
        believed = copies.believed(CARD, COPY, second + 0.5)
        assert believed == (second < PROVEN_AFTER)
    assert copies.shared(10.0) == 1


def test_hundreds_that_share_an_identity_are_as_good_as_one_copy() -> None:
    copies = Copies()
    for second in range(20):
        assert copies.believed(CARD, MINE, float(second))
        believed = [copies.believed(CARD, other, second + 0.5) for other in range(100, 120)]
        assert not any(believed) or second <= PROVEN_AFTER
    assert copies.shared(20.0) == 1


def test_an_address_that_changes_is_no_copy() -> None:
    copies = Copies()
    for second in range(3600):
        assert copies.believed(CARD, second // 900, float(second))
    assert copies.shared(3600.0) == 0


def test_the_late_word_of_a_slow_gateway_on_the_old_address_is_no_proof() -> None:
    copies = Copies()
    assert copies.believed(CARD, MINE, 0.0)
    for second in (1.0, 2.0, 3.0):
        assert copies.believed(CARD, THIRD, second)
    assert copies.believed(CARD, MINE, 4.0)
    for second in range(5, 40):
        assert copies.believed(CARD, THIRD, float(second))
    assert copies.shared(40.0) == 0


def test_when_the_believed_one_has_left_the_other_is_believed() -> None:
    copies = Copies()
    for second in range(10):
        copies.believed(CARD, MINE, float(second))
        copies.believed(CARD, COPY, second + 0.5)
    assert not copies.believed(CARD, COPY, 10.0)
    assert copies.believed(CARD, COPY, 9.0 + TOGETHER_S)
    assert copies.believed(CARD, COPY, 10.0 + TOGETHER_S)
    assert copies.shared(100.0) == 0


def test_forgetting_an_identity_frees_it_from_its_address() -> None:
    copies = Copies()
    copies.bind(CARD, MINE)
    copies.forget(CARD)
    assert copies.believed(CARD, COPY, 0.0)
