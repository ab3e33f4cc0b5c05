"""The room of shoppers with people who stand in for the rest of the store."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_bridge.wire.facts.shoppers import Purpose
from device_profiles.beacons.keys import BeaconKey
from edge_agent.capabilities.shoppers.model import PURPOSES, Enrolment, Night, Policy
from edge_agent.capabilities.shoppers.service import Around, Shoppers
from edge_agent.kernel.clock import Clock, Instant
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, Tx

TEXTS = "2026-11"
CARD = BeaconKey(identity="ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:1:7")
BADGE = "ibeacon:f7826da6-4fa2-4e98-8024-bc5b71e0893e:9:9"
ALL: frozenset[Purpose] = frozenset(PURPOSES)
NIGHT = Night(time(21), time(8), ZoneInfo("Asia/Seoul"))
RULES = Policy(
    store="seongsu-1",
    name={"ko": "성수점", "en": "Seongsu"},
    retention=timedelta(days=730),
    night=NIGHT,
    reserved=frozenset((BADGE,)),
)
RECEIPT_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def enrolment(
    *beacons: BeaconKey, consents: frozenset[Purpose] = ALL, texts: str = TEXTS
) -> Enrolment:
    return Enrolment(beacons or (CARD,), "ko", consents, texts, "desk")


@dataclass
class Radio:
    """The keys that the radio has been given."""

    known: dict[str, BeaconKey] = field(default_factory=dict)

    def enrol(self, beacon: BeaconKey) -> None:
        self.known[beacon.identity] = beacon

    def withdraw(self, identity: str) -> None:
        self.known.pop(identity, None)


@dataclass
class Company:
    """Everybody whom the room talks to, and what they were told."""

    keys: PersonKeys = field(default_factory=PersonKeys)
    radio: Radio = field(default_factory=Radio)
    forgotten: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    admitted: dict[str, str] = field(default_factory=dict)
    traces: list[Callable[[Tx, str], None]] = field(default_factory=list)

    async def mint(self, pseudonym: str) -> str:
        return f"code of {pseudonym}"

    def admit(self, _tx: Tx, guest: str, pseudonym: str, _now: Instant) -> None:
        self.admitted[guest] = pseudonym

    def room(self, storage: Storage, clock: Clock, rules: Policy = RULES) -> Shoppers:
        """The room among this company."""
        around = Around(
            keys=self.keys,
            radio=self.radio,
            mint=self.mint,
            admit=self.admit,
            forget=self.forgotten.append,
            gone=self.gone.append,
            traces=self.traces,
        )
        return Shoppers(storage, clock, rules, around=around, receipt_key=RECEIPT_KEY)


def korean(hour: int, minute: int = 0) -> Instant:
    """That time in Seoul on 22 November 2026."""
    return Instant(datetime(2026, 11, 22, hour, minute, tzinfo=NIGHT.timezone).astimezone(UTC), 0.0)
