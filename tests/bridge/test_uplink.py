"""The uplink's choices, without I/O."""

from collections import Counter

import pytest

from cloud_bridge.link.pace import BULK_S, LEAST_BYTES
from cloud_bridge.link.uplink import (
    FENCED_AGAIN_S,
    HELLO_AGAIN_S,
    LONGEST_RESEND_S,
    QUIET_S,
    RESEND_S,
    SILENT_S,
    Acknowledge,
    Phase,
    Renumber,
    Uplink,
)
from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.messages import Ack, Hello, LaneAck, LaneHello
from tests.bridge.fakes import FakeLane


def hello(number: int = 1, epoch: int = 1, cursor: int = 0, next_sequence: int = 1) -> Hello:
    lane = LaneHello(next_sequence=next_sequence, cursor=cursor, hash="")
    return Hello(
        id=f"hello-{number}",
        gateway="gw-1",
        boot="boot-1",
        agent_version="0",
        epoch=epoch,
        lanes={str(each): lane for each in Lane},
        streams={},
        commands=0,
    )


def sent(uplink: Uplink, lane: str, last: int, now: float) -> None:
    """A batch goes out and is at the broker."""
    uplink.sent(lane, last, now, facts=1, size=100)
    uplink.delivered(lane, last, now)


def heard(uplink: Uplink, ack: Ack, now: float = 0.0) -> Acknowledge | Renumber | None:
    return uplink.heard(ack, now)


def starts(uplink: Uplink, lanes: dict[str, FakeLane], now: float) -> list[tuple[str, int]]:
    """The batches that may go: lane, and the sequence above which they start."""
    return [(batch.lane, batch.above) for batch in uplink.wanted(lanes, now)]


def opened(**said: int) -> Uplink:
    uplink = Uplink()
    uplink.said_hello(hello(**said), 0.0)
    heard(uplink, Ack(epoch=said.get("epoch", 1), answers="hello-1"))
    assert uplink.phase is Phase.OPEN
    return uplink


def waiting(**counts: int) -> dict[str, FakeLane]:
    return {str(lane): FakeLane(counts.get(lane, 0) + 1) for lane in Lane}


def word(lane: str, cursor: int, expected: int | None = None, session: str = "hello-1") -> Ack:
    lanes = {lane: LaneAck(cursor=cursor, expected=expected)}
    return Ack(epoch=1, session=session, lanes=lanes)


def test_nothing_goes_up_before_the_hub_has_answered_the_hello() -> None:
    uplink = Uplink()
    assert uplink.hello_at() == 0.0
    uplink.said_hello(hello(), 0.0)
    assert starts(uplink, waiting(pickup=3), 0.0) == []


def test_a_pickup_goes_at_once_while_a_bulk_batch_is_in_flight() -> None:
    uplink = opened()
    assert starts(uplink, waiting(presence=100_000), 0.0) == [("presence", 0)]
    sent(uplink, "presence", 500, 0.0)
    assert starts(uplink, waiting(presence=100_000, pickup=1), 0.0) == [("pickup", 0)]


def test_lanes_are_served_in_the_order_of_the_contract() -> None:
    uplink = opened()
    everything = waiting(**{str(lane): 1 for lane in Lane})
    served = []
    for _ in Lane:
        for lane, _above in starts(uplink, everything, 0.0):
            sent(uplink, lane, 1, 0.0)
            heard(uplink, word(lane, 1))
            served.append(lane)
    assert served == [str(lane) for lane in Lane]


def test_each_lane_below_record_gets_its_twentieth_however_much_waits_above() -> None:
    uplink = opened()
    taken: Counter[str] = Counter()
    sequences: Counter[str] = Counter()
    for _ in range(420):
        [(lane, _above)] = starts(uplink, waiting(coupon=10**6, mirror=10**6, telemetry=10**6), 0.0)
        sequences[lane] += 500
        sent(uplink, lane, sequences[lane], 0.0)
        heard(uplink, word(lane, sequences[lane]))
        taken[lane] += 1
    assert taken == {"coupon": 379, "mirror": 21, "telemetry": 20}


def test_an_unacknowledged_batch_is_read_and_sent_again_ever_less_often() -> None:
    uplink, now, waits = opened(), 0.0, []
    for _ in range(4):
        assert starts(uplink, waiting(stock=5), now) == [("stock", 0)]
        sent(uplink, "stock", 5, now)
        waits.append(uplink.due_at() - now)
        assert starts(uplink, waiting(stock=5), now + waits[-1] - 0.001) == []
        now += waits[-1]
    assert waits == [RESEND_S, 2 * RESEND_S, LONGEST_RESEND_S, LONGEST_RESEND_S]


