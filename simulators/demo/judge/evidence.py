"""The three sources, read when everything has stopped: journals, agent's and hub's database."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulators.demo.directory import RunDirectory
from simulators.demo.journal import read_journal
from simulators.demo.judge.facts import LaneAccount, Stored, Waiting
from simulators.demo.judge.sealed import Event, opened

Lines = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Simulators:
    """What the simulators wrote: radio (per second), the bank's doors, what people did and saw."""

    radio: Lines
    doors: Lines
    actors: Lines

    def of(self, event: str) -> Lines:
        """What the actors wrote of one kind of event, in order."""
        return [line for line in self.actors if line["event"] == event]


@dataclass(frozen=True, slots=True)
class AgentBooks:
    """What the agent's database says.

    Attributes:
        coupons: state by code.
        orders: state by order.
        on_hand: units by GTIN.
    """

    epoch: int
    lanes: Sequence[LaneAccount]
    waiting: Sequence[Waiting]
    coupons: Mapping[str, str]
    orders: Mapping[str, str]
    on_hand: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HubBooks:
    """What the hub's database says.

    Attributes:
        stored: the facts as they came.
        orders: state by order.
        keys: of the people in the facts, by id.
    """

    stored: Sequence[Stored]
    orders: Mapping[str, str]
    keys: Mapping[str, bytes] = field(default_factory=dict)

    def opened(self, row: Stored) -> Event:
        """A fact as the hub shows it: what it says about a person is open while the key is here."""
        return opened(row.event, self.keys)

    def of(self, kind: str) -> Lines:
        """The data of the facts of one type, in the order of their lanes."""
        events = (self.opened(row) for row in self.stored)
        return [event["data"] for event in events if event["type"] == kind]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All three."""

    simulators: Simulators
    agent: AgentBooks
    hub: HubBooks


def gather(run: RunDirectory) -> Evidence:
    """Read everything.

    Raises:
        sqlite3.Error: when a database is missing or not what it should be.
    """
    return Evidence(
        Simulators(
            read_journal(run.radio_journal),
            read_journal(run.doors_journal),
            read_journal(run.actors_journal),
        ),
        _agent(run.agent_database),
        _hub(run.hub_database),
    )


def _agent(file: Path) -> AgentBooks:
    with closing(_open(file)) as books:
        (epoch,) = books.execute("SELECT epoch FROM log").fetchone()
        lanes = books.execute(
            "SELECT lane, next_sequence, cursor, hash, recorded, acknowledged FROM lane"
        )
        waiting = books.execute(
            "SELECT fact.lane, sequence, id, data FROM fact JOIN lane ON lane.lane = fact.lane"
            " WHERE sequence > cursor AND epoch = ?",
            (epoch,),
        )
        return AgentBooks(
            epoch=epoch,
            lanes=[LaneAccount(*row) for row in lanes],
            waiting=[Waiting(*row) for row in waiting],
            coupons=dict(books.execute("SELECT code, state FROM coupon")),
            orders=dict(books.execute("SELECT id, state FROM pickup_order")),
            on_hand=dict(books.execute("SELECT gtin, on_hand FROM ledger")),
        )


def _hub(file: Path) -> HubBooks:
    with closing(_open(file)) as books:
        rows = books.execute(
            "SELECT epoch, lane, sequence, raw FROM fact ORDER BY epoch, lane, sequence"
        )
        stored = [Stored(epoch, lane, place, _bytes(raw)) for epoch, lane, place, raw in rows]
        return HubBooks(
            stored,
            orders=dict(books.execute("SELECT order_id, state FROM orders")),
            keys=dict(books.execute("SELECT id, key FROM person_key WHERE key IS NOT NULL")),
        )


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)


def _bytes(raw: str | bytes) -> bytes:
    return raw.encode() if isinstance(raw, str) else raw
