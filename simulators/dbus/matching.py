"""Match rules: which signals a client asked for (specification 0.43, "Match Rules")."""

import re
from dataclasses import dataclass, field

from simulators.dbus.message import Kind, Message
from simulators.dbus.signature import WireError

_PAIR = re.compile(r"\s*([a-z_]+\d{0,2}(?:path|namespace)?)=(?:'([^']*)'|([^',]*))\s*(?:,|$)")
_ARGUMENT = re.compile(r"arg(\d{1,2})(path|namespace)?")
_HEADER_KEYS = frozenset({"interface", "member", "path", "destination"})
_KINDS = {
    "method_call": Kind.CALL,
    "method_return": Kind.RETURN,
    "error": Kind.ERROR,
    "signal": Kind.SIGNAL,
}


class MatchRuleInvalid(Exception):
    """A rule that this bus cannot keep; its text says which part."""


@dataclass(frozen=True)
class MatchRule:
    """A conjunction of conditions.

    Attributes:
        sender: any name of the sender; who has that name is for the bus to check.
        headers: (attribute of `Message`, value) pairs that must be equal.
        arguments: (index, "" | "path" | "namespace", value) conditions on string arguments.
    """

    text: str = field(compare=False)
    kind: Kind | None = None
    sender: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    path_namespace: str = ""
    arguments: tuple[tuple[int, str, str], ...] = ()

    @classmethod
    def parse(cls, text: str) -> "MatchRule":
        """The rule in `text`, such as ``type='signal',path_namespace='/org/bluez'``."""
        kind, sender, headers, path_namespace, arguments = None, "", [], "", []
        for key, value in _pairs(text):
            if key == "type" and value in _KINDS:
                kind = _KINDS[value]
            elif key == "sender":
                sender = value
            elif key in _HEADER_KEYS:
                headers.append((key, value))
            elif key == "path_namespace":
                path_namespace = value
            elif found := _ARGUMENT.fullmatch(key):
                arguments.append((int(found[1]), found[2] or "", value))
            else:
                reason = f"the condition {key}='{value}' is not known"
                raise MatchRuleInvalid(reason)
        return cls(
            text, kind, sender, tuple(sorted(headers)), path_namespace, tuple(sorted(arguments))
        )

    def matches(self, message: Message) -> bool:
        """Whether `message` fulfils every condition but that on its sender."""
        if self.kind is not None and message.kind is not self.kind:
            return False
        if any(getattr(message, name) != value for name, value in self.headers):
            return False
        if self.path_namespace and not _within(message.path, self.path_namespace, "/"):
            return False
        return all(_argument_fits(message, *condition) for condition in self.arguments)


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = []
    at = 0
    while at < len(text):
        found = _PAIR.match(text, at)
        if found is None:
            reason = f"no condition at character {at} of {text!r}"
            raise MatchRuleInvalid(reason)
        pairs.append((found[1], found[2] or found[3] or ""))
        at = found.end()
    return pairs


def _within(name: str, namespace: str, separator: str) -> bool:
    return name == namespace or name.startswith(namespace.rstrip(separator) + separator)


def _argument_fits(message: Message, index: int, form: str, wanted: str) -> bool:
    try:
        given = message.arguments[index]
    except (IndexError, WireError):
        return False
    if not isinstance(given, str):
        return False
    if form == "namespace":
        return _within(given, wanted, ".")
    if form == "path":
        return _paths_meet(given, wanted)
    return given == wanted


def _paths_meet(given: str, wanted: str) -> bool:
    """Equal, or the one ends in a slash and begins the other."""
    return (
        given == wanted
        or (wanted.endswith("/") and given.startswith(wanted))
        or (given.endswith("/") and wanted.startswith(given))
    )
