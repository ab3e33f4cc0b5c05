"""Type signatures: where one complete type ends (specification 0.43, "Type System")."""

from functools import lru_cache

MAX_DEPTH = 64
"""The specification allows 32 arrays within 32 structs; deeper is an attack or a defect."""

SIGNATURE_CACHE = 256
"""Signatures remembered; org.bluez and the bus driver use about 40, a hostile peer any number."""

_CODES = frozenset("ybnqiuxtdsoghav(")
"""What a complete type may begin with; a dict entry only stands in an array."""


class WireError(Exception):
    """Bytes that are no D-Bus message, or a value that its signature does not allow."""


@lru_cache(maxsize=SIGNATURE_CACHE)
def split(signature: str) -> tuple[str, ...]:
    """The complete types of `signature`, in order; raises `WireError` when it has another form."""
    types = []
    at = 0
    while at < len(signature):
        end = _end_of_type(signature, at, 0)
        types.append(signature[at:end])
        at = end
    return tuple(types)


def _end_of_type(signature: str, at: int, depth: int) -> int:
    """The index behind the complete type that begins at `at`."""
    if depth > MAX_DEPTH or at >= len(signature):
        text = f"no complete type in the signature {signature!r}"
        raise WireError(text)
    code = signature[at]
    if code == "a":
        if signature[at + 1 : at + 2] == "{":
            return _end_of_group(signature, at + 1, depth + 1)
        return _end_of_type(signature, at + 1, depth + 1)
    if code == "(":
        return _end_of_group(signature, at, depth + 1)
    if code == "{" or code not in _CODES:
        text = f"no type begins with {code!r} in the signature {signature!r}"
        raise WireError(text)
    return at + 1


def _end_of_group(signature: str, at: int, depth: int) -> int:
    """The index behind the struct or dict entry whose bracket opens at `at`."""
    entry = signature[at] == "{"
    close = "}" if entry else ")"
    end = at + 1
    members = 0
    while signature[end : end + 1] != close:
        end = _end_of_type(signature, end, depth)
        members += 1
    if members == 0 or (entry and (members != 2 or signature[at + 1] in "av(")):  # noqa: PLR2004 - a key and a value
        text = f"a malformed group in the signature {signature!r}"
        raise WireError(text)
    return end + 1
