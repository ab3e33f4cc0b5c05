"""docs/reliability.md says what was measured."""

import datetime as dt

from tests.faults.results import Result
from tests.faults.rows import ROWS
from tests.faults.table import NOT_RUN, PAGE, filled, page

RESULTS = {
    "nth": Result("nth", dt.date(2026, 11, 23), 7, "tests/x.py::y", {"runs": 12_345, "share": 2.5})
}


def test_the_page_holds_the_figures_of_the_results_that_are_kept() -> None:
    """`python -m tests.faults.table` brings it up to date."""
    text = PAGE.read_text(encoding="utf-8")
    assert page(ROWS, text) == text


def test_figures_stand_where_a_sentence_names_them() -> None:
    assert filled("{nth.runs} runs, {nth.share} %", RESULTS) == "12,345 runs, 2.5 %"


def test_a_sentence_without_all_its_figures_says_that_it_was_not_run() -> None:
    assert filled("{nth.runs} runs, {nth.lost} lost", RESULTS) == NOT_RUN
    assert filled("{week.rss} MB", RESULTS) == NOT_RUN
