"""Every fact of the wire has its sentence on the pages, in both languages."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

from cloud_bridge.wire import facts
from cloud_bridge.wire.facts import Payload

PAGES = Path(__file__).parents[2] / "web" / "src"


def _types() -> Iterator[str]:
    for module in pkgutil.iter_modules(facts.__path__, f"{facts.__name__}."):
        for kind in vars(importlib.import_module(module.name)).values():
            if isinstance(kind, type) and issubclass(kind, Payload) and hasattr(kind, "TYPE"):
                yield kind.TYPE


def test_each_fact_has_a_sentence_for_people() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in PAGES.glob("facts*.ts"))
    told = set(re.findall(r'^  "(store\.[a-z_.]+\.v\d+)":', source, re.MULTILINE))
    assert told == set(_types())
