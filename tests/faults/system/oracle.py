"""Compares what people were told with what the hub's database and the store's hold.

Pure: evidence in, violations out, each a sentence; none is what every fault is held to.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from cloud_bridge.wire.envelope import Lane
from tests.faults.system.clerks import COUNTED, STATES, Told
from tests.faults.system.evidence import HubEvidence, HubFact, StoreEvidence

STOCK_CHANGED = "store.stock.changed.v1"
ACCEPTED = "store.order.accepted.v1"
COLLECTED = "store.pickup.collected.v1"
ENDED = ("collected", "cancelled")
KEPT = (Lane.PICKUP, Lane.COUPON, Lane.STOCK, Lane.RECORD)
"""Lanes of which nothing may be rolled up or dropped."""


def violations(told: Told, hub: HubEvidence, store: StoreEvidence) -> list[str]:
    """All that is wrong, once the store has nothing left to hand over."""
    return [
        *(f"refused: {each}" for each in told.refused),
        *log_violations(hub),
        *agreement(hub, store),
        *_counts(hub, store),
        *_sales(told, hub),
        *_ledger(hub),
        *_orders(told, hub),
        *_commands(hub, store),
        *_campaigns(told, hub, store),
    ]


def station_violations(told: Sequence[str], hub: HubEvidence, store: StoreEvidence) -> list[str]:
    """As `violations`, for a station: `told` are the ids that its producers were told."""
    held = {fact.id for fact in hub.facts}
    lost = [id_ for id_ in told if id_ not in held]
    return [
        *(f"fact {id_} was acknowledged and is not in the hub" for id_ in lost),
        *log_violations(hub),
        *agreement(hub, store),
        *_counts(hub, store),
        *counter_violations(hub),
    ]


def log_violations(hub: HubEvidence) -> Iterator[str]:
    """Each fact once; in each lane and epoch every sequence, up to the cursor.

    What was in the hub when a later epoch was granted, and was handed over again, keeps the epoch
    that it had: the later one then begins behind it.
    """
    yield from _doubles(hub)
    by_lane: dict[tuple[int, str], list[HubFact]] = defaultdict(list)
    for fact in hub.facts:
        by_lane[fact.epoch, fact.lane].append(fact)
    for (epoch, lane), facts in by_lane.items():
        yield from _holes(f"{lane} of epoch {epoch}", facts)
        reached = hub.cursors.get((epoch, lane), (0, ""))[0]
        if reached != facts[-1].sequence:
            yield f"{lane} of epoch {epoch}: cursor {reached}, last fact {facts[-1].sequence}"
    if hub.facts_counted != len(hub.facts):
        yield f"the hub counts {hub.facts_counted} facts and has {len(hub.facts)}"


def _doubles(hub: HubEvidence) -> Iterator[str]:
    for id_, times in Counter(fact.id for fact in hub.facts).items():
        if times > 1:
            yield f"fact {id_} is in the hub {times} times"


def _holes(where: str, facts: Sequence[HubFact]) -> Iterator[str]:
    if facts[0].epoch == 1 and facts[0].covers != 1:
        yield f"{where} begins with {facts[0].covers}"
    for before, fact in pairwise(facts):
        if fact.covers != before.sequence + 1:
            yield f"{where}: {fact.covers} follows {before.sequence}"


def restored_violations(told: Told, hub: HubEvidence, store: StoreEvidence) -> list[str]:
    """As `violations`, of a store that went on from an older copy of its database.

    It carries out again what the copy did not know of, and a clerk may pick again; but the hub
    takes each fact once, and an order that has ended stays so. The ledger is the copy's, until
    somebody counts.
    """
    collected = Counter(fact.data["order"] for fact in hub.facts if fact.type == COLLECTED)
    ended = {each: STATES[step] for each, step in told.orders.items() if STATES[step] in ENDED}
    return [
        *(f"refused: {each}" for each in told.refused),
        *log_violations(hub),
        *agreement(hub, store),
        *_sales(told, hub),
        *(f"order {each} left the store twice" for each in collected if collected[each] > 1),
        *_differences("order", {each: (hub.orders.get(each), ended[each]) for each in ended}),
    ]


def agreement(hub: HubEvidence, store: StoreEvidence) -> Iterator[str]:
    """Both ends hold the same log: epoch, last sequences and chain hashes."""
    for name, lane in store.log.lanes.items():
        reached, chain = hub.cursors.get((hub.epoch, name), (0, ""))
        if lane.waiting:
            yield f"{name}: {lane.waiting} facts wait in the store"
        if reached != lane.next_sequence - 1:
            yield f"{name}: the hub has {reached}, the store gave out {lane.next_sequence - 1}"
        if lane.hash and chain != lane.hash:
            yield f"{name}: the chain hashes differ"
    if store.log.epoch != hub.epoch:
        yield f"the store is in epoch {store.log.epoch}, the hub in {hub.epoch}"
    if store.parked:
        yield f"{store.parked} facts are parked"


def _counts(hub: HubEvidence, store: StoreEvidence) -> Iterator[str]:
    """All that was ever recorded is in the hub, and nothing else."""
    counts = Counter(fact.lane for fact in hub.facts)
    for name in KEPT:
        recorded = store.log.lanes[name].recorded
        if recorded != counts[name]:
            yield f"{name}: {recorded} recorded, {counts[name]} in the hub"


def _moves(hub: HubEvidence, reason: str) -> Counter[str]:
    """How often the ledger moved for each cause."""
    return Counter(fact.data["reference"] for fact in _stock(hub) if fact.data["reason"] == reason)


def _stock(hub: HubEvidence) -> Iterator[HubFact]:
    return (fact for fact in hub.facts if fact.type == STOCK_CHANGED)


def _sales(told: Told, hub: HubEvidence) -> Iterator[str]:
    """Each sale that a till was told of is booked once; one that it gave up, at most once."""
    booked = _moves(hub, "sale")
    yield from (
        f"sale {each} was acknowledged and is in the hub {booked[each]} times"
        for each in told.sales
        if booked[each] != 1
    )
    yield from (f"sale {each} is in the hub twice" for each in told.maybe if booked[each] > 1)
    for each in booked.keys() - told.sales.keys() - told.maybe.keys():
        yield f"sale {each} is in the hub, and nobody made it"
    units = {**told.sales, **told.maybe}
    for fact in _stock(hub):
        if fact.data["reason"] == "sale" and -fact.data["delta"] != units[fact.data["reference"]]:
            yield f"sale {fact.data['reference']} moved the ledger by {fact.data['delta']}"


def _ledger(hub: HubEvidence) -> Iterator[str]:
    """The ledger's every line follows from the one before."""
    on_hand = 0
    for fact in sorted(_stock(hub), key=lambda each: (each.epoch, each.sequence)):
        on_hand += fact.data["delta"]
        if fact.data["on_hand"] != on_hand:
            yield f"stock {fact.sequence}: {fact.data['on_hand']} on hand, {on_hand} expected"
            on_hand = fact.data["on_hand"]
    if not 0 <= on_hand <= COUNTED:
        yield f"{on_hand} units on hand"


