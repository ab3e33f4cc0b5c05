"""Random and mutated adverts through the radio's ear: nothing may raise, nothing may grow."""

import json
from collections import Counter
from random import Random
from time import process_time
from typing import Any

from bench.harness import ROOT
from bench.store import SetClock, callback
from bench.workers.heard import Record
from bench.workers.memory import resident_mib
from bench.workers.stdio import serve
from device_profiles.beacons.keys import BeaconKey
from edge_agent.radio.audience import Audience
from edge_agent.radio.counters import Heard
from edge_agent.radio.identities import Identities
from edge_agent.radio.packets import PacketEar
from simulators.world.chance import seeded

VECTORS = ROOT / "tests/data/ble_vectors/adverts.jsonl"
WARM = 200_000
"""Adverts until every table is as full as it gets (4,096 transmitters); growth counts after."""

PER_SECOND = 5_000.0
COMPANIES = (0x004C, 0x0118, 0x0075, 0x0059)
SERVICES = ("0000feaa-0000-1000-8000-00805f9b34fb", "0000fcd2-0000-1000-8000-00805f9b34fb")
LONGEST = 31

Parts = tuple[dict[int, bytes], dict[str, bytes]]


def corpus() -> list[Parts]:
    """The vectors' parts, to be mutated."""
    lines = map(json.loads, VECTORS.read_text(encoding="utf-8").splitlines())
    return [
        (
            {
                int(key): bytes.fromhex(raw)
                for key, raw in (line.get("manufacturer_data") or {}).items()
            },
            {key: bytes.fromhex(raw) for key, raw in (line.get("service_data") or {}).items()},
        )
        for line in lines
        if line.get("manufacturer_data") or line.get("service_data")
    ]


def mutated(data: bytes, random: Random) -> bytes:
    """One of: a bit turned, cut, lengthened, a byte replaced, a piece doubled."""
    if not data:
        return random.randbytes(random.randrange(LONGEST))
    at = random.randrange(len(data))
    match random.randrange(5):
        case 0:
            return data[:at] + bytes((data[at] ^ 1 << random.randrange(8),)) + data[at + 1 :]
        case 1:
            return data[:at]
        case 2:
            return data + random.randbytes(random.randrange(1, LONGEST))
        case 3:
            return data[:at] + random.randbytes(1) + data[at + 1 :]
        case _:
            return data[:at] + data[at:] * 2


def advert(known: list[Parts], random: Random) -> Parts:
    """Half of them mutated vectors, half random bytes under ids that beacons use."""
    if random.random() < 0.5:  # noqa: PLR2004 - half
        manufacturer, service = random.choice(known)
        return (
            {key: mutated(data, random) for key, data in manufacturer.items()},
            {key: mutated(data, random) for key, data in service.items()},
        )
    data = random.randbytes(random.randrange(LONGEST))
    if random.random() < 0.5:  # noqa: PLR2004 - half
        return {random.choice(COMPANIES): data}, {}
    return {}, {random.choice(SERVICES): data}


def run(request: dict[str, Any]) -> dict[str, Any]:
    """Feed `adverts`; exceptions by type, growth in MiB after the first `WARM`."""
    random, known = seeded("fuzz", request["seed"]), corpus()
    clock, counters = SetClock(), Heard()
    identities = Identities()
    identities.enrol(BeaconKey(identity="eid:fuzz", eid_key=bytes(16)))
    identities.enrol(BeaconKey(identity="irk:fuzz", irk=bytes(16)))
    audience = Audience(
        clock=clock,
        heard=lambda _: None,
        health_changed=lambda _: None,
        counters=counters,
        identities=identities,
    )
    ear = PacketEar("fuzz", audience, lambda _: None)
    raised: Counter[str] = Counter()
    before = 0.0
    began = process_time()
    for number in range(request["adverts"]):
        if number == WARM:
            before = resident_mib()
        clock.set(number / PER_SECOND)
        address = f"C0:00:00:00:{random.randrange(256):02X}:{random.randrange(256):02X}"
        record = Record(0.0, "fuzz", address, random.randrange(-128, 21), *advert(known, random))
        try:
            ear(*callback(record))
        except Exception as err:  # noqa: BLE001 - what this run looks for
            raised[f"{type(err).__name__}: {err}"] += 1
    return {
        "done": request["adverts"],
        "seconds": process_time() - began,
        "raised": dict(raised.most_common(20)),
        "growth_mib": resident_mib() - before,
        "decoded": sum(counters.decoded.values()),
        "ignored": sum(counters.ignored.values()),
    }


serve(lambda _: None, run)
