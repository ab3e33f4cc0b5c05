"""A batch of facts on the wire: a JSON array, zlib above 1 KiB, bounded on both sides."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from cloud_bridge.wire.envelope import UNREADABLE, Event

MOST_FACTS = 500
MOST_WIRE_BYTES = 64 * 1024
MOST_INFLATED_BYTES = 2 * 1024 * 1024
COMPRESS_ABOVE = 1024
ZLIB_MARK = 0x78
"""First byte of a zlib stream with a 32 KiB window; no JSON text starts with it."""


class MalformedBatch(ValueError):
    """The payload is no batch: too large, not zlib, not JSON, or not events."""


@dataclass(frozen=True, slots=True)
class ReceivedFact:
    """A fact as it came in: what this version understands of it, and all of its bytes."""

    event: Event
    raw: bytes


def encode_batch(events: Sequence[Event]) -> bytes:
    """The wire form of `events`.

    Raises:
        MalformedBatch: when they are too many, or too large even compressed.
    """
    if len(events) > MOST_FACTS:
        msg = f"{len(events)} facts in one batch, at most {MOST_FACTS} are allowed"
        raise MalformedBatch(msg)
    plain = msgspec.json.encode(events)
    wire = zlib.compress(plain) if len(plain) > COMPRESS_ABOVE else plain
    if len(wire) > MOST_WIRE_BYTES or len(plain) > MOST_INFLATED_BYTES:
        msg = f"a batch of {len(wire)} bytes ({len(plain)} inflated) exceeds the contract's limits"
        raise MalformedBatch(msg)
    return wire


def first_batch(events: Sequence[Event], most_bytes: int) -> tuple[Sequence[Event], bytes]:
    """The first of `events`, as many as go into `most_bytes` on the wire, and that wire form.

    One at least goes, however large, where the contract takes it.

    Raises:
        MalformedBatch: the first fact alone is too large for the wire.
    """
    part = events[:MOST_FACTS]
    while True:
        try:
            wire = encode_batch(part)
        except MalformedBatch:
            if len(part) == 1:
                raise
            part = part[: len(part) // 2]
            continue
        if len(wire) <= most_bytes or len(part) == 1:
            return part, wire
        part = part[: max(1, len(part) * most_bytes // len(wire))]


def decode_batch(wire: bytes) -> list[ReceivedFact]:
    """The facts of a payload, in order.

    Raises:
        MalformedBatch: when the payload breaks the contract; its text says how.
    """
    try:
        return [ReceivedFact(msgspec.json.decode(raw, type=Event), raw) for raw in elements(wire)]
    except UNREADABLE as err:
        msg = f"not a JSON array of events: {err}"
        raise MalformedBatch(msg) from err


def elements(wire: bytes) -> list[bytes]:
    """The JSON of each fact of a payload, in order, each still to be read.

    Raises:
        MalformedBatch: when the payload is no such array; its text says how.
    """
    if len(wire) > MOST_WIRE_BYTES:
        msg = f"{len(wire)} bytes on the wire, at most {MOST_WIRE_BYTES} are allowed"
        raise MalformedBatch(msg)
    plain = _inflate(wire) if wire[:1] == bytes([ZLIB_MARK]) else wire
    try:
        raws = msgspec.json.decode(plain, type=list[msgspec.Raw])
    except UNREADABLE as err:
        msg = f"not a JSON array of events: {err}"
        raise MalformedBatch(msg) from err
    if len(raws) > MOST_FACTS:
        msg = f"{len(raws)} facts in one batch, at most {MOST_FACTS} are allowed"
        raise MalformedBatch(msg)
    return [bytes(raw) for raw in raws]


def _inflate(wire: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(wire, MOST_INFLATED_BYTES)
    except zlib.error as err:
        msg = f"not a zlib stream: {err}"
        raise MalformedBatch(msg) from err
    if inflater.unconsumed_tail or not inflater.eof:
        msg = f"inflates to more than {MOST_INFLATED_BYTES} bytes, or is cut short"
        raise MalformedBatch(msg)
    return plain
