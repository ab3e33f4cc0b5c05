"""What databases refuse, by what the hub can do about it."""

from cloud_bridge.hub.errors import HubError


class Unfinished(HubError):
    """It was not done, whatever it was: nothing is wrong with what was given."""


class Unavailable(Unfinished):
    """Locked, full, restarting or out of reach: the same may succeed later."""


class Broken(Unfinished):
    """The file is damaged, or its disk failed: nothing more may be acknowledged from here."""


class Unacceptable(HubError):
    """The database will never take what it was given: a constraint, a NUL, a number too large."""


class Taken(Unacceptable):
    """There is a row of this key already."""


class Collision(Unfinished):
    """Another transaction was in the way; engines run the work again, nobody else sees this."""
