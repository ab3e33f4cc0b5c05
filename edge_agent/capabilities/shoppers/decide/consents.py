"""Agreeing, withdrawing, lapsing, pausing. Pure."""

from dataclasses import replace
from datetime import datetime, time

from cloud_bridge.wire.facts.shoppers import (
    ConsentGiven,
    ConsentLapsed,
    ConsentWithdrawn,
    Paused,
    Purpose,
    Resumed,
)
from edge_agent.capabilities.shoppers.model import Consent, Decision, Night, Shopper
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.facts import Fact, FactData


def agree(shopper: Shopper, consent: Consent) -> Decision:
    """Note a consent; agreeing twice to the same wording changes nothing.

    One to another wording takes the place of the one before.
    """
    before = shopper.consents.get(consent.purpose)
    if before is not None and before.text_version == consent.text_version:
        return Decision(shopper)
    data = ConsentGiven(
        shopper=shopper.id,
        purpose=consent.purpose,
        text_version=consent.text_version,
        language=consent.language,
        given_at=consent.given_at,
        until=consent.until,
        evidence=consent.evidence,
    )
    after = replace(shopper, consents={**shopper.consents, consent.purpose: consent})
    return Decision(after, (about(shopper, data),))


def withdraw(shopper: Shopper, purpose: Purpose) -> Decision:
    """Take consent to `purpose` back; withdrawing twice changes nothing."""
    if purpose not in shopper.consents:
        return Decision(shopper)
    data = ConsentWithdrawn(shopper=shopper.id, purpose=purpose)
    return Decision(_without(shopper, purpose), (about(shopper, data),))


def lapse(shopper: Shopper, now: datetime) -> Decision:
    """End the consents whose retention is over at `now`."""
    over = [consent for consent in shopper.consents.values() if consent.until <= now]
    after, facts = shopper, []
    for consent in over:
        after = _without(after, consent.purpose)
        data = ConsentLapsed(shopper=shopper.id, purpose=consent.purpose, until=consent.until)
        facts.append(about(shopper, data))
    return Decision(after, tuple(facts), "lapsed")


def pause(shopper: Shopper) -> Decision:
    """Stop following them and offering to them; their data stay."""
    if shopper.paused:
        return Decision(shopper)
    fact = about(shopper, Paused(shopper=shopper.id))
    return Decision(replace(shopper, paused=True), (fact,))


def resume(shopper: Shopper) -> Decision:
    """End the pause; what was agreed to before holds again."""
    if not shopper.paused:
        return Decision(shopper)
    fact = about(shopper, Resumed(shopper=shopper.id))
    return Decision(replace(shopper, paused=False), (fact,))


def is_night(night: Night, now: Instant) -> bool:
    """Whether advertising needs its own consent at `now`."""
    at: time = now.wall.astimezone(night.timezone).time()
    if night.start <= night.end:
        return night.start <= at < night.end
    return at >= night.start or at < night.end


def about(shopper: Shopper, data: FactData) -> Fact:
    """A fact about the shopper."""
    return Fact(f"shoppers/{shopper.id}", data)


def _without(shopper: Shopper, purpose: Purpose) -> Shopper:
    left = {key: consent for key, consent in shopper.consents.items() if key != purpose}
    return replace(shopper, consents=left)
