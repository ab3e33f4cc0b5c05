"""Sightings per second and core from the radio's callback to the zone facts in the log.

The mix of a full store (`bench.mix`) at one go. What counts is CPU time, all threads together: a
disk that is waited for costs nobody else anything, and a shared machine's other work does not show.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.harness import Contender, Done, Effort, Figure, Worker, figure, rates, working
from bench.mix import mix_file
from bench.peers import peers_python, version_of

TITLE: Final = "Ingest to track"

SHARES: Final = {"all enrolled": 1, "a third enrolled": 3}
"""One in so many of the transmitters that can be somebody's is."""


class Peer(NamedTuple):
    """A library on the mix: the package, its worker, what to ask it, and what it then does."""

    package: str
    worker: str
    how: str
    note: str


PEERS: Final = (
    Peer("bthome-ble", "bthome_mix", "decode", "each advert decoded, as one of its own format"),
    Peer("bthome-ble", "bthome_mix", "repeats", "the same, repeated bytes passed over"),
    Peer("habluetooth", "habluetooth_mix", "", "its manager: ownership by source, no decoding"),
    Peer("TheengsDecoder", "theengs_mix", "", "JSON to JSON"),
)


def measure(effort: Effort) -> list[Figure]:
    """Each share beside every peer."""
    mix = str(mix_file())
    with working(Contender("aisle_track", Path(sys.executable))) as ours:
        ours.ask(load={"mix": mix})
        return [line for peer in PEERS for line in _beside(ours, peer, mix, effort.runs)]


def _beside(ours: Worker, peer: Peer, mix: str, runs: int) -> list[Figure]:
    with working(Contender(peer.worker, peers_python())) as theirs:
        theirs.ask(load={"mix": mix})
        contenders: list[Callable[[], Done]] = [
            partial(_run, ours, share=share) for share in SHARES.values()
        ]
        *mine, other = rates([*contenders, partial(_run, theirs, how=peer.how)], runs)
    return [
        figure(what, version_of(peer.package), (rate, other), unit="sightings/s", note=peer.note)
        for what, rate in zip(SHARES, mine, strict=True)
    ]


def _run(worker: Worker, **request: Any) -> Done:  # noqa: ANN401 - JSON
    done: Done = worker.ask(run=request)
    return done
