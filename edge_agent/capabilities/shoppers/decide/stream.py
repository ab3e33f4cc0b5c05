"""What the retailer's app says of somebody, beside what they said in the store. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from cloud_bridge.wire.facts.shoppers import Enrolled, Purpose
from cloud_bridge.wire.streams import shoppers as wire
from device_profiles.beacons.keys import BeaconKey, key_identity, names_itself
from edge_agent.capabilities.shoppers.decide.consents import about, agree, withdraw
from edge_agent.capabilities.shoppers.model import Consent, Decision, Shopper
from edge_agent.kernel.facts import Fact


def enrol(item: wire.Shopper, key: str, beacons: tuple[BeaconKey, ...], now: datetime) -> Decision:
    """Take on who joined in the app; `key` seals their facts."""
    shopper = Shopper(item.shopper, key, item.language, "cloud", beacons, entry=item.id)
    joined = Enrolled(shopper=shopper.id, language=shopper.language, origin="cloud")
    told = follow(shopper, item, beacons, {}, now)
    return replace(told, facts=(about(shopper, joined), *told.facts))


def follow(
    shopper: Shopper,
    item: wire.Shopper,
    beacons: tuple[BeaconKey, ...],
    last_words: Mapping[Purpose, datetime],
    now: datetime,
) -> Decision:
    """Take over what the app says and the person has not changed since.

    A consent whose retention is over at `now` was never given as far as the store is concerned.

    Args:
        shopper: as the store knows them.
        item: what the app says.
        beacons: those of the item that nobody else has.
        last_words: of each purpose the latest time at which it was agreed to, withdrawn or lapsed,
            as the store knows.
        now: by the wall clock.
    """
    after = replace(
        shopper, language=item.language, beacons=beacons or shopper.beacons, entry=item.id
    )
    facts: list[Fact] = []
    for word in item.consents:
        said_at = word.withdrawn_at or word.given_at
        known = last_words.get(word.purpose)
        over = word.withdrawn_at is None and word.until <= now
        if over or (known is not None and said_at <= known):
            continue
        step = withdraw(after, word.purpose) if word.withdrawn_at else agree(after, _consent(word))
        after, facts = step.shopper, [*facts, *step.facts]
    return Decision(after, tuple(facts))


def beacons_of(item: wire.Shopper) -> tuple[BeaconKey, ...]:
    """The item's beacons by identity, in the words of the radio; what names nothing is left out."""
    found = {beacon.identity: beacon for each in item.beacons for beacon in _beacon(each)}
    return tuple(found[identity] for identity in sorted(found))


def _beacon(told: wire.Beacon) -> Iterator[BeaconKey]:
    if told.irk:
        irk = bytes.fromhex(told.irk)
        yield BeaconKey(identity=key_identity("irk", irk), irk=irk)
    elif told.eid_key:
        key, read_at = bytes.fromhex(told.eid_key), told.clock_read_at
        yield BeaconKey(
            identity=key_identity("eid", key),
            eid_key=key,
            rotation_exponent=told.rotation_exponent,
            clock_offset_s=told.clock_offset_s,
            clock_read_at_s=None if read_at is None else read_at.timestamp(),
        )
    elif names_itself(told.identity):
        yield BeaconKey(identity=told.identity)


def _consent(word: wire.Consent) -> Consent:
    return Consent(
        word.purpose,
        word.text_version,
        word.language,
        word.given_at.astimezone(UTC),
        word.until.astimezone(UTC),
        word.evidence,
    )
