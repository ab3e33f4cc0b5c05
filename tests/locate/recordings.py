"""A room with four receivers and two zones, and recordings of beacons in it."""

import gzip
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import Any

Line = dict[str, Any]

SITE = """
[store]
name = "a room"

[[receivers]]
id = "a"
x = 0.5
y = 0.5
z = 2.5

[[receivers]]
id = "b"
x = 11.5
y = 0.5
z = 2.5

[[receivers]]
id = "c"
x = 0.5
y = 7.5
z = 2.5

[[receivers]]
id = "d"
x = 11.5
y = 7.5
z = 2.5

[[zones]]
id = "left"
name = "left"
polygon = [[0, 0], [6, 0], [6, 8], [0, 8]]

[[zones]]
id = "right"
name = "right"
polygon = [[6, 0], [12, 0], [12, 8], [6, 8]]
"""
RECEIVERS = {"a": (0.5, 0.5), "b": (11.5, 0.5), "c": (0.5, 7.5), "d": (11.5, 7.5)}
LEFT, RIGHT = (2.5, 4.0), (9.5, 4.0)


def rssi(receiver: str, place: tuple[float, float], noise: float = 0.0) -> int:
    """What a receiver hears of a beacon of -59 dBm at 1 m that stands at `place`."""
    metres = math.hypot(math.dist(RECEIVERS[receiver], place), 1.5)
    return round(-59 - 24 * math.log10(metres) + noise)


def standing(
    place: tuple[float, float],
    seconds: float,
    *,
    start: float = 0.0,
    beacon: str = "tag",
    seed: int = 1,
) -> Iterator[Line]:
    """Four packets a second, each heard by all."""
    random = Random(seed)  # noqa: S311 - the noise of a test
    for packet in range(round(seconds * 4)):
        for receiver in RECEIVERS:
            heard = rssi(receiver, place, random.gauss(0, 2))
            at = start + packet / 4
            yield {"t": at, "receiver": receiver, "beacon": beacon, "rssi": heard}


def text(lines: Iterable[Line]) -> bytes:
    """As JSON lines."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def survey_lines() -> Iterator[Line]:
    """Half a minute on each point of a 2 m grid."""
    for x in range(1, 12, 2):
        for y in range(1, 8, 2):
            for receiver in RECEIVERS:
                heard = [rssi(receiver, (x, y), (n % 3) - 1) for n in range(60)]
                yield {"x": x, "y": y, "receiver": receiver, "rssi": heard}


def write_gzip(file: Path, lines: Iterable[Line]) -> Path:
    """Write JSON lines, compressed."""
    file.write_bytes(gzip.compress(text(lines), mtime=0))
    return file


def write_example(folder: Path) -> None:
    """The room of docs/how-to/replay-a-site.md: a walk with its truth, receiver b 8 dB deaf."""
    (folder / "site.toml").write_text(SITE.lstrip(), "utf-8")
    lines = [*standing(LEFT, 30), *standing(RIGHT, 30, start=30, seed=2)]
    for line in lines:
        line["rssi"] -= 8 * (line["receiver"] == "b")
    write_gzip(folder / "walk.sightings.jsonl.gz", lines)
    truth = [{"t": t, "x": (LEFT if t < 30 else RIGHT)[0], "y": 4.0} for t in range(2, 59)]
    write_gzip(folder / "walk.truth.jsonl.gz", truth)


if __name__ == "__main__":
    write_example(Path(__file__).parents[1] / "data" / "room")
