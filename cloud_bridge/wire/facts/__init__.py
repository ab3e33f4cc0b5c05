"""The payload of each fact, one module per family; nothing else defines them.

Each struct names its CloudEvents type and its lane, and which of its fields are about a person:
those travel sealed (`wire.sealing`). Within a version a schema only grows.
"""

from typing import ClassVar

import msgspec


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every fact's payload.

    Attributes:
        PERSON: the field that holds the pseudonym of whom the fact is about; empty when it
            is about nobody.
        PHYSICAL: it tells of what has happened in the world already (a door, a sale, a handover, a
            count), so that a full log cannot refuse it; it may use the log's reserve.
        PERSONAL: further fields that are that person's alone. Without a pseudonym (`PERSON` empty
            or its field None) there is nobody to seal them for, and they stay open.
    """

    TYPE: ClassVar[str]
    LANE: ClassVar[str]
    PHYSICAL: ClassVar[bool] = False
    PERSON: ClassVar[str] = ""
    PERSONAL: ClassVar[tuple[str, ...]] = ()
