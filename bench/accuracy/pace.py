"""`python -m bench.accuracy.pace`: what a track's tick costs, many at once and one alone."""

import math
import random
import time
from typing import Final

import typer

from edge_agent.capabilities.presence.decide.estimator import TICK_S, Estimator
from edge_agent.capabilities.presence.model import Floor, Receiver, Zone

WIDE_M, HIGH_M = 24.0, 14.0
RECEIVERS: Final = 8
BATCHES: Final = (1, 8, 64, 700)
TICKS: Final = 12


def pace() -> None:
    """Microseconds of CPU time per track and tick, and per sighting."""
    estimator = Estimator(_floor())
    typer.echo(f"{RECEIVERS} receivers, {len(estimator.cells)} cells")
    for batch in BATCHES:
        stepped, heard = _measure(estimator, batch)
        typer.echo(f"{batch:4} at once: {stepped:6.1f} us per tick, {heard:4.2f} us per sighting")


def _measure(estimator: Estimator, batch: int) -> tuple[float, float]:
    rng = random.Random(1)  # noqa: S311 - a load, no secret
    tracks = [estimator.track() for _ in range(batch)]
    stepped, heard = math.inf, math.inf
    for tick in range(1, TICKS + 1):
        levels = [rng.uniform(-90, -50) for _ in range(RECEIVERS)]
        begun = time.process_time()
        for track in tracks:
            for receiver, level in enumerate(levels):
                track.hear(f"r{receiver}", level, tick * TICK_S)
        between = time.process_time()
        estimator.step(tracks, tick * TICK_S)
        heard = min(heard, (between - begun) / batch / RECEIVERS)
        if tick > 1:  # a track's clock starts with its first sighting
            stepped = min(stepped, (time.process_time() - between) / batch)
    for track in tracks:
        estimator.release(track)
    return 1e6 * stepped, 1e6 * heard


def _floor() -> Floor:
    zones = (
        Zone(f"z{n}", ((4.0 * n, 0), (4.0 * n + 3, 0), (4.0 * n + 3, 9), (4.0 * n, 9)), 5.0)
        for n in range(6)
    )
    receivers = (Receiver(f"r{n}", (3.0 * n, 7.0 * (n % 2))) for n in range(RECEIVERS))
    return Floor(WIDE_M, HIGH_M, tuple(zones), tuple(receivers))


if __name__ == "__main__":
    typer.run(pace)
