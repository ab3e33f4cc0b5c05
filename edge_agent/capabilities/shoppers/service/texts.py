"""The words that people agree to: files of the package, one per version, never altered."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from cloud_bridge.wire.facts.shoppers import Purpose
from edge_agent.capabilities.shoppers.model import PURPOSES, Policy
from edge_agent.kernel.errors import Refused

_FOLDER: Final = files("edge_agent.capabilities.shoppers") / "texts"


@dataclass(frozen=True, slots=True)
class Wording:
    """One text in one language; `summary` is for the tick box, `text` is what is agreed to."""

    title: str
    summary: str
    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What a person is asked today.

    Attributes:
        version: what a consent to these words records.
        purposes: wordings by purpose and language.
    """

    version: str
    purposes: Mapping[Purpose, Mapping[str, Wording]]

    def check(self, version: str) -> None:
        """Whether these are the words that somebody says they have read.

        Raises:
            Refused: `text_outdated`.
        """
        if version != self.version:
            text = f"These are not the store's present texts ({self.version}): read them again."
            raise Refused("text_outdated", text)


def versions() -> list[str]:
    """Every version, oldest first."""
    return sorted(
        file.name.removesuffix(".toml") for file in _FOLDER.iterdir() if file.name.endswith(".toml")
    )


def present_texts(policy: Policy) -> Texts:
    """The newest version, with the store's own name and times in it."""
    version = versions()[-1]
    content = tomllib.loads((_FOLDER / f"{version}.toml").read_text("utf-8"))
    return Texts(
        version,
        {
            purpose: {
                language: _filled(words, policy, language)
                for language, words in content[purpose].items()
            }
            for purpose in PURPOSES
        },
    )


def _filled(words: Mapping[str, str], policy: Policy, language: str) -> Wording:
    own = {
        "store": policy.name.get(language, policy.store),
        "days": policy.retention.days,
        "from": policy.night.start.strftime("%H:%M"),
        "until": policy.night.end.strftime("%H:%M"),
    }
    return Wording(*(words[part].strip().format(**own) for part in ("title", "summary", "text")))
