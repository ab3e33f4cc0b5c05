"""Accounts that must agree between what was seen in the store and what the books say.

Each function gives the problems that it finds, in words; none when all is well.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from simulators.demo.judge.evidence import Evidence, Lines

AROUND_S = 5.0
"""A handover counts as "around" the outage this close to its edges: a walk across the store."""


def coupons(evidence: Evidence) -> Iterator[str]:
    """Offered and redeemed: the phones, the till, the agent and the hub tell the same."""
    offered = {fact["coupon"] for fact in evidence.hub.of("store.coupon.offered.v1")}
    redeemed = {fact["coupon"] for fact in evidence.hub.of("store.coupon.redeemed.v1")}
    shown = {line["code"] for line in evidence.simulators.of("phone_showed_coupon")}
    taken = {line["code"] for line in evidence.simulators.of("redeemed")}
    agent_redeemed = {code for code, state in evidence.agent.coupons.items() if state == "redeemed"}
    if not offered:
        yield "no coupon was offered"
    elif not redeemed:
        yield "no coupon was redeemed"
    yield from _differ("coupons offered", hub=offered, agent=set(evidence.agent.coupons))
    yield from _differ("coupons redeemed", hub=redeemed, agent=agent_redeemed, till=taken)
    for code in sorted(offered - shown):
        yield f"coupon {code} was offered and never appeared on a phone"
    if offered and not evidence.simulators.of("mirror_showed_offer"):
        yield "no mirror showed an offer"


def handed_over(evidence: Evidence) -> set[str]:
    """The orders whose goods the people of the story hold in their hands."""
    lines = (
        *evidence.simulators.of("goods_taken"),
        *evidence.simulators.of("got_goods_at_desk"),
    )
    return {line["order"] for line in lines}


def orders(evidence: Evidence) -> Iterator[str]:
    """Each placed order is in its customer's hands, and agent and hub know it."""
    placed = {line["order"] for line in evidence.simulators.of("order_placed")}
    held = handed_over(evidence)
    yield from _differ(
        "orders handed over",
        people=held,
        agent=_collected(evidence.agent.orders),
        hub=_collected(evidence.hub.orders),
    )
    for order in sorted(placed - held):
        yield f"order {order} was placed and not handed over"
    if not evidence.simulators.of("arrival_seen"):
        yield "staff saw nobody arrive"


def doors_opened(evidence: Evidence) -> Counter[int]:
    """How often each door of the bank really opened, from the bank itself."""
    return Counter(
        line["door"] for line in evidence.simulators.doors if line["event"] == "unlatched"
    )


def doors(evidence: Evidence) -> Iterator[str]:
    """Every door that moved is in the hub's facts, and no other is."""
    moved = doors_opened(evidence)
    told = Counter(
        fact["compartment"]
        for kind in ("store.pickup.door_opened.v1", "store.locker.opened_unasked.v1")
        for fact in evidence.hub.of(kind)
    )
    if not moved:
        yield "no door of the locker ever opened"
    for door in sorted(moved.keys() | told.keys()):
        if moved[door] != told[door]:
            yield f"door {door} opened {moved[door]} times, the facts say {told[door]}"
    for line in evidence.simulators.of("door_stayed_shut"):
        yield f"door {line['door']} did not open for order {line['order']}"


def stock(evidence: Evidence) -> Iterator[str]:
    """What was counted, less what was bought and collected, is on hand in both books."""
    counted = evidence.simulators.of("counted")
    left: Counter[str] = Counter(counted[0]["on_hand"]) if counted else Counter()
    for line in evidence.simulators.of("bought"):
        left.subtract(line["gtins"])
    for fact in evidence.hub.of("store.pickup.collected.v1"):
        left.subtract(fact["lines"])
    hub = {fact["gtin"]: fact["on_hand"] for fact in evidence.hub.of("store.stock.changed.v1")}
    for gtin, units in sorted(left.items()):
        books = evidence.agent.on_hand.get(gtin), hub.get(gtin)
        if books != (units, units):
            yield f"{gtin}: {units} are left, the agent says {books[0]}, the hub {books[1]}"


