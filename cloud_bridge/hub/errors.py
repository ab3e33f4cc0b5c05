"""What the hub raises on purpose."""


class HubError(Exception):
    """Something that the hub foresaw; its text says what is wrong and what to do."""


class BadSettings(HubError):
    """The settings cannot be used; names file, key and remedy."""


class Refused(HubError):
    """A request that the hub does not grant.

    Attributes:
        code: stable, machine-readable.
        status: the HTTP status that fits.
    """

    def __init__(self, code: str, text: str, *, status: int = 409) -> None:
        super().__init__(text)
        self.code = code
        self.status = status
