"""What is made before anything of a demo runs: directory, secrets, story."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulators.demo.directory import HERE, Keys, RunDirectory, prepare
from simulators.demo.ports import Ports
from simulators.demo.sabotage import Sabotage
from simulators.demo.story import Article, Story
from simulators.demo.surveyed import survey
from simulators.demo.telling import articles_of, tell
from simulators.world.plan import load_plan


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line.

    Attributes:
        faults: to begin with, such as ``stalled:ceiling-shoes``.
    """

    headless: bool
    seconds: float
    seed: int
    sabotage: Sabotage | None
    ports: Ports
    directory: Path
    keep: bool
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """Everything that is made before anything runs."""

    options: Options
    run: RunDirectory
    keys: Keys
    story: Story
    articles: tuple[Article, ...]
    consent_text: str
    store: str


def make_ready(options: Options) -> Prepared:
    """Look at the ports, make the directory, draw the story.

    Raises:
        DemoFailure: when a port is taken or the directory is not a demo's.
    """
    options.ports.require_free()
    run, keys = prepare(options.directory, options.ports, keep=options.keep)
    settings = _toml(run.settings)
    material = {**_toml(HERE / "story.toml"), "campaigns": settings["campaigns"]}
    catalogue = _toml(HERE / "catalogue.toml")
    plan = load_plan(run.settings)
    run.survey.write_text(survey(plan, options.seed), encoding="utf-8")
    story = tell(
        plan,
        catalogue,
        material,
        seed=options.seed,
        seconds=options.seconds,
    )
    return Prepared(
        options,
        run,
        keys,
        story,
        articles_of(catalogue),
        material["consent_text"],
        settings["store"]["id"],
    )


def _toml(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))
