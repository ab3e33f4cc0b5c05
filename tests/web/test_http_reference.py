"""`docs/reference/http.md` lists the routes that there are, and no others."""

import re
from pathlib import Path

from fastapi import FastAPI

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "http.md"
ROW = re.compile(r"^\| `(GET|POST|PUT|DELETE) (/[^`]*)` \|", re.MULTILINE)


def test_the_reference_names_every_route_and_only_those(app: FastAPI) -> None:
    documented = {(verb, path) for verb, path in ROW.findall(PAGE.read_text("utf-8"))}
    served = {
        (verb.upper(), path) for path, verbs in app.openapi()["paths"].items() for verb in verbs
    }
    assert documented == served
