"""What travels beside the facts: hello, acknowledgements, questions, keys, status."""

from typing import Annotated, Final

import msgspec
from typing_extensions import override

from cloud_bridge.wire.digests import BUCKETS
from cloud_bridge.wire.envelope import Count, Word
from cloud_bridge.wire.sealing import KEY_BYTES


class LaneHello(msgspec.Struct, frozen=True, kw_only=True):
    """What the store holds of one lane.

    Attributes:
        next_sequence: the sequence that the next fact will get.
        cursor: the highest sequence that the store knows to be in the hub's database.
        hash: `envelope.chain_hash` of the last recorded fact; empty where the store cannot say it,
            and then it is not compared.
    """

    next_sequence: Count
    cursor: Count
    hash: Word


class Hello(msgspec.Struct, frozen=True, kw_only=True):
    """The store's first word on each connection, and its word whenever it is in doubt.

    Attributes:
        id: new for each hello; the hub's answer names it.
        epoch: the epoch under which the store numbers its facts; 0 when none was granted yet.
        streams: version that the store holds of each state stream; 0 for none.
        digests: `digests.digest` of what it holds of each; a stream that is not named is compared
            by its version alone.
        commands: the sequence of the last command that the store has carried out.
    """

    id: Word
    gateway: Word
    boot: Word
    agent_version: Word
    epoch: Count
    lanes: dict[Word, LaneHello]
    streams: dict[Word, Count]
    commands: Count
    digests: dict[Word, Word] = {}


class LaneAck(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far the hub's database has come with one lane.

    Attributes:
        cursor: the highest sequence in the hub's database.
        expected: set on a gap: the sequence that must come next.
        quarantined: ids of facts of the batch that lie in quarantine, at or below the cursor: the
            hub keeps them, with its reason, and they have no effect until somebody drives them
            again there. The store lets go of them like of any other.
    """

    cursor: int
    expected: int | None = None
    quarantined: list[Word] = []


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The hub's word, after its commit (topic `down/ack`).

    Attributes:
        epoch: the epoch that the hub holds for this store.
        answers: the id of the hello that this answers, if it answers one.
        session: the id of the hello under which the hub takes this store's facts. An
            acknowledgement under another hello than the store's last says nothing: it may speak of
            a database that was restored since, or to another gateway.
        granted: the store is to number what waits anew under `epoch`, from 1.
        fenced: another gateway leads this store; the one that asked must stop.
        refused: why a message was refused whole; empty otherwise. Of a refused batch, `lanes`
            names the lane.
        hello: the hub asks for a hello: it has just connected, or it is in doubt.
        rate: facts a second that the store may hand over, pickup's aside. It holds until the next
            answer to a hello or acknowledgement of facts; one that names none sets no limit.
    """

    epoch: int
    lanes: dict[str, LaneAck] = {}
    answers: str | None = None
    session: str = ""
    granted: bool = False
    fenced: bool = False
    refused: str = ""
    hello: bool = False
    rate: float | None = None


PEOPLE: Final = "people"
"""The stream under which a store asks the hub to take keys; no state comes down on it."""

MOST_KEYS: Final = 200
"""In one question: some 18 KiB, a quarter of what a message may take."""


KEY_BYTES_ON_WIRE: Final = 92
"""Of one key in a question: its id, and 32 bytes in base64."""


class PersonKey(msgspec.Struct, frozen=True, kw_only=True):
    """A person's key, and the id under which sealed fields name it. It says nothing of whose."""

    id: Word
    key: Annotated[bytes, msgspec.Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]

    @override
    def __repr__(self) -> str:
        """Without the key: what is said of an error reaches logs."""
        return f"PersonKey(id={self.id!r})"


ORDERS: Final = "orders"
"""The stream under which a store asks how orders stand; no state comes down on it."""

MOST_ORDERS: Final = 500
"""In one question: some 33 KiB at the longest ids, half of what a message may take."""


class Ask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question of the store about a state stream.

    Attributes:
        id: correlation id, for the logs of both ends.
        stream: such as ``coupons``; with `PEOPLE` the store asks that the hub take `keys`, and is
            answered by `Taken`. A hub of before knows no such stream and says nothing.
        above: the version that the store holds; the hub answers with the missing deltas, or with
            chunk 0 of a snapshot where it no longer has them all.
        version: when set, the store wants chunk `chunk` of the snapshot of this version.
        buckets: `digests.Buckets.hashes` of what the store holds: it wants a snapshot of those
            buckets alone that differ. Repeated with each chunk, so that the hub keeps nothing.
        orders: with `ORDERS`, the orders of which the store asks; answered by `Standings`.
    """

    id: Word
    stream: Word
    above: Count
    version: Count | None = None
    chunk: Count = 0
    buckets: Annotated[list[Word], msgspec.Meta(max_length=BUCKETS)] = []
    keys: Annotated[list[PersonKey], msgspec.Meta(max_length=MOST_KEYS)] = []
    orders: Annotated[list[Word], msgspec.Meta(max_length=MOST_ORDERS)] = []


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Retained at the broker, and the store's Last Will (``online`` false)."""

    online: bool
    gateway: Word
    agent_version: Word
    since: Word


REMOVED = msgspec.Raw(b"null")
"""The `item` of a change that removes its key."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a keyed state stream: the key's new item, or `REMOVED`."""

    key: str
    item: msgspec.Raw

    @property
    def removes(self) -> bool:
        """Whether the key goes (msgspec cannot decode ``Raw | None``, so null stays raw)."""
        return bytes(self.item) == b"null"


class Delta(msgspec.Struct, frozen=True, kw_only=True, tag="delta", tag_field="kind"):
    """The step from `version - 1` to `version`."""

    stream: str
    version: int
    changes: list[Change]


class Chunk(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot", tag_field="kind"):
    """One piece of a snapshot: a slice of the JSON array of its items, as text.

    Attributes:
        sha256: of the whole array's UTF-8 bytes, the same in every chunk.
        digest: `digests.digest` of the stream at `version`; empty from a hub that knows none.
        buckets: numbers of the buckets whose items these are; None: of all.
    """

    stream: str
    version: int
    chunk: int
    chunks: int
    sha256: str
    text: str
    digest: str = ""
    buckets: list[int] | None = None


class Differs(msgspec.Struct, frozen=True, kw_only=True, tag="differs", tag_field="kind"):
    """The store holds something else than `version` of a large stream: it is to ask by buckets.

    Only to a store whose hello named a digest of the stream.

    Attributes:
        digest: of the stream at `version`.
    """

    stream: str
    version: int
    digest: str


class Taken(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag="taken", tag_field="kind"
):
    """The hub's word, after its commit: keys that it needs not be offered again.

    Attributes:
        answers: the id of the store's question.
        keys: ids; the hub holds them, or knows that their people have left.
        left: those of them whose people have left: a store that still has them was restored, and
            forgets these people again.
    """

    stream: str
    answers: str
    keys: list[str]
    left: list[str] = []


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How an order stands in the hub's database: a word of its `State`, such as ``collected``."""

    order: Word
    state: Word


class Standings(msgspec.Struct, frozen=True, kw_only=True, tag="standings", tag_field="kind"):
    """The hub's word on the orders of an `Ask`; of orders that it does not know it says nothing.

    Attributes:
        answers: the id of the store's question.
        commands: the last sequence of the store's command log. A store that has not come so far
            may yet be told of orders that ended long ago, and asks again when it has.
    """

    stream: str
    answers: str
    commands: Count
    orders: list[Standing]


StreamMessage = Delta | Chunk | Differs | Taken | Standings
