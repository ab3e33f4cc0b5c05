"""The demo left open for visitors: its addresses, its key, its people, the simulator's levers."""

import json
import re
import signal
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from simulators.demo.callers import Caller
from simulators.world.plan import FloorPlan, read_plan
from tests.scenario.conftest import Demo

STOP_WITHIN_S = 10.0
"""Twice what the demo promises for Ctrl-C: whether it keeps that is a scenario test's affair."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the floor.

    Attributes:
        id: in the simulator.
        shopper: the store's pseudonym for them.
        located: whether they agreed to it when they were enrolled.
    """

    id: str
    shopper: str
    located: bool


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A demo that has said where its pages are.

    Attributes:
        directory: where it keeps its settings and state.
        agent, hub, simulator: base addresses, without a slash at the end.
        key: opens console, staff and hub.
    """

    directory: Path
    agent: str
    hub: str
    simulator: str
    key: str
    levers_key: str
    plan: FloorPlan
    people: tuple[Person, ...]

    async def pull(self, lever: str, body: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Pull one of the simulator's levers (`people/p1/phone`); what it answers."""
        async with httpx.AsyncClient(
            base_url=self.simulator, timeout=30, trust_env=False
        ) as client:
            return await Caller.bearer(client, self.levers_key).post(f"/sim/{lever}", body)

    def located(self, number: int) -> Person:
        """One of those who agreed to be located, counted from 0; the demo has at least three."""
        return [person for person in self.people if person.located][number]

    def person(self, id_: str) -> Person:
        """Who has that id in the simulator."""
        return next(person for person in self.people if person.id == id_)

    @property
    def refuser(self) -> Person:
        """Somebody who did not agree to be located: never noticed, whatever they do."""
        return next(person for person in self.people if not person.located)


@contextmanager
def open_store(directory: Path, *, seed: int) -> Iterator[OpenStore]:
    """Start a demo in `directory`; stopped at the end, as Ctrl-C would."""
    demo = Demo(directory, ("--seed", str(seed))).start()
    process = demo.process
    assert process is not None
    try:
        yield _store(directory, _greeting(process))
    finally:
        demo.signal(signal.SIGINT)
        try:
            process.communicate(timeout=STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()  # its children do not outlive it
            process.communicate()


def _greeting(process: subprocess.Popen[str]) -> str:
    """What the demo prints once the store is open; fails with its last words if it never is."""
    assert process.stdout is not None
    printed = ""
    while "Ctrl-C" not in printed:
        line = process.stdout.readline()
        assert line, f"the demo did not open: {printed}{process.communicate()[1]}"
        printed += line
    return printed


def _store(directory: Path, greeting: str) -> OpenStore:
    settings = tomllib.loads((directory / "store.toml").read_text(encoding="utf-8"))
    printed = {
        name: match[1]
        for name in ("Store console", "Hub", "Sign-in key")
        if (match := re.search(rf"^\s*{name}\s+(\S+)", greeting, re.MULTILINE))
    }
    secrets = directory / "state" / "secrets"
    return OpenStore(
        directory=directory,
        agent=printed["Store console"].removesuffix("/console/"),
        hub=printed["Hub"].removesuffix("/"),
        simulator=settings["simulator"]["url"],
        key=printed["Sign-in key"],
        levers_key=(secrets / "simulator.key").read_text(encoding="utf-8").strip(),
        plan=read_plan(settings),
        people=tuple(_people(directory / "sim-actors.jsonl")),
    )


def _people(journal: Path) -> Iterator[Person]:
    for line in journal.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if entry["event"] == "enrolled":
            yield Person(entry["person"], entry["shopper"], entry["location"])
