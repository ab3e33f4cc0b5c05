"""What a change of a receiver's hearing means: blind is said, and recovered is said, once each."""

from cloud_bridge.wire.facts.presence import ReceiverBlind, ReceiverRecovered
from edge_agent.capabilities.presence.model import Hearing, ReceiverState
from edge_agent.kernel.facts import Fact


def change(
    before: ReceiverState, receiver: str, hearing: Hearing, reason: str, *, now: float
) -> tuple[ReceiverState, Fact | None]:
    """The receiver's state after it became `hearing`, and what is to be recorded.

    A blind receiver that starts again is still blind until it hears.
    """
    since = before.since if hearing is before.hearing else now
    blind_since = before.blind_since
    fact: Fact | None = None
    if hearing is Hearing.BLIND and blind_since is None:
        blind_since = now
        fact = Fact(f"receivers/{receiver}", ReceiverBlind(receiver=receiver, reason=reason))
    elif hearing is Hearing.HEARING and blind_since is not None:
        recovered = ReceiverRecovered(receiver=receiver, blind_s=round(now - blind_since, 1))
        fact = Fact(f"receivers/{receiver}", recovered)
        blind_since = None
    return ReceiverState(hearing, since, blind_since), fact
