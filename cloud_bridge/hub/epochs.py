"""What a hello means: go on, be granted a new epoch, or be fenced."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from cloud_bridge.hub import boots
from cloud_bridge.hub.database import Row, Tx
from cloud_bridge.hub.standing import is_barred
from cloud_bridge.wire.messages import Ack, Hello, LaneAck, Status

GONE_AFTER = timedelta(minutes=10)
"""A leader that nobody heard for so long has gone, even if nothing said so: its Last Will may have
died with the broker. Longer than any reconnection takes (`mqtt.broker.LONGEST_BACKOFF_S`)."""

SILENT_AFTER = timedelta(minutes=3)
"""A store that is there says something once a minute (`link.uplink.QUIET_S`): a start that leads
and is silent for so long has ended, or never heard that it leads. Fenced ones ask every minute."""


class Verdict(Enum):
    """The hub's answer to a hello."""

    GOES_ON = auto()
    GRANT = auto()
    FENCE = auto()


@dataclass(frozen=True, slots=True)
class Position:
    """How far the hub has come with one lane of the present epoch."""

    sequence: int
    hash: str


_NOTHING: Final = Position(0, "")


@dataclass(frozen=True, slots=True)
class Known:
    """What the hub holds of a store.

    Attributes:
        leader: the gateway to which `epoch` was granted.
        session: the id of its last hello.
        started: the start of the leader that said the last hello; empty before the first.
        present: whether the leader must be taken to be there (`_present`).
        doubted: its facts contradicted those that we hold.
        boot: `started` while it is heard; else empty.
        asked: the hello that may have been late, and its start, of which we asked for another.
        superseded: starts of the leader after which it has started again.
        silent: whether nothing came from the leader for `SILENT_AFTER`.
    """

    epoch: int
    leader: str | None
    session: str
    present: bool
    doubted: bool
    lanes: Mapping[str, Position]
    boot: str = ""
    started: str = ""
    asked: tuple[str, str] = ("", "")
    superseded: frozenset[str] = frozenset()
    silent: bool = False


def judge(hello: Hello, known: Known) -> Verdict:
    """Whether the store's log is the one that the hub has been following.

    A second gateway is fenced while the leader is there, and for good when it holds an older
    epoch; one that never held facts takes over from a leader that is gone.

    Of two machines with one identity the one that started last leads, because that is what a
    machine looks like that was restarted or replaced. The other comes back under a start that is
    over, as no machine does by itself, and is fenced: they do not take the lead from each other in
    turn, however often they say hello. But a leader that is silent gives way: its hello may have
    been a late one, of a start that had ended. While the other is still heard, the new one gets an
    epoch of its own: under one epoch either would take what the hub says of the other's facts for
    its own.
    """
    if known.leader == hello.gateway and hello.boot in known.superseded:
        return Verdict.GRANT if known.silent else Verdict.FENCE
    if known.leader not in (None, hello.gateway) and (
        known.present or 0 < hello.epoch < known.epoch
    ):
        return Verdict.FENCE
    if known.leader != hello.gateway or hello.epoch != known.epoch or known.doubted:
        return Verdict.GRANT
    if known.boot not in ("", hello.boot):
        return Verdict.GRANT
    agrees = all(_agrees(hello, lane, position) for lane, position in known.lanes.items())
    return Verdict.GOES_ON if agrees else Verdict.GRANT


def may_be_late(hello: Hello, known: Known) -> bool:
    """Whether a hello that is to be granted an epoch may be older than the leader's last one.

    A broker gives what a worker did not acknowledge to another one, and that may take long. Two
    starts have no order; within one nothing goes backwards, neither the epoch nor what was
    recorded. So we ask for another hello: who is over says no more, and a second one, under an id
    of its own, is believed.
    """
    if hello.gateway != known.leader or known.doubted:
        return False
    asked_of, asked_after = known.asked
    if asked_of == hello.boot and asked_after != hello.id:
        return False
    if hello.boot != known.started:
        return known.boot != ""
    return hello.epoch < known.epoch or (
        hello.epoch == known.epoch and not _holds_what_it_sent(hello, known)
    )


def _holds_what_it_sent(hello: Hello, known: Known) -> bool:
    return all(
        theirs.next_sequence > known.lanes.get(lane, _NOTHING).sequence
        for lane, theirs in hello.lanes.items()
    )


def _agrees(hello: Hello, lane: str, position: Position) -> bool:
    """Whether what the store holds of `lane` can be the same log as ours, further on.

    Behind us it was restored; ahead of us in what it believes acknowledged, we were; and where
    both stand at the same fact, its chain hash must be ours.
    """
    theirs = hello.lanes.get(lane)
    if theirs is None:
        return position.sequence == 0
    if theirs.cursor > position.sequence or theirs.next_sequence <= position.sequence:
        return False
    unsaid = not (theirs.hash and position.hash) and position.sequence > 0
    return unsaid or theirs.next_sequence - 1 > position.sequence or theirs.hash == position.hash


async def known_of(tx: Tx, store: str, now: str) -> Known:
    """What the database holds of `store`; `now` as `clock.stamp` writes it."""
    return await _known(tx, await tx.row("SELECT * FROM store WHERE store = $1", store), now)


