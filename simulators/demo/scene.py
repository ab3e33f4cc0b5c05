"""What everybody in the demo shares: the place, the machines, the clock, the journal."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from simulators.demo.callers import Caller, Desk, Hub, Till
from simulators.demo.journal import Journal
from simulators.demo.live import LiveView
from simulators.demo.persons import Person
from simulators.demo.premises import Premises
from simulators.locker.bank import SimulatedBank
from simulators.locker.doors import Position
from simulators.mirror import RfidReader

LOOK_EVERY_S = 0.1
"""How often somebody who watches a door or their own feet looks again."""


@dataclass
class Scene:
    """See the module.

    Attributes:
        store: the store's id on the wire.
        bank_id: the locker bank, as painted on it.
        agent: a client of the agent without anybody's cookies.
        desk: a clerk who is signed in.
        staff, console: what the staff page and the console show.
        terminal: the locker's scanner.
        mirrors: the RFID reader behind each mirror; views: what each mirror shows.
        opened: the monotonic second at which the story began.
        at_desk: the orders whose customers stand before the pickup desk.
        done: names of deeds that others wait for, such as ``cloudless-redeem``.
    """

    store: str
    bank_id: str
    premises: Premises
    journal: Journal
    agent: httpx.AsyncClient
    desk: Desk
    hub: Hub
    till: Till
    terminal: Caller
    staff: LiveView
    console: LiveView
    mirrors: Mapping[str, RfidReader]
    views: Mapping[str, LiveView]
    people: dict[str, Person] = field(default_factory=dict)
    opened: float = field(default_factory=time.monotonic)
    at_desk: set[str] = field(default_factory=set)
    done: set[str] = field(default_factory=set)

    @property
    def bank(self) -> SimulatedBank:
        """The locker bank as hands meet it."""
        return self.premises.bank

    @property
    def seconds(self) -> float:
        """Since the story began."""
        return time.monotonic() - self.opened

    def begin(self) -> None:
        """The store is open: the story's clock starts now."""
        self.opened = time.monotonic()
        self.journal.note("opened")

    async def at(self, second: float) -> None:
        """Wait for `second` of the story; returns at once when it has passed."""
        await asyncio.sleep(max(0.0, second - self.seconds))

    async def door_open(self, door: int) -> None:
        """Stand before `door` until it is open. The caller sets the deadline."""
        await self.watch(lambda: self.bank.position(door) is not Position.SHUT)

    async def watch(self, seen: Callable[[], bool]) -> None:
        """Look until `seen` is true. The caller sets the deadline."""
        while not seen():  # noqa: ASYNC110 - eyes look; doors and feet ring no bell
            await asyncio.sleep(LOOK_EVERY_S)
