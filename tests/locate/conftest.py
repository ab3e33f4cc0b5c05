from pathlib import Path

import pytest

from tests.locate.recordings import SITE, survey_lines, write_gzip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    file = tmp_path / "site.toml"
    file.write_text(SITE, "utf-8")
    return file


@pytest.fixture
def survey(tmp_path: Path) -> Path:
    return write_gzip(tmp_path / "survey.jsonl.gz", survey_lines())
