"""What the gateway keeps about settings from the cloud."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which version is where. Written whole, so that a crash leaves the one before or this one.

    Attributes:
        confirmed: holds; 0: the gateway's own file alone.
        previous: held before it.
        trial: the agent runs on it to see whether it holds; 0: none.
        starts: how often the agent has started on the trial.
        seen: the newest that came, whatever became of it.
        given_up: the newest that was tried in vain; `reason` and `detail` say why.
    """

    confirmed: int = 0
    previous: int = 0
    trial: int = 0
    starts: int = 0
    seen: int = 0
    given_up: int = 0
    reason: str = ""
    detail: str = ""

    @property
    def active(self) -> int:
        """What the agent runs on; 0: the gateway's own file alone."""
        return self.trial or self.confirmed


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why settings are never tried (`wire.facts.upkeep.ConfigurationRefused`)."""

    reason: str
    problems: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """Nothing is to be done: this version was taken up before."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Signed, for this store, newer: worth looking whether the agent could run on it."""


Verdict = Refusal | Known | Candidate
