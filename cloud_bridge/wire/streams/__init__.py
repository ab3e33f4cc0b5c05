"""What comes down: the items of each state stream, and the commands. Nothing else defines them."""

from datetime import datetime
from typing import Annotated

import msgspec

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its offset; a time without one could be any of 24 hours and is refused."""
