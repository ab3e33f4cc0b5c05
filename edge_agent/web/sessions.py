"""Sign-in keys, sessions and one-time join codes. Tokens are opaque; only hashes are stored."""

import hashlib
import hmac
import math
import secrets
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import msgspec

from edge_agent.kernel.clock import Clock, Instant
from edge_agent.kernel.errors import Refused
from edge_agent.settings import Access
from edge_agent.storage import Storage, Tx
from edge_agent.storage.reads import Reads

LIFETIME = {
    "staff": timedelta(hours=12),  # a shift
    "shopper": timedelta(days=90),  # between two visits of a regular
    "guest": timedelta(minutes=30),  # to read three texts and find the card
    "device": timedelta(days=365),  # a screen on a wall is paired once a year
}
JOIN_CODE_LIFETIME = timedelta(minutes=10)
"""Long enough to take out a phone and scan; short enough that a photographed code is dead."""

MOST_FAILURES, WITHIN_S = 10, 60.0
"""Sign-in failures before everybody waits: a clerk mistypes twice, a guesser does not get far."""

MOST_PEERS = 1000
"""Addresses whose failures are remembered; a store's network has fewer, the oldest is let go."""

JoinRole = Literal["shopper", "device", "guest"]
"""A guest was invited to join and has no pseudonym yet."""


Known = Callable[[Reads, str], bool]
"""Whether somebody goes by a pseudonym."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is asking.

    Attributes:
        subject: a shopper's pseudonym, a screen's id, or the name of the first role.
        holder: tells sessions apart without giving the token away.
        ends_in_s: until the session's end; infinite for an API key.
    """

    roles: frozenset[str]
    subject: str
    holder: bytes
    ends_in_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Joined:
    """What a join code bought."""

    token: str
    role: JoinRole
    subject: str


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _micros(now: Instant) -> int:
    return int(now.wall.timestamp() * 1_000_000)


def _expiry(now: Instant, lifetime: timedelta) -> int:
    return _micros(now) + int(lifetime.total_seconds() * 1_000_000)


