"""org.freedesktop.DBus itself: names, match rules (specification 0.43, "Message Bus Messages")."""

from collections.abc import Callable
from typing import Any, Protocol

from simulators.dbus.matching import MatchRule, MatchRuleInvalid
from simulators.dbus.message import Message
from simulators.dbus.signature import WireError

NAME = "org.freedesktop.DBus"
PATH = "/org/freedesktop/DBus"

PRIMARY_OWNER, NAME_EXISTS, ALREADY_OWNER = 1, 3, 4
"""Answers of RequestName; this bus keeps no queue of would-be owners (2)."""
RELEASED, NON_EXISTENT, NOT_OWNER = 1, 2, 3
"""Answers of ReleaseName."""

MAX_RULES = 512
"""Match rules per client, dbus-daemon's default for the system bus; bleak needs 3."""


class Member(Protocol):
    """A connection as the driver sees it."""

    unique: str
    rules: list[MatchRule]


class Names(Protocol):
    """The directory of the bus."""

    def owner(self, name: str) -> str | None:
        """The unique name behind `name`."""
        ...

    def names(self) -> list[str]:
        """Every name on the bus."""
        ...

    def claim(self, name: str, unique: str) -> bool:
        """Give `name` to `unique`; False when somebody else has it."""
        ...

    def release(self, name: str, unique: str) -> bool:
        """Take `name` from `unique`; False when it did not have it."""
        ...


class Driver:
    """Answers the calls that clients make to the bus."""

    def __init__(self, directory: Names) -> None:
        """`directory` is the bus's own."""
        self._directory = directory
        self._methods: dict[str, Callable[..., tuple[Any, ...]]] = {
            "Hello": self._hello,
            "AddMatch": self._add_match,
            "RemoveMatch": self._remove_match,
            "RequestName": self._request_name,
            "ReleaseName": self._release_name,
            "GetNameOwner": self._name_owner,
            "NameHasOwner": self._name_has_owner,
            "ListNames": self._list_names,
        }

    def answer(self, member: Member, call: Message) -> Message:
        """The reply to `call` of `member`."""
        method = self._methods.get(call.member)
        if method is None:
            return call.refusal(f"{NAME}.Error.UnknownMethod", f"the bus has no {call.member}")
        try:
            signature, *values = method(member, *call.arguments)
        except LookupError as err:
            return call.refusal(f"{NAME}.Error.NameHasNoOwner", str(err))
        except MatchRuleInvalid as err:
            return call.refusal(f"{NAME}.Error.MatchRuleInvalid", str(err))
        except (TypeError, WireError) as err:
            return call.refusal(f"{NAME}.Error.InvalidArgs", str(err))
        return call.answer(signature, *values)

    def _hello(self, member: Member) -> tuple[Any, ...]:
        return "s", member.unique

    def _add_match(self, member: Member, text: str) -> tuple[Any, ...]:
        if len(member.rules) >= MAX_RULES:
            reason = f"a client may have {MAX_RULES} match rules"
            raise MatchRuleInvalid(reason)
        member.rules.append(MatchRule.parse(text))
        return ("",)

    def _remove_match(self, member: Member, text: str) -> tuple[Any, ...]:
        rule = MatchRule.parse(text)
        if rule not in member.rules:
            reason = f"no such rule: {text}"
            raise MatchRuleInvalid(reason)
        member.rules.remove(rule)
        return ("",)

    def _request_name(self, member: Member, name: str, _flags: int) -> tuple[Any, ...]:
        if self._directory.owner(name) == member.unique:
            return "u", ALREADY_OWNER
        return "u", PRIMARY_OWNER if self._directory.claim(name, member.unique) else NAME_EXISTS

    def _release_name(self, member: Member, name: str) -> tuple[Any, ...]:
        if self._directory.owner(name) is None:
            return "u", NON_EXISTENT
        return "u", RELEASED if self._directory.release(name, member.unique) else NOT_OWNER

    def _name_owner(self, _member: Member, name: str) -> tuple[Any, ...]:
        owner = self._directory.owner(name)
        if owner is None:
            reason = f"Could not get owner of name '{name}': no such name"
            raise LookupError(reason)
        return "s", owner

    def _name_has_owner(self, _member: Member, name: str) -> tuple[Any, ...]:
        return "b", self._directory.owner(name) is not None

    def _list_names(self, _member: Member) -> tuple[Any, ...]:
        return "as", self._directory.names()
