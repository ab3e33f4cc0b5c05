"""Who may join, and with which beacon. Pure."""

from collections.abc import Collection

from cloud_bridge.wire.facts.shoppers import Enrolled
from edge_agent.capabilities.shoppers.decide.consents import about, agree
from edge_agent.capabilities.shoppers.model import (
    PURPOSES,
    Consent,
    Decision,
    Enrolment,
    Policy,
    Shopper,
)
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused


def enrol(
    enrolment: Enrolment,
    *,
    pseudonym: str,
    key: str,
    taken: Collection[str],
    policy: Policy,
    now: Instant,
) -> Decision:
    """Take a person on as `pseudonym`, with the consents that they gave.

    Args:
        enrolment: what the person says.
        pseudonym: new and random.
        key: id of the key that seals their facts.
        taken: of the beacons' identities, those that somebody has already.
        policy: the store's rules.
        now: when.

    Raises:
        Refused: `beacon_taken`.
    """
    if taken or any(beacon.identity in policy.reserved for beacon in enrolment.beacons):
        raise Refused("beacon_taken", "This beacon belongs to another shopper.")
    shopper = Shopper(
        pseudonym, key, enrolment.language, enrolment.origin, beacons=enrolment.beacons
    )
    joined = Enrolled(shopper=pseudonym, language=enrolment.language, origin=enrolment.origin)
    facts = [about(shopper, joined)]
    for purpose in PURPOSES:
        if purpose in enrolment.consents:
            consent = Consent(
                purpose,
                enrolment.text_version,
                enrolment.language,
                now.wall,
                now.wall + policy.retention,
            )
            given = agree(shopper, consent)
            shopper, facts = given.shopper, [*facts, *given.facts]
    return Decision(shopper, tuple(facts))
