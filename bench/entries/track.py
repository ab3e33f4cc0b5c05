"""Sightings per second and core from the radio's callback to the zone facts in the log.

The mix of a full store (`bench.mix`) at one go. What counts is CPU time, all threads together: a
disk that is waited for costs nobody else anything, and a shared machine's other work does not show.
"""

import sys
from contextlib import ExitStack
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
    """Each share beside every peer, all in turn."""
    mix = str(mix_file())
    with ExitStack() as stack:

        def loaded(worker: str, python: Path) -> Worker:
            working_one = stack.enter_context(working(Contender(worker, python)))
            working_one.ask(load={"mix": mix})
            return working_one

        ours = loaded("aisle_track", Path(sys.executable))
        workers = {name: loaded(name, peers_python()) for name in {peer.worker for peer in PEERS}}
        found = rates(
            [
                *(partial(_run, ours, share=share) for share in SHARES.values()),
                *(partial(_run, workers[peer.worker], how=peer.how) for peer in PEERS),
            ],
            effort.runs,
        )
    mine, others = found[: len(SHARES)], found[len(SHARES) :]
    return [
        figure(what, version_of(peer.package), (rate, other), unit="sightings/s", note=peer.note)
        for peer, other in zip(PEERS, others, strict=True)
        for what, rate in zip(SHARES, mine, strict=True)
    ]


def _run(worker: Worker, **request: Any) -> Done:  # noqa: ANN401 - JSON
    done: Done = worker.ask(run=request)
    return done
