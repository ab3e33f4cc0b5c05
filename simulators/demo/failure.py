"""What ends a demo: said in one line, with what to do."""


class DemoFailure(Exception):
    """The demo cannot go on; the text is for the person who started it."""