def _orders(told: Told, hub: HubEvidence) -> Iterator[str]:
    """Each order that was taken is accepted once, reserved once, and as far as its clerk was."""
    accepted = Counter(fact.data["order"] for fact in hub.facts if fact.type == ACCEPTED)
    reserved, released = _moves(hub, "reserved"), _moves(hub, "released")
    collected = _moves(hub, "collected")
    for order, step in told.orders.items():
        expected = {
            "accepted": (accepted[order], 1),
            "reserved": (reserved[f"orders/{order}"], 1),
            "released": (released[f"orders/{order}"], int(step == "cancel")),
            "collected": (collected[f"orders/{order}"], int(step == "handover")),
            "at the hub": (hub.orders.get(order), STATES[step]),
        }
        yield from _differences(f"order {order}", expected)
    yield from (f"order {each} was never told" for each in hub.orders.keys() - told.orders.keys())


def _commands(hub: HubEvidence, store: StoreEvidence) -> Iterator[str]:
    """The command log has no gap, is carried out, and each entry has its answer."""
    if sorted(hub.commands) != list(range(1, len(hub.commands) + 1)):
        yield f"the command log has gaps: {sorted(hub.commands)}"
    if store.commands != len(hub.commands):
        yield f"the store carried out {store.commands} of {len(hub.commands)} commands"
    for sequence, answer in hub.commands.items():
        if answer is None:
            yield f"command {sequence} has no answer"


def _campaigns(told: Told, hub: HubEvidence, store: StoreEvidence) -> Iterator[str]:
    """What was published last is what the hub and the store hold; counters follow the facts."""
    version, items = hub.streams.get("coupons", (0, {}))
    held = {name: item["discount"] for name, item in items.items()}
    expected = {
        "the hub's stream": (held, dict(told.campaigns)),
        "the store's copy": (dict(store.campaigns), dict(told.campaigns)),
        "version": (store.versions.get("coupons", 0), version),
    }
    yield from _differences("campaigns", expected)
    yield from counter_violations(hub)


def counter_violations(hub: HubEvidence) -> Iterator[str]:
    """Each offer and each redemption was counted once."""
    for place, word in enumerate(("offered", "redeemed")):
        facts = Counter(
            fact.data["campaign"] for fact in hub.facts if fact.type == f"store.coupon.{word}.v1"
        )
        for campaign, counted in hub.counted.items():
            if counted[place] != facts[campaign]:
                yield f"{campaign}: {counted[place]} {word}, {facts[campaign]} facts say so"


def _differences(what: str, expected: Mapping[str, tuple[object, object]]) -> Iterable[str]:
    return (
        f"{what}: {name} {found!r}, expected {wanted!r}"
        for name, (found, wanted) in expected.items()
        if found != wanted
    )
