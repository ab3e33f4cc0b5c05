"""What happens in a headless story, a line each, for who waits for its end."""

import time
from collections.abc import Callable, Mapping
from typing import Any

UNTOLD = frozenset({"counted", "console_radio"})
"""Too long for a line."""


class Progress:
    """Tells each event of the actors' journal with the seconds since the store opened."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._opened = time.monotonic()

    def __call__(self, event: str, what: Mapping[str, Any]) -> None:
        """Tell `event`."""
        if event == "opened":
            self._opened = time.monotonic()
        if event in UNTOLD:
            return
        seconds = time.monotonic() - self._opened
        told = " ".join(str(value) for value in what.values() if not isinstance(value, list))
        self._say(f"{seconds:5.1f} s  {event.replace('_', ' ')}  {told}".rstrip())