def test_a_hub_that_owes_an_answer_for_long_counts_as_silent_until_it_answers() -> None:
    uplink = opened()
    sent(uplink, "stock", 5, 0.0)
    sent(uplink, "stock", 5, RESEND_S)
    assert not uplink.silent(SILENT_S)
    assert uplink.silent(SILENT_S + 0.001)
    heard(uplink, word("stock", 5))
    assert not uplink.silent(SILENT_S + 0.001)


def test_a_store_with_nothing_to_hand_over_asks_whether_the_hub_is_there() -> None:
    uplink = opened()
    assert uplink.hello_at() == QUIET_S
    sent(uplink, "stock", 5, 40.0)
    heard(uplink, word("stock", 5))
    assert uplink.hello_at() == 40.0 + QUIET_S
    sent(uplink, "stock", 6, HELLO_AGAIN_S - 1.0)
    assert uplink.hello_at() == HELLO_AGAIN_S


def test_a_hub_that_leaves_a_hello_unanswered_is_silent_however_often_it_is_said() -> None:
    uplink = opened()
    sent(uplink, "stock", 5, 10.0)
    uplink.said_hello(hello(2), 25.0)
    uplink.said_hello(hello(3), 30.0)
    assert not uplink.silent(10.0 + SILENT_S)
    assert uplink.silent(10.0 + SILENT_S + 0.001)
    heard(uplink, Ack(epoch=1, answers="hello-3"))
    assert not uplink.silent(10.0 + SILENT_S + 0.001)


def test_a_hello_of_a_quiet_link_is_not_one_more_of_a_store_in_doubt() -> None:
    uplink, now = opened(), 0.0
    for number in range(2, 9):
        now = uplink.hello_at()
        uplink.said_hello(hello(number), now)
        heard(uplink, Ack(epoch=1, answers=f"hello-{number}"))
    uplink.said_hello(hello(9), now)
    assert uplink.hello_at() == now + RESEND_S


def test_the_cursor_moves_the_log_and_frees_the_lane() -> None:
    uplink = opened()
    sent(uplink, "pickup", 3, 0.0)
    assert heard(uplink, word("pickup", 3)) == Acknowledge(1, {"pickup": 3})
    assert heard(uplink, word("pickup", 3)) is None
    assert starts(uplink, waiting(pickup=4), 0.0) == [("pickup", 3)]


def test_a_gap_is_filled_at_once() -> None:
    uplink = opened(cursor=4, next_sequence=9)
    sent(uplink, "pickup", 8, 0.0)
    assert heard(uplink, word("pickup", 4, expected=5)) is None
    assert starts(uplink, waiting(pickup=8), 0.0) == [("pickup", 4)]


def test_a_hub_that_expects_what_it_acknowledged_before_is_told_hello() -> None:
    uplink = opened(cursor=4, next_sequence=9)
    sent(uplink, "pickup", 8, 0.0)
    assert heard(uplink, word("pickup", 2, expected=3)) is None
    assert uplink.phase is Phase.DOUBT


def test_a_cursor_beyond_what_went_up_under_this_hello_is_not_believed_for_the_rest() -> None:
    uplink = opened(cursor=3, next_sequence=10)
    sent(uplink, "pickup", 5, 0.0)
    assert heard(uplink, word("pickup", 7)) == Acknowledge(1, {"pickup": 5})
    assert starts(uplink, waiting(pickup=9), 0.0) == [("pickup", 5)]


def test_an_acknowledgement_under_an_older_hello_lets_go_of_nothing() -> None:
    uplink = opened()
    sent(uplink, "pickup", 3, 0.0)
    assert heard(uplink, word("pickup", 3, session="hello-0")) is None
    assert uplink.phase is Phase.DOUBT


def test_an_answer_to_an_older_hello_is_not_heard() -> None:
    uplink = Uplink()
    uplink.said_hello(hello(1), 0.0)
    uplink.said_hello(hello(2), 5.0)
    assert heard(uplink, Ack(epoch=2, answers="hello-1", granted=True)) is None
    assert uplink.phase is Phase.ASKING


def test_a_granted_epoch_renumbers_what_waits_before_it_goes_up() -> None:
    uplink = Uplink()
    uplink.said_hello(hello(epoch=3, cursor=7, next_sequence=9), 0.0)
    assert heard(uplink, Ack(epoch=4, answers="hello-1", granted=True)) == Renumber(4)
    assert starts(uplink, waiting(pickup=1), 0.0) == [("pickup", 0)]


