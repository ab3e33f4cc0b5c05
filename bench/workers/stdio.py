"""The worker's side of the harness: one JSON request per line in, one answer per line out."""

import json
import logging
import sys
from collections.abc import Callable
from itertools import cycle, islice
from time import perf_counter
from typing import Any

CALLS_PER_LOOK = 50
"""Calls between looks at the clock: the look costs a hundredth of the fastest fifty."""


def serve(load: Callable[[Any], Any], run: Callable[[Any], Any]) -> None:
    """Answer ``{"load": ...}`` and ``{"run": ...}`` until the input ends."""
    logging.disable(logging.CRITICAL)  # a peer that logs every advert would be measured by its log
    answers, sys.stdout = sys.stdout, sys.stderr  # what is printed is no answer
    for line in sys.stdin:
        request = json.loads(line)
        answer = load(request["load"]) if "load" in request else run(request["run"])
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def repeat(calls: list[Callable[[], object]], seconds: float) -> dict[str, float]:
    """Call `calls` in turn, round and round, for `seconds`; how many calls in how long."""
    done = 0
    turns = cycle(calls)
    started = perf_counter()
    while (elapsed := perf_counter() - started) < seconds:
        for call in islice(turns, CALLS_PER_LOOK):
            call()
        done += CALLS_PER_LOOK
    return {"done": done, "seconds": elapsed}


def serve_decoder(prepare: Callable[[dict[str, Any]], Callable[[], object] | None]) -> None:
    """Serve a decoder.

    Args:
        prepare: one advertisement (`tests/data/ble_vectors`, its parts) to a call that decodes
            it, everything but the decoding done beforehand; None for what it does not know.
    """
    calls: list[Callable[[], object]] = []

    def load(adverts: list[dict[str, Any]]) -> list[int]:
        prepared = [prepare(advert) for advert in adverts]
        calls[:] = [call for call in prepared if call]
        return [place for place, call in enumerate(prepared) if call]

    serve(load, lambda seconds: repeat(calls, seconds))
