"""What comes down, put in order: commands, deltas, snapshots in chunks. Pure: time is an argument.

Each method returns the steps that the shell takes, one after the other; a step that applies
something is one unit of work of the store.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import msgspec

from cloud_bridge.link.array import ArrayInPieces
from cloud_bridge.link.ports import InboxPositions, Unusable
from cloud_bridge.wire.envelope import Command
from cloud_bridge.wire.messages import Ask, Chunk, Delta, Differs

ASK_AGAIN_S = 5.0
"""Least wait for an answer to a question before it is asked again; as long as `uplink.RESEND_S`."""

LONGEST_WAIT_S = 120.0
"""Cap of the doubling wait: a chunk of 32 KiB, and another one before it, of a 600 B/s line."""

MOST_CHUNKS = 4096
"""Of one snapshot: 128 MiB at the hub's 32 KiB a chunk; more is a broken or hostile hub."""


@dataclass(frozen=True, slots=True)
class Carry:
    """Step: carry out a command."""

    command: Command


@dataclass(frozen=True, slots=True)
class Apply:
    """Step: apply a delta."""

    delta: Delta


@dataclass(frozen=True, slots=True)
class Replace:
    """Step: replace a stream's state, or what lies in `buckets`."""

    stream: str
    version: int
    items: Sequence[msgspec.Raw]
    buckets: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Compare:
    """Step: read the stream's bucket hashes and give them to `Downlink.compare`."""

    stream: str


@dataclass(frozen=True, slots=True)
class SayHello:
    """Step: a command is missing; say hello so that the hub replays them."""


Step = Carry | Apply | Replace | Compare | Ask | SayHello


@dataclass(slots=True)
class _Snapshot:
    version: int
    chunks: int
    sha256: str
    upon: int  # the version that was held when it began
    taken: int = 0
    array: ArrayInPieces = field(default_factory=ArrayInPieces)


@dataclass(frozen=True, slots=True)
class _Question:
    ask: Ask
    wait_s: float
    first_at: float
    asked_at: float

    @property
    def late_at(self) -> float:
        return self.asked_at + self.wait_s

    def again(self, now: float) -> "_Question":
        return replace(self, asked_at=now, wait_s=min(LONGEST_WAIT_S, 2 * self.wait_s))


