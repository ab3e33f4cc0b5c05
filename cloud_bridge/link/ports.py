"""What the link asks of the store, and what it says about itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import msgspec

from cloud_bridge.wire.envelope import Command
from cloud_bridge.wire.messages import Ask, Delta, PersonKey, Standings


class Moment(Protocol):
    """One moment on both clocks."""

    @property
    def wall(self) -> datetime:
        """UTC."""
        ...

    @property
    def monotonic(self) -> float:
        """Seconds."""
        ...


class Clock(Protocol):
    """Where the link takes its moments from."""

    def now(self) -> Moment:
        """The present moment."""
        ...


class LaneState(Protocol):
    """One lane of the fact log (meaning of the fields: `wire.messages.LaneHello`)."""

    @property
    def next_sequence(self) -> int:
        """The sequence that the next fact will get."""
        ...

    @property
    def cursor(self) -> int:
        """The highest sequence known to be in the hub's database."""
        ...

    @property
    def hash(self) -> str:
        """Chain hash of the last recorded fact."""
        ...


class LogState(Protocol):
    """The fact log at one moment."""

    @property
    def epoch(self) -> int:
        """0 until the hub has granted one."""
        ...

    @property
    def lanes(self) -> Mapping[str, LaneState]:
        """By name; every lane, also an empty one."""
        ...


class WaitingFact(Protocol):
    """A recorded fact, as the link reads it (`edge_agent.kernel.facts.RecordedFact` fits)."""

    @property
    def id(self) -> str: ...  # noqa: D102 - the wire's `Event` says what each field means
    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def lane(self) -> str: ...  # noqa: D102
    @property
    def epoch(self) -> int: ...  # noqa: D102
    @property
    def sequence(self) -> int: ...  # noqa: D102
    @property
    def subject(self) -> str: ...  # noqa: D102
    @property
    def time(self) -> datetime: ...  # noqa: D102
    @property
    def boot(self) -> str: ...  # noqa: D102
    @property
    def monotonic(self) -> float: ...  # noqa: D102
    @property
    def clock_quality(self) -> str: ...  # noqa: D102
    @property
    def data(self) -> bytes: ...  # noqa: D102
    @property
    def covers(self) -> int | None: ...  # noqa: D102 - None: it stands for itself alone


class Outbox(Protocol):
    """The fact log. Nothing but `acknowledge` lets go of a fact."""

    async def state(self) -> LogState:
        """Epoch and lanes, read at one moment."""
        ...

    async def waiting(
        self, lane: str, above: int, limit: int, max_bytes: int
    ) -> Sequence[WaitingFact]:
        """Facts of the present epoch with sequence > `above`, in order, without a gap."""
        ...

    async def handed(self, lane: str, last: int) -> None:
        """Note durably that facts of `lane` up to `last` may be at the hub from now on.

        What the hub may hold must no longer become part of a sum, or it would count twice: called
        for the lanes in `envelope.ROLLABLE`, before their facts are read to go up.
        """
        ...

    async def acknowledge(self, epoch: int, cursors: Mapping[str, int]) -> None:
        """The hub's database holds `lane` up to `cursors[lane]`."""
        ...

    async def renumber(self, epoch: int) -> None:
        """Number what waits from 1 per lane under `epoch`, with new hash chains, durably."""
        ...

    async def beyond(self, position: int) -> int:
        """Wait until the log holds more than `position`; its newest position."""
        ...


@dataclass(frozen=True, slots=True)
class InboxPositions:
    """How far the store has come with what comes down.

    Attributes:
        commands: sequence of the last command carried out.
        streams: version held of each state stream.
        digests: `wire.digests.digest` of each; one that is not named is compared by version alone.
    """

    commands: int
    streams: Mapping[str, int] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)


class Unusable(Exception):
    """Raised by an `Inbox`: what came down cannot be applied, and nothing of it was.

    The link says so in its log and goes on with the state that it has; anything else that an inbox
    or outbox raises ends the link.
    """


class Inbox(Protocol):
    """Where commands and state go. Each call is one unit of work: effect and cursor together.

    Each may raise `Unusable`.
    """

    async def positions(self) -> InboxPositions:
        """What is durably carried out and held."""
        ...

    async def command(self, command: Command) -> None:
        """Carry out the command; one that is not the next changes nothing."""
        ...

    async def delta(self, delta: Delta) -> None:
        """Apply the step to `delta.version`; one that is not the next changes nothing."""
        ...

    async def snapshot(
        self,
        stream: str,
        version: int,
        items: Sequence[msgspec.Raw],
        buckets: Sequence[int] | None = None,
    ) -> None:
        """Replace the stream's whole state, or what lies in `buckets` (`wire.digests`)."""
        ...

    async def buckets(self, stream: str) -> Sequence[str]:
        """The `wire.digests.Buckets.hashes` of what is held of a stream."""
        ...


class Keyring(Protocol):
    """The keys of the people in the facts, of which the hub is told."""

    @property
    def minted(self) -> int:
        """How many keys were made since the start; rises after their commit."""
        ...

    async def untold(self, limit: int) -> Sequence[PersonKey]:
        """Keys that the hub has not taken under the present epoch; destroyed ones never."""
        ...

    async def told(self, keys: Sequence[str]) -> None:
        """The hub's database knows the keys of these ids."""
        ...


class Restoration(Protocol):
    """What a store whose database was restored asks the hub, and learns from it."""

    async def question(self) -> Ask | None:
        """Of how orders stand; None while there is nothing to ask."""
        ...

    async def answered(self, standings: Standings) -> None:
        """The hub's word on a question, maybe not on the last one."""
        ...

    async def left(self, keys: Sequence[str]) -> None:
        """The people of these keys have left; a store that still had them forgets them."""
        ...


class NeverRestored:
    """A store that asks nothing."""

    async def question(self) -> Ask | None:
        """Nothing."""
        return None

    async def answered(self, standings: Standings) -> None:
        """Not asked for."""

    async def left(self, keys: Sequence[str]) -> None:
        """They are not here."""


class LinkState(msgspec.Struct, frozen=True, kw_only=True):
    """How the link is, for people.

    Attributes:
        online: the hub has answered on this connection and is not overdue with an answer.
        since: when `online` last changed.
        epoch: the epoch under which facts go up; 0 before the first grant.
        fenced: another gateway leads this store.
        quarantined: facts that the hub took and keeps apart, since the process started.
        outages: how often `online` was lost since the process started.
        last_error: why the link is not online, or what the hub refused last; None when all is well.
    """

    online: bool
    since: datetime
    epoch: int = 0
    fenced: bool = False
    quarantined: int = 0
    outages: int = 0
    last_error: str | None = None
