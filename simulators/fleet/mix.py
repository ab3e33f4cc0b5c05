"""What happens in a store: the usual day's facts, each a function of its number alone.

So a store's log takes no memory, however much of it waits: a fact that must be handed over again is
made again, byte for byte.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from cloud_bridge.wire.envelope import Event, Lane, gateway_source
from cloud_bridge.wire.facts import Payload
from cloud_bridge.wire.facts.coupons import Redeemed
from cloud_bridge.wire.facts.mirrors import ItemShown
from cloud_bridge.wire.facts.pickup import Arrived
from cloud_bridge.wire.facts.presence import ZoneCounted
from cloud_bridge.wire.facts.stock import Changed

A_DAY: Final[Mapping[str, int]] = {
    Lane.PICKUP: 720,
    Lane.COUPON: 3_000,
    Lane.STOCK: 12_000,
    Lane.MIRROR: 5_000,
    Lane.PRESENCE: 15_000,
}
"""Facts of one store and day, by lane (`facts/sync.md`, "How much there is")."""

GATEWAY: Final = "gw-1"

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""When the simulated stores opened; the time of a fact follows from its number."""

_GAP: Final = timedelta(seconds=2.4)
"""86,400 seconds over 35,720 facts."""


class Numbered(msgspec.Struct, frozen=True):
    """Which fact: the `number`-th of a lane since the store opened, from 0."""

    store: str
    lane: str
    number: int

    @property
    def time(self) -> datetime:
        """When it happened."""
        return BEGINNING + self.number * _GAP


def event(fact: Numbered, *, epoch: int, sequence: int, boot: str) -> Event:
    """The fact as it goes up."""
    digest = hashlib.sha256(f"{fact.store}/{fact.lane}/{fact.number}".encode()).digest()
    payload = _PAYLOADS[fact.lane](fact, digest)
    return Event(
        id=_uuid7(fact.time, digest),
        source=gateway_source(fact.store, GATEWAY),
        type=payload.TYPE,
        subject=f"simulated/{fact.number}",
        time=fact.time,
        lane=fact.lane,
        epoch=epoch,
        sequence=sequence,
        boot=boot,
        monotonic=fact.number * _GAP.total_seconds(),
        clockquality="synced",
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )


def _uuid7(time: datetime, digest: bytes) -> str:
    """RFC 9562, section 5.7, with a digest where randomness is asked for."""
    milliseconds = int(time.timestamp() * 1000).to_bytes(6)
    whole = bytearray(milliseconds + digest[:10])
    whole[6] = 0x70 | whole[6] & 0x0F
    whole[8] = 0x80 | whole[8] & 0x3F
    text = whole.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _gtin(digest: bytes) -> str:
    return f"88000000{int.from_bytes(digest[:2]) % 10_000:05d}"


def _pickup(fact: Numbered, _digest: bytes) -> Payload:
    return Arrived(order=f"W-{fact.number}", by="button")


def _coupon(fact: Numbered, digest: bytes) -> Payload:
    return Redeemed(
        coupon=digest[:5].hex().upper(),
        campaign="simulated",
        shopper=digest[5:14].hex(),
        till="till-1",
        receipt=f"R-{fact.number}",
        discount=5000,
        currency="KRW",
    )


def _stock(fact: Numbered, digest: bytes) -> Payload:
    return Changed(
        gtin=_gtin(digest),
        on_hand=digest[2],
        reserved=digest[3] % 4,
        delta=-1,
        reason="sale",
        reference=f"R-{fact.number}",
    )


def _mirror(fact: Numbered, digest: bytes) -> Payload:
    return ItemShown(
        mirror=f"fitting-{digest[0] % 4}", session=digest[1:9].hex(), gtin=_gtin(digest)
    )


def _presence(fact: Numbered, digest: bytes) -> Payload:
    return ZoneCounted(
        zone=f"zone-{digest[0] % 8}",
        since=fact.time - timedelta(hours=1),
        until=fact.time,
        shoppers=5 + digest[1] % 40,
        at_least=5,
        unknown_s=0.0,
    )


_PAYLOADS: Final[Mapping[str, Callable[[Numbered, bytes], Payload]]] = {
    Lane.PICKUP: _pickup,
    Lane.COUPON: _coupon,
    Lane.STOCK: _stock,
    Lane.MIRROR: _mirror,
    Lane.PRESENCE: _presence,
}
