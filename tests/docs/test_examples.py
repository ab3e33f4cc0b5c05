"""The examples in the documentation do what it says they do.

A block of language ``console`` holds commands (``$ …``) and what they print; ``…`` stands for
anything. They run from the root of the checkout.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Example(NamedTuple):
    """A command, and what it is said to print."""

    page: str
    command: str
    output: str


def examples() -> Iterator[Example]:
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for block in BLOCK.findall(page.read_text("utf-8")):
            for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                command, _, output = step.partition("\n")
                yield Example(str(page.relative_to(ROOT)), command, output.strip())


EXAMPLES = list(examples())


def test_there_are_examples_to_run() -> None:
    assert {example.page for example in EXAMPLES} >= {"docs/reference/programs.md"}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one.page}: {one.command}")
def test_an_example_prints_what_the_page_says(example: Example) -> None:
    programs = str(Path(sys.executable).parent)
    ran = subprocess.run(
        ["/bin/sh", "-c", example.command],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    printed = (ran.stdout + ran.stderr).strip()
    expected = ".*".join(map(re.escape, example.output.split("…")))
    assert re.fullmatch(expected, printed, re.DOTALL), printed
