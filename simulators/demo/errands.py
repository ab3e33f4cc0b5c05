"""What a person in the store means to do, step by step. Places are in metres."""

from dataclasses import dataclass

from simulators.world.plan import Point


@dataclass(frozen=True, slots=True)
class Browse:
    """Look at a shelf until the phone shows a coupon of this zone, or patience ends."""

    zone: str
    at: Point
    patience_s: float


@dataclass(frozen=True, slots=True)
class Linger:
    """Stand somewhere for a while."""

    at: Point
    seconds: float


@dataclass(frozen=True, slots=True)
class TryOn:
    """Take articles before a mirror, and leave again."""

    mirror: str
    at: Point
    gtins: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Pay:
    """Go to the till with goods and a coupon, if one was got.

    Attributes:
        cloudless: wait at the till until the page's badge says that the cloud is gone.
    """

    at: Point
    gtins: tuple[str, ...]
    cloudless: bool


@dataclass(frozen=True, slots=True)
class Collect:
    """Collect the own order once the phone says that it is ready.

    Attributes:
        cloudless: set out only when the badge says that the cloud is gone.
        button: say "I'm here" on the phone instead of waiting to be noticed.
    """

    at: Point
    cloudless: bool
    button: bool


@dataclass(frozen=True, slots=True)
class Leave:
    """Walk out."""

    at: Point


Errand = Browse | Linger | TryOn | Pay | Collect | Leave
"""One step of a visit."""