@pytest.mark.parametrize(
    "ack",
    [
        Ack(epoch=2, answers="hello-1"),
        Ack(epoch=1, answers="hello-1", granted=True),
        Ack(epoch=0, answers="hello-1", granted=True),
    ],
)
def test_an_answer_that_makes_no_sense_is_asked_again(ack: Ack) -> None:
    uplink = Uplink()
    uplink.said_hello(hello(epoch=1), 0.0)
    assert heard(uplink, ack) is None
    assert uplink.phase is Phase.DOUBT
    assert uplink.hello_at() > 0.0


def test_a_fenced_gateway_hands_over_nothing_and_asks_again_later() -> None:
    uplink = Uplink()
    uplink.said_hello(hello(), 0.0)
    heard(uplink, Ack(epoch=2, answers="hello-1", fenced=True))
    assert (uplink.phase, uplink.leads) == (Phase.FENCED, False)
    assert starts(uplink, waiting(pickup=1), 0.0) == []
    assert uplink.hello_at() == FENCED_AGAIN_S


def test_a_newer_epoch_at_the_hub_puts_a_leader_in_doubt() -> None:
    uplink = opened()
    heard(uplink, Ack(epoch=2, fenced=True))
    assert uplink.phase is Phase.DOUBT


def test_a_hub_that_comes_up_while_a_hello_is_out_gets_another_one_soon() -> None:
    uplink = Uplink()
    uplink.said_hello(hello(), 10.0)
    assert uplink.hello_at() == 10.0 + RESEND_S
    heard(uplink, Ack(epoch=1, hello=True))
    assert uplink.hello_at() == 11.0
    heard(uplink, Ack(epoch=1, answers="hello-1"))
    assert uplink.phase is Phase.OPEN


def test_a_fact_that_fits_no_batch_stops_its_lane_only() -> None:
    uplink = opened()
    uplink.stall("stock", "stock 1: too large")
    assert starts(uplink, waiting(stock=1, mirror=1), 0.0) == [("mirror", 0)]
    assert uplink.refusal == "stock 1: too large"


def test_a_refused_batch_keeps_its_lane_waiting_for_the_next_hello_and_no_other() -> None:
    uplink = opened()
    sent(uplink, "coupon", 3, 0.0)
    refused = Ack(epoch=1, lanes={"coupon": LaneAck(cursor=0)}, refused="not zlib")
    assert heard(uplink, refused) is None
    assert uplink.refusal == "coupon: not zlib"
    assert not uplink.silent(SILENT_S + 1.0)
    assert starts(uplink, waiting(coupon=3, stock=1), 0.0) == [("stock", 0)]
    uplink.said_hello(hello(2), 1.0)
    heard(uplink, Ack(epoch=1, answers="hello-2"))
    assert uplink.refusal == ""
    assert starts(uplink, waiting(coupon=3, stock=1), 1.0) == [("coupon", 0)]


def test_a_refusal_of_what_is_not_in_flight_is_another_gateways_affair() -> None:
    uplink = opened()
    sent(uplink, "stock", 3, 0.0)
    heard(uplink, Ack(epoch=1, lanes={"coupon": LaneAck(cursor=0)}, refused="not zlib"))
    assert starts(uplink, waiting(pickup=1, coupon=1), 0.0) == [("pickup", 0)]
    assert starts(uplink, waiting(coupon=1), RESEND_S) == [("coupon", 0)]


def test_a_batch_that_still_waits_for_the_line_is_not_sent_twice() -> None:
    uplink = opened()
    uplink.sent("stock", 5, 0.0, facts=5, size=60_000)
    assert starts(uplink, waiting(stock=5), 10 * LONGEST_RESEND_S) == []
    assert uplink.due_at() == QUIET_S
    uplink.delivered("stock", 5, 30.0)
    assert uplink.due_at() == 30.0 + RESEND_S
    assert starts(uplink, waiting(stock=5), 30.0 + RESEND_S) == [("stock", 0)]


def test_what_an_older_batch_of_the_lane_met_moves_no_newer_ones_deadline() -> None:
    uplink = opened()
    uplink.sent("stock", 5, 0.0, facts=5, size=500)
    uplink.delivered("stock", 4, 1.0)
    uplink.delivered("coupon", 5, 1.0)
    assert starts(uplink, waiting(stock=5), 100.0) == []


