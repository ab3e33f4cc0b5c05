"""Who may use the survey's page: one phone at a time, by a code shown in the terminal.

As for every page (docs/decisions/0004-join-codes.md) the code travels in the URL's fragment,
which browsers do not send, and is traded once for a token. Nothing of it is written to disk.
"""

import hmac
import secrets

from fastapi import Request

from edge_agent.kernel.errors import Refused

CODE_BYTES = 5
"""40 random bits."""

MOST_FAILURES = 20
"""Wrong codes and tokens until the door stays shut; by guessing, one chance in 50 billion."""


class Door:
    """The survey's one session.

    Attributes:
        code: for the phone that is to come in.
    """

    def __init__(self) -> None:
        self.code = secrets.token_hex(CODE_BYTES)
        self._token: str | None = None
        self._failures = 0

    def join(self, code: str) -> str:
        """Trade the code for a token; a second phone needs a new start of the program.

        Raises:
            Refused: `code_unknown`, `too_many_attempts`.
        """
        self._not_shut()
        if self._token is not None or not hmac.compare_digest(code.encode(), self.code.encode()):
            self._failures += 1
            raise Refused("code_unknown", "This code was used already, or is wrong.", status=401)
        self._token = secrets.token_urlsafe(24)
        return self._token

    async def enter(self, request: Request) -> None:
        """Let the session's requests pass; a dependency.

        Raises:
            Refused: `not_signed_in`, `too_many_attempts`.
        """
        self._not_shut()
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = self._token or ""
        if (
            scheme.lower() == "bearer"
            and known
            and hmac.compare_digest(token.strip().encode(), known.encode())
        ):
            return
        self._failures += 1
        raise Refused("not_signed_in", "Scan the code in the terminal first.", status=401)

    def _not_shut(self) -> None:
        if self._failures >= MOST_FAILURES:
            text = "Too many wrong codes: start the program again."
            raise Refused("too_many_attempts", text, status=429)
