"""Advertisements decoded per second, beside the libraries that decode the same formats.

Each peer gets the advertisements that it knows, and we the same ones; every payload as if it had
not been seen before. Ours is advertisement to frames and identity.
"""

import csv
import gzip
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.harness import ROOT, Contender, Effort, Figure, Worker, figure, rates, working
from bench.peers import peers_python, version_of

TITLE: Final = "Advertisements decoded"

SECONDS: Final = 0.5
"""Length of one run: tens of passes over the corpus for us, and four lines of five runs stay
below a minute."""

VECTORS: Final = ROOT / "tests/data/ble_vectors/adverts.jsonl"
MALL: Final = ROOT.parent / "shared/data/ble_mall/site1_beacons.csv.gz"
MALL_SIGHTINGS: Final = 2000

Advertisement = dict[str, Any]


class Peer(NamedTuple):
    """A library: its name on PyPI, and the worker that speaks for it."""

    package: str
    worker: str


IBEACON_BLE: Final = Peer("ibeacon-ble", "ibeacon_ble")
BTHOME_BLE: Final = Peer("bthome-ble", "bthome_ble")
THEENGS: Final = Peer("TheengsDecoder", "theengs")


def measure(effort: Effort) -> list[Figure]:
    """One line per peer."""
    ibeacons = [*vectors("ibeacon"), *mall()]
    sensors = vectors("bthome_v2")
    plain = [advert for advert in sensors if not advert["bindkey"]]
    sealed = [advert for advert in sensors if advert["bindkey"]]
    with working(Contender("aisle_adverts", Path(sys.executable))) as ours:
        return [
            beside(ours, IBEACON_BLE, "iBeacon", ibeacons, runs=effort.runs),
            beside(ours, BTHOME_BLE, "BTHome v2, plain", plain, runs=effort.runs),
            beside(ours, BTHOME_BLE, "BTHome v2, encrypted", sealed, runs=effort.runs),
            beside(ours, THEENGS, "iBeacon", ibeacons, runs=effort.runs),
        ]


def beside(
    ours: Worker, peer: Peer, what: str, adverts: list[Advertisement], *, runs: int
) -> Figure:
    """Ours and one peer on the advertisements of `adverts` that the peer decodes."""
    with working(Contender(peer.worker, peers_python())) as theirs:
        known = theirs.ask(load=adverts)
        ours.ask(load=[adverts[place] for place in known])
        our_rates, their_rates = rates(
            [lambda: ours.ask(run=SECONDS), lambda: theirs.ask(run=SECONDS)], runs
        )
    note = f"{len(known)} of {len(adverts)} payloads"
    return figure(
        what,
        version_of(peer.package),
        (our_rates, their_rates),
        unit="adverts/s",
        note=note,
    )


def vectors(format: str) -> list[Advertisement]:  # noqa: A002 - the vectors' own word
    """The project's vectors of one format, their parts."""
    lines = map(json.loads, VECTORS.read_text().splitlines())
    return [
        {
            "manufacturer_data": line.get("manufacturer_data", {}),
            "service_data": line.get("service_data", {}),
            "address": line.get("address", "54:48:E6:8F:80:A5"),
            "bindkey": line.get("bindkey"),
            "name": "",
        }
        for line in lines
        if line["format"] == format
    ]


def mall() -> Iterator[Advertisement]:
    """The iBeacons that a phone heard in a mall; nothing where the data does not lie beside us."""
    if not MALL.exists():
        return
    with gzip.open(MALL, "rt") as file:
        for row in islice(csv.DictReader(file), MALL_SIGHTINGS):
            numbers = int(row["major"]).to_bytes(2) + int(row["minor"]).to_bytes(2)
            power = int(row["tx_power"]).to_bytes(1, signed=True)
            payload = "0215" + row["uuid"].replace("-", "") + (numbers + power).hex()
            yield {
                "manufacturer_data": {"76": payload},
                "service_data": {},
                "address": row["mac"],
                "bindkey": None,
                "name": "",
            }
