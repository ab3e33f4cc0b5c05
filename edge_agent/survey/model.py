"""What a survey is made of. Metres from the floor's top left corner, dBm, seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Spot(NamedTuple):
    """A place on the floor."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Area:
    """A zone that is to be told from the others."""

    id: str
    polygon: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Ground:
    """The floor that is surveyed; `receivers` by id, where they hang."""

    width_m: float
    height_m: float
    areas: tuple[Area, ...]
    receivers: Mapping[str, Spot]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A spot at which the beacon was held still.

    Attributes:
        id: counts up over the survey; a spot that was deleted leaves its number unused.
        rssi: what each receiver heard, in dBm, in order; a receiver that heard nothing is absent.
    """

    id: int
    at: Spot
    seconds: float
    rssi: Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a recorded spot can be used.

    Attributes:
        packets: over all receivers.
        deaf: receivers near the spot that heard nothing there.
        good: enough for the map; what is not good is better recorded again.
    """

    packets: int
    deaf: tuple[str, ...]
    good: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a survey still lacks.

    Attributes:
        thin: zones with fewer recorded spots than they need, and how many they lack.
        holes: places in zones that no recorded spot is near.
        unheard: receivers that heard the beacon nowhere.
    """

    thin: Mapping[str, int] = field(default_factory=dict)
    holes: tuple[Spot, ...] = ()
    unheard: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is lacking."""
        return not (self.thin or self.holes or self.unheard)