class Sessions:
    """Keeps who may come in. Look-ups go to the database; nothing is cached."""

    def __init__(self, storage: Storage, clock: Clock, access: Sequence[Access]) -> None:
        """Reads the key files.

        Raises:
            OSError: when one cannot be read; `edge-agent check` says so beforehand.
        """
        self._storage = storage
        self._clock = clock
        self._keys = [
            (_hash(one.key_file.read_text("utf-8").strip()), frozenset(one.roles)) for one in access
        ]
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def roles_of_key(self, key: str) -> frozenset[str]:
        """What a sign-in or API key opens; empty when it is none."""
        digest = _hash(key)
        roles: frozenset[str] = frozenset()
        for known, opens in self._keys:
            if hmac.compare_digest(known, digest):
                roles |= opens
        return roles

    def session_of_key(self, key: str) -> Session | None:
        """The session that an API key stands for; None when it is none."""
        roles = self.roles_of_key(key)
        return Session(roles, min(roles), _hash(key)) if roles else None

    async def sign_in(self, key: str, *, peer: str) -> str:
        """A token for the roles of `key`.

        Args:
            key: what was typed.
            peer: the address it came from; who guesses locks out only themselves.

        Raises:
            Refused: `key_unknown`; after too many of these within a minute `too_many_attempts`,
                whatever the key.
        """
        at = self._clock.now().monotonic
        failures = self._failures.get(peer, deque(maxlen=MOST_FAILURES))
        if len(failures) == MOST_FAILURES and at - failures[0] < WITHIN_S:
            raise Refused("too_many_attempts", "Wait a minute, then try again.", status=429)
        roles = self.roles_of_key(key) & {"console", "staff"}
        if not roles:
            failures.append(at)
            self._failures[peer] = failures
            self._failures.move_to_end(peer)
            if len(self._failures) > MOST_PEERS:
                self._failures.popitem(last=False)
            raise Refused("key_unknown", "This key opens nothing here.", status=401)
        return await self._open(roles, min(roles), LIFETIME["staff"])

    async def join(self, code: str) -> Joined:
        """Trade a one-time code for a token.

        Raises:
            Refused: `code_unknown`, also for a code that was used or is too old.
        """
        now = self._clock.now()

        def redeem(tx: Tx) -> Joined:
            row = tx.execute(
                "DELETE FROM join_code WHERE code_hash = ? RETURNING role, subject, expires_at",
                (_hash(code.strip().upper()),),
            ).fetchone()
            if row is None or row["expires_at"] < _micros(now):
                raise Refused("code_unknown", "This code was used or is too old.", status=404)
            token = secrets.token_urlsafe(32)
            role: JoinRole = row["role"]
            _insert(tx, token, {role}, row["subject"], _expiry(now, LIFETIME[role]))
            return Joined(token, role, row["subject"])

        return await self._storage.run(redeem)

    async def mint(
        self, role: JoinRole, subject: str, *, known: Known | None = None
    ) -> tuple[str, Instant]:
        """A one-time code for `subject`, and until when it can be used.

        Raises:
            Refused: `shopper_unknown`, for who is not `known` in the transaction that keeps it.
        """
        code, now = secrets.token_hex(5).upper(), self._clock.now()

        def keep(tx: Tx) -> None:
            if known is not None and not known(tx, subject):
                raise Refused("shopper_unknown", "Nobody has joined by this name.", status=404)
            tx.execute("DELETE FROM join_code WHERE expires_at < ?", (_micros(now),))
            tx.execute(
                "INSERT INTO join_code VALUES (?, ?, ?, ?)",
                (_hash(code), role, subject, _expiry(now, JOIN_CODE_LIFETIME)),
            )

        await self._storage.run(keep)
        return code, now.plus(JOIN_CODE_LIFETIME.total_seconds())

    async def session(self, token: str) -> Session | None:
        """Whose token this is; None when it is nobody's, or no more."""
        now, holder = _micros(self._clock.now()), _hash(token)
        rows = await self._storage.read(
            "SELECT roles, subject, expires_at FROM session"
            " WHERE token_hash = ? AND expires_at > ?",
            (holder, now),
        )
        if not rows:
            return None
        roles = msgspec.json.decode(rows[0]["roles"], type=list[str])
        ends_in_s = (rows[0]["expires_at"] - now) / 1_000_000
        return Session(frozenset(roles), rows[0]["subject"], holder, ends_in_s)

    async def sign_out(self, holder: bytes) -> None:
        """Forget a session; one that is gone already is no error."""

        def forget(tx: Tx) -> None:
            tx.execute("DELETE FROM session WHERE token_hash = ?", (holder,))

        await self._storage.run(forget)

    async def _open(self, roles: Iterable[str], subject: str, lifetime: timedelta) -> str:
        token, now = secrets.token_urlsafe(32), self._clock.now()

        def keep(tx: Tx) -> None:
            tx.execute("DELETE FROM session WHERE expires_at < ?", (_micros(now),))
            _insert(tx, token, roles, subject, _expiry(now, lifetime))

        await self._storage.run(keep)
        return token


def admit(tx: Tx, guest: str, pseudonym: str, now: Instant) -> None:
    """Make the session of `guest` that of the shopper `pseudonym`; the token stays."""
    tx.execute(
        "UPDATE session SET roles = '[\"shopper\"]', subject = ?, expires_at = ? WHERE subject = ?",
        (pseudonym, _expiry(now, LIFETIME["shopper"]), guest),
    )


def forget_subject(tx: Tx, subject: str) -> None:
    """End every session of `subject`, and every code that would begin one."""
    tx.execute("DELETE FROM session WHERE subject = ?", (subject,))
    tx.execute("DELETE FROM join_code WHERE subject = ?", (subject,))


def _insert(tx: Tx, token: str, roles: Iterable[str], subject: str, expires_at: int) -> None:
    encoded = msgspec.json.encode(sorted(roles)).decode()
    tx.execute(
        "INSERT INTO session VALUES (?, ?, ?, ?)", (_hash(token), encoded, subject, expires_at)
    )
