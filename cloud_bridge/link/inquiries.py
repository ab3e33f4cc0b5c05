"""When a restored store asks the hub how its orders stand. Pure: time is an argument."""

ASK_AGAIN_S = 5.0
"""First wait for the hub's answer, as long as for a batch's (`uplink.RESEND_S`)."""

LONGEST_WAIT_S = 60.0
"""Cap of the doubling wait. A question about 500 orders takes 7 s of a 5 kB/s line: asked again
every 5 s it would leave no room for anything else."""

MORE_S = 1.0
"""Between an answer and the next question, at least, and as long as the answer took: what the hub's
commands bring meanwhile is asked about together, and a store that still waits for them does not ask
in a circle."""


class Inquiries:
    """One question at a time. A new connection, and a new epoch, start with a new one."""

    def __init__(self) -> None:
        self._next_at: float | None = 0.0
        self._asked_at = 0.0
        self._tries = 0

    def due(self, now: float) -> bool:
        """Whether to look whether something is to be asked."""
        return self._next_at is not None and now >= self._next_at

    def asked(self, now: float) -> None:
        """A question goes out."""
        self._asked_at = now
        self._next_at = now + min(LONGEST_WAIT_S, ASK_AGAIN_S * 2.0 ** min(self._tries, 10))
        self._tries += 1

    def nothing_to_ask(self) -> None:
        """Until the next epoch."""
        self._next_at = None

    def answered(self, now: float) -> None:
        """There may be more to ask."""
        self._next_at = now + max(MORE_S, now - self._asked_at)
        self._tries = 0

    def due_at(self) -> float | None:
        """When to look again; None when there is nothing to ask."""
        return self._next_at