def consent(evidence: Evidence) -> Iterator[str]:
    """Who let nobody locate them is in no fact about places or offers."""
    enrolled = evidence.simulators.of("enrolled")
    hidden = {line["shopper"] for line in enrolled if not line["location"]}
    for row in evidence.hub.stored:
        if row.lane in {"presence", "coupon"}:
            event = evidence.hub.opened(row)
            if (shopper := event["data"].get("shopper")) in hidden:
                yield f"{shopper} consented to nothing, yet: {event['type']}"


def sealed(evidence: Evidence) -> Iterator[str]:
    """No fact, as it travelled and as the hub keeps it, names anybody."""
    names = [line["shopper"] for line in evidence.simulators.of("enrolled")]
    for row in evidence.hub.stored:
        if any(name.encode() in row.raw for name in names):
            yield f"{row.lane} {row.sequence} names a person: {row.event['type']}"


def zones(evidence: Evidence) -> Iterator[str]:
    """Who consented and stood at a shelf was noticed there."""
    names = {line["person"]: line["shopper"] for line in evidence.simulators.of("enrolled")}
    entered = {
        (fact.get("shopper"), fact.get("zone"))
        for fact in evidence.hub.of("store.presence.zone_entered.v1")
    }
    for line in evidence.simulators.of("stands_at_shelf"):
        if (names[line["person"]], line["zone"]) not in entered:
            yield f"{line['person']} stood at {line['zone']} and was never noticed there"


def outage(evidence: Evidence) -> Iterator[str]:
    """The cloud was away, people saw it, and the store went on."""
    actors = evidence.simulators
    died, back = _times(actors.of("cloud_died")), _times(actors.of("cloud_back"))
    if not died or not back:
        yield "the cloud broker was not killed and brought back"
        return
    gone = (died[0], back[-1])
    badge = actors.of("badge")
    if not any(line["cloud"] != "online" and line["t"] >= gone[0] for line in badge):
        yield "no page showed that the cloud was gone"
    if badge and badge[-1]["cloud"] != "online":
        yield f"at the end the badge says {badge[-1]['cloud']!r}"
    if not _within(actors.of("redeemed"), *gone):
        yield "no coupon was redeemed while the cloud was gone"
    if not _within(actors.of("goods_taken"), gone[0] - AROUND_S, gone[1] + AROUND_S):
        yield "no order left the locker around the outage"


def radio(evidence: Evidence) -> Iterator[str]:
    """The agent hears through every receiver, and has heard no more than there was."""
    received: Counter[str] = Counter()
    for line in evidence.simulators.radio:
        received.update(line["heard"])
    said = heard(evidence)
    if said == 0:
        yield "the agent heard no advert"
    elif said > received.total():
        yield f"the agent claims {said} adverts, its receivers got {received.total()}"
    for line in evidence.simulators.of("console_radio")[-1:]:
        for receiver in line["receivers"]:
            if receiver["state"] != "hearing":
                yield f"receiver {receiver['id']} is {receiver['state']} in the agent's eyes"


def heard(evidence: Evidence) -> int:
    """Adverts that the agent says it has heard, as the console showed it last."""
    shown = evidence.simulators.of("console_radio")
    return int(shown[-1]["heard"]) if shown else 0


def people(evidence: Evidence) -> Iterator[str]:
    """Nobody had to give up, and everybody was done in time."""
    for line in evidence.simulators.of("gave_up"):
        yield f"{line['person']} gave up at {line['errand']}: {line['reason']}"
    for line in evidence.simulators.of("refused"):
        yield f"a clerk was refused with order {line['order']}: {line['reason']}"
    for line in evidence.simulators.of("curtain_fell"):
        yield f"not done in time: {', '.join(line['unfinished'])}"


ACCOUNTS = (radio, zones, consent, sealed, coupons, orders, doors, stock, outage, people)
"""All of them, in the order in which their problems are told."""


def _differ(what: str, **accounts: set[str]) -> Iterator[str]:
    if len({frozenset(account) for account in accounts.values()}) > 1:
        told = ", ".join(f"{name} {sorted(account)}" for name, account in accounts.items())
        yield f"{what}: {told}"


def _collected(states: Mapping[str, str]) -> set[str]:
    return {order for order, state in states.items() if state == "collected"}


def _times(lines: Lines) -> list[float]:
    return [line["t"] for line in lines]


def _within(lines: Iterable[Mapping[str, Any]], start: float, end: float) -> bool:
    return any(start <= line["t"] <= end for line in lines)