@dataclass(slots=True)
class Downlink:
    """How far this store has come. A new connection starts with a new one.

    On a slow line a chunk takes longer than `ASK_AGAIN_S`: asked for again it would come twice, and
    the next one later still. So who waited long for one waits twice as long for the next.
    """

    positions: InboxPositions
    _numbers: Iterator[int] = field(default_factory=count)
    _snapshots: dict[str, _Snapshot] = field(default_factory=dict)
    _open: dict[str, _Question] = field(default_factory=dict)
    _patience_s: float = ASK_AGAIN_S

    def command(self, command: Command) -> Step | None:
        """A command of the log arrived."""
        have = self.positions.commands
        if command.sequence <= have:
            return None
        return Carry(command) if command.sequence == have + 1 else SayHello()

    def stream(self, message: Delta | Chunk | Differs, now: float) -> Step | None:
        """A delta or a chunk arrived, or the word that ours is not what the hub holds."""
        if isinstance(message, Chunk):
            return self._chunk(message, now)
        if isinstance(message, Differs):
            return self._differs(message, now)
        have = self.version(message.stream)
        if message.version <= have:
            return None
        if message.version == have + 1:
            return Apply(message)
        if self._asked(message.stream, have, now):
            return None  # each further delta would be answered with all that is missing
        return self._ask(Ask(id=self._id(), stream=message.stream, above=have), now)

    def compare(self, stream: str, hashes: Sequence[str], now: float) -> Ask:
        """The question for what lies in the buckets that are not `hashes`."""
        ask = Ask(id=self._id(), stream=stream, above=self.version(stream), buckets=list(hashes))
        return self._ask(ask, now)

    def version(self, stream: str) -> int:
        """The version held; 0 for none."""
        return self.positions.streams.get(stream, 0)

    def done(self, step: Carry | Apply | Replace) -> None:
        """The step was carried out durably."""
        match step:
            case Carry(command):
                self.positions = replace(self.positions, commands=command.sequence)
            case Apply(Delta(stream=stream, version=version)) | Replace(stream, version):
                streams = {**self.positions.streams, stream: version}
                digests = {**self.positions.digests}
                digests.pop(stream, None)  # until it is read anew for the next hello
                self.positions = replace(self.positions, streams=streams, digests=digests)
                self._open.pop(stream, None)

    def read(self, held: InboxPositions) -> None:
        """What the disk says of now; of what moved while it was read, the digest is not known."""
        streams = self.positions.streams
        digests = {
            stream: word
            for stream, word in held.digests.items()
            if held.streams.get(stream) == streams.get(stream)
        }
        self.positions = replace(self.positions, digests=digests)

    def overdue(self, now: float) -> list[Ask]:
        """Questions to ask again."""
        late = [each for each in self._open.values() if now >= each.late_at]
        for question in late:
            self._open[question.ask.stream] = question.again(now)
        return [each.ask for each in late]

    def due_at(self) -> float | None:
        """When the next question is overdue; None when none is open."""
        return min((each.late_at for each in self._open.values()), default=None)

    def _chunk(self, chunk: Chunk, now: float) -> Step | None:
        if chunk.chunks > MOST_CHUNKS or not self._expected(chunk):
            return None
        self._learn(chunk.stream, now)
        snapshot = self._snapshots[chunk.stream]
        snapshot.array.take(chunk.text)
        snapshot.taken += 1
        if snapshot.taken < snapshot.chunks:
            ask = Ask(
                id=self._id(),
                stream=chunk.stream,
                above=self.version(chunk.stream),
                version=snapshot.version,
                chunk=snapshot.taken,
                buckets=self._hashes_asked(chunk.stream),
            )
            return self._ask(ask, now)
        del self._snapshots[chunk.stream]
        if snapshot.upon != self.version(chunk.stream):  # deltas overtook it
            self._open.pop(chunk.stream, None)
            return None
        return self._complete(chunk, snapshot.array, now)

    def _differs(self, message: Differs, now: float) -> Step | None:
        same = message.digest == self.positions.digests.get(message.stream)
        if same or self._hashes_asked(message.stream, now):
            return None
        return Compare(message.stream)

    def _hashes_asked(self, stream: str, now: float | None = None) -> list[str]:
        """The hashes of the question that is open, and at `now` may still be answered."""
        question = self._open.get(stream)
        if question is None or (now is not None and now >= question.late_at):
            return []
        return question.ask.buckets

    def _expected(self, chunk: Chunk) -> bool:
        """Whether `chunk` is the next of the snapshot that is being put together.

        Chunk 0 of another version begins that one: the hub's state has moved on.
        """
        snapshot = self._snapshots.get(chunk.stream)
        same = snapshot is not None and (snapshot.version, snapshot.sha256) == (
            chunk.version,
            chunk.sha256,
        )
        if chunk.chunk == 0 and not same:
            held = self.version(chunk.stream)
            if chunk.version == held and not self._is_other(chunk):
                return False
            self._snapshots[chunk.stream] = _Snapshot(
                chunk.version, chunk.chunks, chunk.sha256, upon=held
            )
            return True
        return snapshot is not None and same and chunk.chunk == snapshot.taken

    def _is_other(self, chunk: Chunk) -> bool:
        """Whether a snapshot of the version that is held has something else than is held."""
        ours = self.positions.digests.get(chunk.stream)
        return ours is not None and chunk.digest not in ("", ours)

    def _complete(self, chunk: Chunk, array: ArrayInPieces, now: float) -> Step:
        self._open.pop(chunk.stream, None)
        if array.sha256 != chunk.sha256:
            return self._ask(
                Ask(id=self._id(), stream=chunk.stream, above=0, version=chunk.version), now
            )
        if not array.whole:
            msg = f"snapshot {chunk.version} of {chunk.stream} is no JSON array"
            raise Unusable(msg)
        return Replace(chunk.stream, chunk.version, array.items, chunk.buckets)

    def _asked(self, stream: str, above: int, now: float) -> bool:
        """Whether what comes after `above` was asked for, and may still be answered."""
        question = self._open.get(stream)
        return question is not None and question.ask.above == above and now < question.late_at

    def _ask(self, ask: Ask, now: float) -> Ask:
        self._open[ask.stream] = _Question(ask, self._patience_s, first_at=now, asked_at=now)
        return ask

    def _learn(self, stream: str, now: float) -> None:
        """A chunk came: how long it took since it was first asked for, if it was."""
        if question := self._open.get(stream):
            took = now - question.first_at
            self._patience_s = min(LONGEST_WAIT_S, max(ASK_AGAIN_S, 2 * took))

    def _id(self) -> str:
        return f"ask-{next(self._numbers)}"
