"""People are refused in their own language."""

import re
from pathlib import Path

import pytest

from edge_agent.capabilities.pickup.machine import SENTENCES
from edge_agent.kernel.errors import Refused
from edge_agent.web.words import in_words, language_of

AGENT = Path(__file__).parents[2] / "edge_agent"
LITERAL = re.compile(r"(?:Refused|refusal)\(\s*\"([a-z_]+)\"")
NEVER_TOLD = {"unasked"}
"""A door's own movement; no person asked for it."""


def codes() -> set[str]:
    literal = {
        code for file in AGENT.rglob("*.py") for code in LITERAL.findall(file.read_text("utf-8"))
    }
    return (literal | SENTENCES.keys()) - NEVER_TOLD


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_refusal_has_its_korean_sentence(code: str) -> None:
    english = "In English."
    assert in_words(Refused(code, english), "ko") != english
    assert in_words(Refused(code, english), "en") == english


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("en-GB,en;q=0.9,ko;q=0.8", "en"),
        ("fr-FR,ko;q=0.5", "ko"),
        ("fr-FR", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_better_of_ours_for_the_browser(header: str, language: str) -> None:
    assert language_of(header) == language
