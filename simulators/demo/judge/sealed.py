"""What the store sealed, opened with the hub's keys: written anew from the contract."""

import json
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Event = Mapping[str, Any]


def opened(event: Event, keys: Mapping[str, bytes]) -> Event:
    """`event` with its personal fields among the others; as it is where no key opens it."""
    sealed = event["data"].get("sealed")
    if sealed is None or sealed["key"] not in keys:
        return event
    try:
        text = AESGCM(keys[sealed["key"]]).decrypt(
            b64decode(sealed["nonce"]), b64decode(sealed["text"]), event["id"].encode()
        )
    except InvalidTag:
        return event
    fields = {name: value for name, value in event["data"].items() if name != "sealed"}
    return {**event, "data": fields | json.loads(text)}
