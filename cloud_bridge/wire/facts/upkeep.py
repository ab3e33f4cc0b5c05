"""What happened to the gateway itself: its database, its settings."""

from typing import ClassVar, Literal

from cloud_bridge.wire.envelope import Lane
from cloud_bridge.wire.facts import Payload

RestoredFrom = Literal["backup", "copied", "recovered", "granted"]
"""Why a database is not the one that the hub has followed: restored from a backup; copied here by
hand; recovered after corruption; or the hub found that it is not, and granted a new epoch."""


class UpkeepPayload(Payload, frozen=True, kw_only=True):
    """Base: kept with what must never be lost."""

    LANE: ClassVar[str] = Lane.RECORD


class DatabaseRestored(UpkeepPayload, frozen=True, kw_only=True):
    """The store runs on a database that may be behind the world; it hands nothing over yet."""

    TYPE: ClassVar[str] = "store.database.restored.v1"
    reason: RestoredFrom


class HandoverResumed(UpkeepPayload, frozen=True, kw_only=True):
    """A restored store hands over again.

    Attributes:
        by: the hub has told how the open orders stand, or a technician took it upon themselves.
        name, reason: of the technician; empty otherwise.
    """

    TYPE: ClassVar[str] = "store.handover.resumed.v1"
    by: Literal["hub", "technician"]
    name: str = ""
    reason: str = ""


class EffectDropped(UpkeepPayload, frozen=True, kw_only=True):
    """Somebody gave up the effect of a fact that a flow had refused.

    Attributes:
        fact: its id.
        flow: what will not happen.
        reason: why the flow refused.
    """

    TYPE: ClassVar[str] = "store.fact.effect_dropped.v1"
    fact: str
    flow: str
    reason: str


class OrderSettled(Payload, frozen=True, kw_only=True):
    """An order that a restored database held open had ended, as the hub knows; it ends here too.

    Attributes:
        state: how the hub knows it: ``collected``, ``cancelled`` or ``rejected``.
        was: the state in which the restored database had it.
    """

    TYPE: ClassVar[str] = "store.order.settled.v1"
    LANE: ClassVar[str] = Lane.PICKUP
    order: str
    state: str
    was: str


class ConfigurationPayload(UpkeepPayload, frozen=True, kw_only=True):
    """Base: settings from the cloud, of this version."""

    version: int


class ConfigurationTried(ConfigurationPayload, frozen=True, kw_only=True):
    """The agent runs on them since now; they hold when the hub has acknowledged this fact."""

    TYPE: ClassVar[str] = "store.configuration.tried.v1"


class ConfigurationApplied(ConfigurationPayload, frozen=True, kw_only=True):
    """They hold."""

    TYPE: ClassVar[str] = "store.configuration.applied.v1"


class ConfigurationRefused(ConfigurationPayload, frozen=True, kw_only=True):
    """They were never used.

    Attributes:
        reason: ``bad_signature``, ``wrong_store``, ``older``, ``protected`` or ``invalid``; or
            ``no_key`` where the gateway was given none.
        problems: each mistake, in words; at most 20.
    """

    TYPE: ClassVar[str] = "store.configuration.refused.v1"
    reason: str
    problems: list[str]


class ConfigurationRolledBack(ConfigurationPayload, frozen=True, kw_only=True):
    """They were tried and given up.

    Attributes:
        to: the version that holds again; 0 for the gateway's own file alone.
        reason: ``unhealthy`` (no acknowledgement in time), ``crashed`` (the agent did not stay up)
            or ``invalid`` (the file cannot be used after all).
        detail: in words.
    """

    TYPE: ClassVar[str] = "store.configuration.rolled_back.v1"
    to: int
    reason: str
    detail: str
