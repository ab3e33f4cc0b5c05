"""What the radios hear: JSON lines on standard input, as `store-sim walk` prints them.

Adverts have ``t`` (seconds), ``address``, ``rssi``, ``raw_adv`` (hex) and, in a plan with several
radios, ``receiver``. A line ``{"fault": "<name>"}`` throws a switch while the radio runs.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Fault(StrEnum):
    """What can be wrong with a radio; `NONE` mends it."""

    NONE = "none"
    DISCONNECT = "disconnect"
    """The connection breaks without a goodbye and stays away."""
    HANG = "hang"
    """The connection stands, and nothing comes or is answered."""
    SILENCE = "silence"
    """All is well but that nothing is heard."""
    CLOCK = "clock"
    """Its clock is an hour ahead."""
    SCANNER = "scanner"
    """Its scanner has stopped, and it says so."""
    SECOND_SUBSCRIBER = "second_subscriber"
    """Somebody else was there first."""
    WRONG_KEY = "wrong_key"
    """Its encryption key is another one."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One advert at this radio.

    Attributes:
        at: seconds of the plan's time.
        ad: the AD structures.
    """

    at: float
    address: str
    rssi: int
    ad: bytes


def read_lines(
    lines: Iterable[str], *, receiver: str, complain: Callable[[str], None]
) -> Iterator[Heard | Fault]:
    """What the lines tell the radio `receiver` of the plan; an empty id hears everything.

    A line that is none of these is complained of, with its number, and passed over.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            told = _read(json.loads(line), receiver)
        except json.JSONDecodeError as err:
            complain(f"line {number} is not JSON: {err.msg}")
        except (KeyError, TypeError, ValueError) as err:
            complain(f"line {number} is no advert: {_why(err)}")
        else:
            if told is not None:
                yield told


def _read(line: Any, receiver: str) -> Heard | Fault | None:  # noqa: ANN401 - JSON
    if not isinstance(line, Mapping):
        msg = "it is no object"
        raise TypeError(msg)
    if "fault" in line:
        return Fault(line["fault"])
    if "raw_adv" not in line or receiver not in {"", line.get("receiver", receiver)}:
        return None
    ad, address = bytes.fromhex(line["raw_adv"]), str(line["address"]).upper()
    if len(bytes.fromhex(address.replace(":", ""))) != ADDRESS_LENGTH:
        msg = "its address has not six bytes"
        raise ValueError(msg)
    return Heard(float(line["t"]), address, int(line["rssi"]), ad)


ADDRESS_LENGTH = 6


def _why(error: Exception) -> str:
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)
