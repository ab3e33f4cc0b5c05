"""The people of a story: names, beacon cards, consents, pace. Drawn from the seed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from uuid import UUID

from simulators.world.crowd import random_address
from simulators.world.payloads import Card

CHAIN = UUID("6f2a7c1e-7a0b-4c55-9d0e-3b1f6a52c0de")
"""The UUID that all cards of the demo's chain share, as a real chain's do."""

COLOURS = ("#e4572e", "#17bebb", "#7768ae", "#f2a541", "#2e86ab", "#76b041", "#c1549c", "#8d6a4f")
"""To tell people apart on the floor plan."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who comes to the store.

    Attributes:
        id: in the simulator; the store knows a pseudonym.
        name: by language code.
        location, advertising: what they agree to at the desk.
        pace: m/s.
    """

    id: str
    name: Mapping[str, str]
    language: str
    colour: str
    card: Card
    address: str
    location: bool
    advertising: bool
    pace: float

    @property
    def full_name(self) -> str:
        """For whoever reads one language only: as a retailer's customer file has it."""
        return f"{self.name['ko']} ({self.name['en']})"


def draw_guests(
    names: Sequence[Mapping[str, str]], random: Random, *, consenting: int, refusing: int
) -> tuple[list[Guest], list[Guest]]:
    """People who agree to everything, and people who let nobody locate them.

    Raises:
        ValueError: when there are not enough names.
    """
    chosen = random.sample(list(names), consenting + refusing)
    minors = random.sample(range(1, 0xFFFF), len(chosen))
    guests = [
        Guest(
            id=f"p{number}",
            name=name,
            language=random.choice(("ko", "ko", "en")),
            colour=COLOURS[(number - 1) % len(COLOURS)],
            card=Card(CHAIN, 1, minor),
            address=random_address(random),
            location=number <= consenting,
            advertising=True,
            pace=round(random.uniform(1.1, 1.5), 2),
        )
        for number, (name, minor) in enumerate(zip(chosen, minors, strict=True), start=1)
    ]
    return guests[:consenting], guests[consenting:]
