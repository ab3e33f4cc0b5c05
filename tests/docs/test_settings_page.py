"""The settings page says what the code reads."""

from tests.docs.settings_page import PAGE, render


def test_the_settings_page_is_drawn_from_the_classes_as_they_are() -> None:
    remedy = "run `python -m tests.docs.settings_page`"
    assert PAGE.read_text("utf-8") == render(), remedy
