"""Who may: keys from files, sessions as opaque tokens, and a brake on guessing.

Keys are long and random, so their SHA-256 is compared (in constant time); a slow password hash
would protect nothing here and cost 25 ms a request.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from pathlib import Path

from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.errors import HubError, Refused

SHORTEST_KEY = 16
"""Characters: 96 bits of base64, past guessing at any rate that the brake lets through."""

SESSION_LASTS = timedelta(hours=12)
"""A working day and its overtime."""

ATTEMPTS = 10
"""Sign-ins per address and minute: a person who mistypes needs three, a guesser billions."""

ADDRESSES = 1000
"""Addresses remembered for the brake; beyond, the one longest silent is forgotten."""

_MINUTE = timedelta(minutes=1)


def read_text(path: Path) -> str:
    """The secret in a file, without surrounding space.

    Raises:
        HubError: not readable.
    """
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError) as err:
        msg = f"cannot read the key file {path}: {err}; make one with `cloud-hub key {path}`"
        raise HubError(msg) from err


def read_key(path: Path) -> str:
    """The key in a file.

    Raises:
        HubError: not readable, or shorter than `SHORTEST_KEY`.
    """
    key = read_text(path)
    if len(key) < SHORTEST_KEY:
        msg = f"the key in {path} has under {SHORTEST_KEY} characters; use `cloud-hub key {path}`"
        raise HubError(msg)
    return key


def write_key(path: Path) -> None:
    """Make a new key in a new file that only its owner reads.

    Raises:
        HubError: there is a file already, or it cannot be written.
    """
    try:
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
    except FileExistsError as err:
        msg = f"{path} exists already; remove it first if its key is to be replaced"
        raise HubError(msg) from err
    except OSError as err:
        msg = f"cannot write {path}: {err}"
        raise HubError(msg) from err


class Keys:
    """The operators' sign-in key and the key of programs."""

    def __init__(self, *, operator: str, api: str) -> None:
        self._operator, self._api = _digest(operator), _digest(api)

    def is_operator(self, key: str) -> bool:
        """Whether `key` signs in."""
        return hmac.compare_digest(self._operator, _digest(key))

    def is_api(self, key: str) -> bool:
        """Whether `key` is a program's."""
        return hmac.compare_digest(self._api, _digest(key))

    @property
    def group(self) -> str:
        """Under which this hub's workers share what stores send; no gateway can work it out.

        After another key for programs, workers of both share nothing, and what each takes twice
        counts once.
        """
        return f"hub-{hmac.new(self._api, b'shared subscription', hashlib.sha256).hexdigest()[:32]}"


class Brake:
    """Counts attempts per address in a window of a minute."""

    def __init__(self, most: int = ATTEMPTS) -> None:
        self._most = most
        self._seen: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def attempt(self, address: str, now: datetime) -> None:
        """Count one.

        Raises:
            Refused: ``too_many_attempts``.
        """
        since, count = self._seen.pop(address, (now, 0))
        if now - since >= _MINUTE:
            since, count = now, 0
        self._seen[address] = (since, count + 1)
        if len(self._seen) > ADDRESSES:
            self._seen.popitem(last=False)
        if count >= self._most:
            code, text = "too_many_attempts", "too many attempts from your address; wait a minute"
            raise Refused(code, text, status=429)


async def open_session(tx: Tx, now: datetime) -> str:
    """A new session's token; the database keeps only its hash."""
    token = secrets.token_urlsafe(32)
    await tx.execute("DELETE FROM session WHERE expires < $1", stamp(now))
    await tx.execute(
        "INSERT INTO session VALUES ($1, 'operator', $2)", _hash(token), stamp(now + SESSION_LASTS)
    )
    return token


async def session_role(tx: Tx, token: str, now: datetime) -> str | None:
    """The role of the session that `token` names, while it lasts."""
    row = await tx.row(
        "SELECT role FROM session WHERE token_hash = $1 AND expires > $2", _hash(token), stamp(now)
    )
    return row["role"] if row else None


async def close_session(tx: Tx, token: str) -> None:
    """End the session that `token` names, if there is one."""
    await tx.execute("DELETE FROM session WHERE token_hash = $1", _hash(token))


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
