"""The verdict: one JSON object."""

import sqlite3
from collections.abc import Iterator
from typing import Any

from simulators.demo.directory import RunDirectory
from simulators.demo.judge import accounts
from simulators.demo.judge.evidence import Evidence, gather
from simulators.demo.judge.facts import FactsAccount, compare


def judge(run: RunDirectory, seed: int) -> dict[str, Any]:
    """What came of the story in `run`; `ok` says whether it came out right.

    `problems` names what did not. Everything must have stopped.
    """
    try:
        return weigh(gather(run), seed)
    except sqlite3.Error as err:
        return {"seed": seed, "ok": False, "problems": [f"a database cannot be read: {err}"]}


def weigh(evidence: Evidence, seed: int) -> dict[str, Any]:
    """The verdict on `evidence`."""
    agent = evidence.agent
    facts = compare(agent.epoch, agent.lanes, agent.waiting, evidence.hub.stored)
    problems = [*_facts(facts, len(agent.waiting))]
    for account in accounts.ACCOUNTS:
        problems.extend(account(evidence))
    sent = sum(line["sent"] for line in evidence.simulators.radio)
    return {
        "adverts": {"sent": sent, "heard": accounts.heard(evidence)},
        "zones_entered": len(evidence.hub.of("store.presence.zone_entered.v1")),
        "coupons": {
            "offered": len(evidence.hub.of("store.coupon.offered.v1")),
            "redeemed": len(evidence.hub.of("store.coupon.redeemed.v1")),
        },
        "orders_handed_over": len(accounts.handed_over(evidence)),
        "doors_opened": accounts.doors_opened(evidence).total(),
        "facts": {
            "recorded": facts.recorded,
            "acknowledged": facts.acknowledged,
            "lost": facts.lost,
            "doubled": facts.doubled,
        },
        "broker_outages": len(evidence.simulators.of("cloud_died")),
        "seed": seed,
        "ok": not problems,
        "problems": problems,
    }


def _facts(facts: FactsAccount, waiting: int) -> Iterator[str]:
    if facts.lost:
        yield f"{facts.lost} facts are lost"
    if facts.doubled:
        yield f"{facts.doubled} facts are doubled"
    for lane in facts.altered:
        yield f"the facts of lane {lane} are not those that the agent recorded"
    if facts.recorded == 0:
        yield "no fact was recorded"
    if waiting:
        yield f"{waiting} facts still waited for the hub at the end"
