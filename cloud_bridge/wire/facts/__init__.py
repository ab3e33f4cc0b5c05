"""The payload of each fact, one module per family; nothing else defines them.

Each struct names its CloudEvents type and its lane. Within a version a schema only grows.
"""

from typing import ClassVar

import msgspec


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every fact's payload."""

    TYPE: ClassVar[str]
    LANE: ClassVar[str]
