"""Nouns of gateways."""

from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

CLAIM_LASTS: Final = timedelta(hours=24)
"""From the desk to the store, by somebody who drives there tomorrow morning."""

LONGEST_CLAIM: Final = timedelta(days=7)
"""A claim that waits longer lies about in mails."""

State = Literal["claimed", "active", "expired", "revoked"]


class Gateway(msgspec.Struct, frozen=True, kw_only=True):
    """A gateway, for the pages and for the broker's rules.

    Attributes:
        state: ``claimed`` before its first certificate; ``expired`` may still renew.
        claim_until: while a claim of it waits to be spent.
        serial: of its newest certificate, hex.
        until: when that certificate ends.
    """

    gateway: str
    store: str
    state: State
    claim_until: datetime | None = None
    serial: str | None = None
    issued_at: datetime | None = None
    until: datetime | None = None
    revoked_at: datetime | None = None
    reason: str | None = None

    @property
    def may_connect(self) -> bool:
        """Whether the broker is to know it, already before its first certificate."""
        return self.state != "revoked"


def state_of(*, revoked: bool, until: datetime | None, now: datetime) -> State:
    """The one word for a gateway, of whether it is revoked and when its certificate ends."""
    if revoked:
        return "revoked"
    if until is None:
        return "claimed"
    return "active" if now < until else "expired"
