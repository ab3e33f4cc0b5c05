"""Reads a survey: what each receiver heard of a beacon held at known points of the floor.

One JSON object a line: ``{"x", "y", "receiver", "rssi": [...]}``, metres and dBm. Values that no
radio can have measured are left out; receivers that the floor no longer has are passed over.
"""

import zlib
from array import array
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
import numpy as np

from device_profiles.receivers.report import WEAKEST_RSSI
from edge_agent.capabilities.presence.decide.estimator import SurveyPoint
from edge_agent.json_lines import opened
from edge_agent.kernel.errors import AisleError

MOST_MISTAKES = 20
"""Named of one file: whoever sees twenty mends the program that wrote them."""

_Coordinate = Annotated[float, msgspec.Meta(ge=-10_000, le=10_000)]


class Line(msgspec.Struct, frozen=True):
    """One line of a survey."""

    x: _Coordinate
    y: _Coordinate
    receiver: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    rssi: list[float]


_LINE = msgspec.json.Decoder(Line)


class BadSurvey(AisleError):
    """The survey cannot be used; `mistakes` are lines, from 1, and what is wrong with them."""

    def __init__(self, file: Path, mistakes: list[tuple[int, str]]) -> None:
        super().__init__("\n".join(f"{file}:{line}: {text}" for line, text in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey of a floor.

    Attributes:
        points: those of the floor's receivers.
        elsewhere: lines by receiver that is not on the floor.
        impossible: values left out.
    """

    points: tuple[SurveyPoint, ...]
    elsewhere: Counter[str]
    impossible: int


def read_survey(file: Path, receivers: Collection[str]) -> Survey:
    """The survey in `file` of the floor's `receivers`.

    Raises:
        BadSurvey: with the first `MOST_MISTAKES` lines that cannot be read, or because nothing in
            it is about these receivers.
    """
    points: list[SurveyPoint] = []
    elsewhere: Counter[str] = Counter()
    impossible = 0
    mistakes: list[tuple[int, str]] = []
    try:
        with opened(file) as lines:
            for number, text in enumerate(lines, 1):
                try:
                    line = _LINE.decode(text)
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as err:
                    mistakes.append((number, f"{err}: record that point again, or delete the line"))
                    if len(mistakes) == MOST_MISTAKES:
                        break
                    continue
                if line.receiver not in receivers:
                    elsewhere[line.receiver] += 1
                    continue
                rssi = _possible(line.rssi)
                impossible += len(line.rssi) - len(rssi)
                points.append(SurveyPoint(line.x, line.y, line.receiver, rssi))
    except (OSError, zlib.error) as err:
        raise BadSurvey(file, [(1, f"cannot be read: {err}")]) from err
    if not points and not mistakes:
        known = ", ".join(sorted(receivers)) or "none"
        mistakes = [(1, f"no line is about a receiver of this floor ({known}): name another file")]
    if mistakes:
        raise BadSurvey(file, mistakes)
    return Survey(tuple(points), elsewhere, impossible)


def _possible(rssi: list[float]) -> "array[int]":
    """What a radio can have measured, whole dBm in a byte each: surveys hold millions."""
    values = np.array(rssi, np.float64)
    measured = values[(values >= WEAKEST_RSSI) & (values <= 0)]
    return array("b", np.rint(measured).astype(np.int8).tobytes())