def test_batches_below_pickup_shrink_to_half_a_second_of_the_line_and_pickups_less() -> None:
    uplink, now = opened(), 0.0
    quickest_s = LEAST_BYTES / 5_000
    for last in range(500, 20_500, 500):
        [bulk] = uplink.wanted(waiting(presence=10**6), now)
        uplink.sent("presence", last, now, facts=500, size=bulk.most_bytes)
        now += bulk.most_bytes / 5_000
        heard(uplink, word("presence", last), now)
    pickup, bulk = uplink.wanted(waiting(presence=10**6, pickup=5), now)
    assert bulk.most_bytes <= 5_000 * (BULK_S + quickest_s) < pickup.most_bytes
    assert pickup.most_bytes <= 5_000 * RESEND_S


def test_the_hubs_rate_holds_up_bulk_until_it_is_lifted_and_a_pickup_never() -> None:
    uplink = Uplink()
    uplink.said_hello(hello(), 0.0)
    heard(uplink, Ack(epoch=1, answers="hello-1", rate=10.0))
    everything = waiting(pickup=3, stock=100)
    assert starts(uplink, everything, 0.0) == [("pickup", 0)]
    assert 0.5 <= uplink.due_at() < 0.6
    [_, bulk] = uplink.wanted(everything, 1.0)
    assert (bulk.lane, bulk.most_facts) == ("stock", 10)
    uplink.sent("stock", 10, 1.0, facts=10, size=100)
    lifted = Ack(epoch=1, session="hello-1", lanes={"stock": LaneAck(cursor=10)})
    heard(uplink, lifted, 1.1)
    [_, bulk] = uplink.wanted(everything, 1.1)
    assert bulk.most_facts == 500


def test_a_link_whose_rate_is_used_up_rests_until_there_is_more() -> None:
    uplink = Uplink()
    uplink.said_hello(hello(), 0.0)
    heard(uplink, Ack(epoch=1, answers="hello-1", rate=10.0))
    assert starts(uplink, waiting(stock=100), 0.0) == []
    due = uplink.due_at()
    assert starts(uplink, waiting(stock=100), due) == [("stock", 0)]
    sent(uplink, "stock", 5, due)
    assert uplink.due_at() > due


def test_what_the_hub_keeps_apart_is_let_go_of_and_counted_once() -> None:
    uplink = opened()
    sent(uplink, "pickup", 3, 0.0)
    lanes = {"pickup": LaneAck(cursor=3, quarantined=["fact-2"])}
    ack = Ack(epoch=1, session="hello-1", lanes=lanes)
    assert heard(uplink, ack) == Acknowledge(1, {"pickup": 3}, ("fact-2",))
    assert heard(uplink, ack) is None
    assert uplink.quarantined == 1


def rests(uplink: Uplink, lanes: dict[str, FakeLane], now: float) -> bool:
    """Whether there is nothing to do right now, once all that was due is done."""
    starts(uplink, lanes, now)
    return uplink.due_at() > now


def test_a_store_in_doubt_rests_until_its_hello_though_a_batch_is_overdue() -> None:
    uplink = opened()
    sent(uplink, "stock", 5, 0.0)
    uplink.said_hello(hello(2), 1.0)
    heard(uplink, Ack(epoch=1, answers="hello-2"))
    sent(uplink, "stock", 5, 1.0)
    uplink.doubt()
    assert uplink.hello_at() > 1.0
    assert uplink.due_at() == uplink.hello_at()


def test_an_overdue_batch_of_a_lane_that_stalled_meanwhile_keeps_nobody_awake() -> None:
    uplink = opened()
    sent(uplink, "stock", 5, 0.0)
    uplink.stall("stock", "stock 1: too large")
    assert rests(uplink, waiting(stock=5), RESEND_S)


def test_an_overdue_batch_waits_for_the_hubs_rate_without_keeping_anybody_awake() -> None:
    uplink = Uplink()
    uplink.said_hello(hello(), 0.0)
    heard(uplink, Ack(epoch=1, answers="hello-1", rate=1.0))
    assert starts(uplink, waiting(stock=5), 1.0) == [("stock", 0)]
    uplink.sent("stock", 5, 1.0, facts=500, size=100)
    uplink.delivered("stock", 5, 1.0)
    overdue = 1.0 + RESEND_S
    heard(uplink, Ack(epoch=1, session="hello-1", lanes={}, rate=1.0), overdue - 0.1)
    assert starts(uplink, waiting(stock=5), overdue - 0.1) == []
    for now in (overdue, overdue + 0.5, overdue + 2.0):
        for lane, _ in starts(uplink, waiting(stock=5), now):
            uplink.sent(lane, 5, now, facts=500, size=100)
            uplink.delivered(lane, 5, now)
        assert uplink.due_at() > now
