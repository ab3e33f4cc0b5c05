"""The agent's root error: everything the agent raises on purpose descends from it."""


class AisleError(Exception):
    """Something that the agent foresaw; its text says what is wrong and what to do."""


class Refused(AisleError):
    """A person's or a device's request that the store does not grant.

    Attributes:
        code: stable, machine-readable reason (``already_collected``).
        status: the HTTP status that fits.
        retry_after_s: when asking again may help; None where that is not known.
    """

    def __init__(
        self, code: str, text: str, *, status: int = 409, retry_after_s: int | None = None
    ) -> None:
        super().__init__(text)
        self.code = code
        self.status = status
        self.retry_after_s = retry_after_s
