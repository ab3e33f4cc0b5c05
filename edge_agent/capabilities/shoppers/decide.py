"""Who may join, and what a change of mind changes. Pure."""

from dataclasses import replace

from cloud_bridge.wire.facts.shoppers import ConsentGiven, ConsentWithdrawn, Enrolled, Purpose
from edge_agent.capabilities.shoppers.model import PURPOSES, Decision, Enrolment, Shopper
from edge_agent.kernel.errors import Refused
from edge_agent.kernel.facts import Fact


def enrol(enrolment: Enrolment, *, pseudonym: str, owner: str | None) -> Decision:
    """Take a person on as `pseudonym`, with the consents given at the desk.

    Args:
        enrolment: what the person says.
        pseudonym: new and random.
        owner: the pseudonym that has this beacon already, if one has.

    Raises:
        Refused: `beacon_taken`.
    """
    if owner is not None:
        raise Refused("beacon_taken", "This beacon belongs to another shopper.")
    shopper = Shopper(
        pseudonym, enrolment.beacon, enrolment.language, enrolment.text_version, frozenset()
    )
    facts = [
        Fact(_subject(shopper), Enrolled(shopper=shopper.id, language=shopper.language)),
    ]
    for purpose in PURPOSES:
        if purpose in enrolment.consents:
            given = agree(shopper, purpose)
            shopper, facts = given.shopper, [*facts, *given.facts]
    return Decision(shopper, tuple(facts))


def agree(shopper: Shopper, purpose: Purpose) -> Decision:
    """Note consent to `purpose`; agreeing twice changes nothing."""
    if purpose in shopper.consents:
        return Decision(shopper, ())
    data = ConsentGiven(
        shopper=shopper.id,
        purpose=purpose,
        text_version=shopper.text_version,
        language=shopper.language,
    )
    after = replace(shopper, consents=shopper.consents | {purpose})
    return Decision(after, (Fact(_subject(shopper), data),))


def withdraw(shopper: Shopper, purpose: Purpose) -> Decision:
    """Take consent to `purpose` back; withdrawing twice changes nothing."""
    if purpose not in shopper.consents:
        return Decision(shopper, ())
    after = replace(shopper, consents=shopper.consents - {purpose})
    data = ConsentWithdrawn(shopper=shopper.id, purpose=purpose)
    return Decision(after, (Fact(_subject(shopper), data),))


def _subject(shopper: Shopper) -> str:
    return f"shoppers/{shopper.id}"
