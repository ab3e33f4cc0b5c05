"""How much was heard and what became of it: numbers by reason and format, never an address."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from edge_agent.radio.strangers import Strangers


class Ignored(NamedTuple):
    """Why a packet led to no sighting.

    Attributes:
        reason: one of few, in words to count by.
        format: the beacon format that it announced; None when it announced none.
    """

    reason: str
    format: str | None = None


@dataclass
class Heard:
    """Counts since the start of the agent, over all receivers.

    Attributes:
        heard: packets of any transmitter, known or not.
        decoded: frames by format; one packet can carry two.
        ignored: packets or reports without a sighting.
        sightings: by receiver, for its rate.
        troubles: by receiver and in few words: what was dated back, dropped, sent by a set clock.
        heard_at: by receiver, monotonic seconds of its last packet.
        strangers: how many transmitters there were that the store does not know.
    """

    heard: int = 0
    decoded: Counter[str] = field(default_factory=Counter)
    ignored: Counter[Ignored] = field(default_factory=Counter)
    sightings: Counter[str] = field(default_factory=Counter)
    troubles: Counter[tuple[str, str]] = field(default_factory=Counter)
    heard_at: dict[str, float] = field(default_factory=dict)
    strangers: Strangers = field(default_factory=Strangers)