async def hold(tx: Tx, store: str, now: str) -> Known:
    """`known_of`, and nobody else changes anything of `store` until this transaction ends.

    The row of the store stands before all its cursors: who holds it has the store for itself, so
    two workers that were given two batches of one store take them one after the other.
    """
    row = await tx.row("SELECT * FROM store WHERE store = $1 FOR NO KEY UPDATE", store)
    return await _known(tx, row, now)


async def _known(tx: Tx, row: Row | None, now: str) -> Known:
    assert row is not None  # noqa: S101 - stores are added before anybody listens to them
    lanes = await tx.rows(
        "SELECT lane, sequence, hash FROM cursor WHERE store = $1 AND epoch = $2",
        row["store"],
        row["epoch"],
    )
    positions = {each["lane"]: Position(each["sequence"], each["hash"]) for each in lanes}
    return Known(
        epoch=row["epoch"],
        leader=row["gateway"],
        session=row["session"],
        present=_present(row, now),
        doubted=bool(row["doubted"]),
        boot=row["boot"] if row["online"] else "",
        started=row["boot"],
        asked=(row["asked_boot"], row["asked_hello"]),
        silent=_silent(row, now),
        lanes=positions,
    )


def _present(row: Row, now: str) -> bool:
    """Whether the leader is there, as far as a hub can know that may itself have been away.

    A hub that lost its broker hears nobody: that is no reason to let a second gateway in.
    """
    if row["gone"]:
        return False
    silent_since = datetime.fromisoformat(row["since"] or now)
    return bool(row["online"]) or datetime.fromisoformat(now) - silent_since < GONE_AFTER


def _silent(row: Row, now: str) -> bool:
    heard = max(row["hello_at"], row["last_fact_at"] or "")
    since = datetime.fromisoformat(heard or now)
    return datetime.fromisoformat(now) - since >= SILENT_AFTER


async def answer_hello(tx: Tx, store: str, hello: Hello, now: str) -> Ack:
    """Judge `hello`, keep what follows from it, and say it; a repeat has the same answer."""
    known = replace(await hold(tx, store, now), superseded=await boots.superseded(tx, store))
    verdict = judge(hello, known)
    if verdict is Verdict.FENCE or await is_barred(tx, store, hello.gateway):
        if hello.boot in known.superseded:
            await boots.heard_again(tx, store, hello, now)
        return Ack(epoch=known.epoch, answers=hello.id, fenced=True)
    if hello.id == known.session:
        return _accepted(hello, known)
    if verdict is Verdict.GRANT and not _was_granted(hello, known):
        if may_be_late(hello, known):
            await _ask_for_another(tx, store, hello)
            return Ack(epoch=known.epoch, hello=True)
        known = replace(known, epoch=max(known.epoch, hello.epoch) + 1, lanes={})
    await _follow(tx, store, hello, known, now)
    return _accepted(hello, known)


def _was_granted(hello: Hello, known: Known) -> bool:
    """Whether this start was granted the present epoch, and cannot have heard of it yet."""
    same = (hello.gateway, hello.boot) == (known.leader, known.started)
    return same and hello.epoch < known.epoch and not (known.doubted or known.lanes)


def _accepted(hello: Hello, known: Known) -> Ack:
    if known.epoch > hello.epoch:
        return Ack(epoch=known.epoch, answers=hello.id, granted=True)
    cursors = {lane: LaneAck(cursor=position.sequence) for lane, position in known.lanes.items()}
    return Ack(epoch=known.epoch, answers=hello.id, lanes=cursors)


async def _ask_for_another(tx: Tx, store: str, hello: Hello) -> None:
    await tx.execute(
        "UPDATE store SET asked_boot = $1, asked_hello = $2 WHERE store = $3",
        hello.boot,
        hello.id,
        store,
    )


async def _follow(tx: Tx, store: str, hello: Hello, known: Known, now: str) -> None:
    """`hello` leads from now on, under the epoch of `known`."""
    await boots.started(tx, store, hello, now)
    asked = ("", "") if known.asked[0] == hello.boot else known.asked
    await tx.execute(
        "UPDATE store SET epoch = $1, gateway = $2, session = $3, agent_version = $4, boot = $5,"
        " doubted = 0, asked_boot = $6, asked_hello = $7, hello_at = $8 WHERE store = $9",
        known.epoch,
        hello.gateway,
        hello.id,
        hello.agent_version,
        hello.boot,
        *asked,
        now,
        store,
    )
    await set_online(tx, store, online=True, now=now)


async def take_status(tx: Tx, store: str, status: Status, now: str) -> None:
    """Believe the leader's status; a fenced gateway's says nothing about the store."""
    if (await hold(tx, store, now)).leader == status.gateway:
        await set_online(tx, store, online=status.online, now=now)
        gone = int(not status.online)
        await tx.execute("UPDATE store SET gone = $1 WHERE store = $2", gone, store)


async def set_online(tx: Tx, store: str, *, online: bool, now: str) -> None:
    """Keep whether the store is heard; `since` moves only when that changes."""
    await tx.execute(
        "UPDATE store SET online = $1, since = $2, gone = CASE WHEN $1 = 1 THEN 0 ELSE gone END"
        " WHERE store = $3 AND online <> $1",
        int(online),
        now,
        store,
    )
