"""Which crash points lie on the way of what, and in which program."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

AGENT_FLOWS: Final[Mapping[str, Sequence[str]]] = {
    "epoch": (
        "link.hello.before",
        "log.renumber.before",
        "log.renumber.after",
        "link.heard.before",
        "link.heard.after",
    ),
    "up": (
        "storage.group.begun",
        "storage.unit.done",
        "storage.commit.before",
        "storage.group.committed",
        "storage.untold",
        "storage.group.reported",
        "dispatcher.batch.before",
        "dispatcher.batch.after",
        "link.batch.before",
        "link.batch.after",
        "mqtt.publish.before",
        "mqtt.publish.after",
        "log.acknowledge.before",
        "log.acknowledge.after",
    ),
    "down": (
        "inbox.command.before",
        "inbox.command.undone",
        "inbox.command.after",
        "inbox.delta.before",
        "inbox.delta.undone",
        "inbox.delta.after",
    ),
}
"""Points of the agent, by what travels."""

HUB_FLOWS: Final[Mapping[str, Sequence[str]]] = {
    "epoch": ("hub.hello.before", "hub.hello.after", "hub.hello.answered"),
    "up": (
        "hub.ingest.before",
        "hub.ingest.after",
        "hub.facts.committed",
        "hub.answer.before",
        "hub.answer.after",
        "hub.message.acknowledged",
    ),
    "down": (
        "hub.command.before",
        "hub.command.after",
        "hub.stream.before",
        "hub.stream.after",
        "hub.lease.before",
        "hub.lease.after",
        "hub.say.before",
        "hub.say.after",
        "hub.told.before",
        "hub.told.after",
    ),
}
"""Points of the hub."""

Crash = tuple[str, str]
"""A program's name and a point."""


def singles() -> list[Crash]:
    """Every point once."""
    return [crash for flow in ("epoch", "up", "down") for crash in crashes(flow)]


def crashes(flow: str) -> list[Crash]:
    """The points of one flow, the agent's first."""
    agent = [("agent", point) for point in AGENT_FLOWS[flow]]
    return [*agent, *(("hub", point) for point in HUB_FLOWS[flow])]


def pairs(flow: str) -> Iterator[tuple[Crash, Crash]]:
    """Each two points of one flow."""
    return combinations(crashes(flow), 2)
