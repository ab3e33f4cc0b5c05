"""What becomes of settings from the cloud. Pure."""

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace

from cloud_bridge.wire.streams.config import SignedSettings
from edge_agent.configuration.model import Candidate, Known, Refusal, Standing, Verdict

MOST_STARTS: Final = 3
"""On a trial: one that ends in a power cut or two may still be good, one that the agent does not
survive three times is not."""

MOST_DETAIL: Final = 500
"""Characters: some lines for the console."""


def judge(
    offer: SignedSettings, standing: Standing, *, store: str, key: Ed25519PublicKey | None
) -> Verdict:
    """Whether settings may be tried, before anybody has read them."""
    if key is None:
        return Refusal("no_key")
    try:
        key.verify(offer.signature, offer.signed_bytes)
    except InvalidSignature:
        return Refusal("bad_signature")
    if offer.store != store:
        return Refusal("wrong_store", [f"they are for {offer.store}"])
    if offer.version == standing.seen:
        return Known()
    if offer.version < standing.seen:
        return Refusal("older", [f"version {standing.seen} came before"])
    return Candidate()


def seen(standing: Standing, version: int) -> Standing:
    """A version came and is not tried."""
    return replace(standing, seen=max(standing.seen, version))


def try_out(standing: Standing, version: int) -> Standing:
    """From the next start on the agent runs on this version, on trial."""
    return replace(standing, trial=version, starts=0, seen=version)


def started(standing: Standing) -> Standing:
    """The agent starts; a trial that it did not survive before is given up."""
    if not standing.trial:
        return standing
    if standing.starts >= MOST_STARTS:
        return roll_back(standing, "crashed", f"the agent did not stay up {MOST_STARTS} times")
    return replace(standing, starts=standing.starts + 1)


def confirm(standing: Standing) -> Standing:
    """The trial holds."""
    return replace(
        standing, confirmed=standing.trial, previous=standing.confirmed, trial=0, starts=0
    )


def roll_back(standing: Standing, reason: str, detail: str) -> Standing:
    """Go back from what the agent runs on to what held before."""
    gone = {"reason": reason, "detail": detail[:MOST_DETAIL]}
    if standing.trial:
        return replace(standing, trial=0, starts=0, given_up=standing.trial, **gone)
    return replace(
        standing, confirmed=standing.previous, previous=0, given_up=standing.confirmed, **gone
    )
