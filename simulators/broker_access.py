"""Who may connect to `store-sim broker`: a file of `user:password` lines, as an amqtt plugin."""

import hmac
from dataclasses import dataclass
from pathlib import Path

from amqtt.contexts import BaseContext  # type: ignore[import-untyped]  # amqtt ships no types
from amqtt.plugins.base import BaseAuthPlugin  # type: ignore[import-untyped]  # as above
from amqtt.session import Session  # type: ignore[import-untyped]  # as above


class PasswordFile(BaseAuthPlugin):  # type: ignore[misc]  # its base is untyped
    """Lets in who knows one line of the file; lines that start with `#` are comments."""

    @dataclass
    class Config:
        """amqtt fills it from the broker's configuration."""

        path: str = ""

    def __init__(self, context: BaseContext) -> None:
        super().__init__(context)
        text = Path(self._get_config_option("path")).read_text(encoding="utf-8")
        lines = (line.strip() for line in text.splitlines())
        pairs = (line.partition(":") for line in lines if line and not line.startswith("#"))
        self._passwords = {user: password for user, _, password in pairs}

    async def authenticate(self, *, session: Session) -> bool:
        """Whether the session's user and password stand in the file."""
        known = self._passwords.get(session.username or "")
        given = session.password or ""
        return known is not None and hmac.compare_digest(known.encode(), given.encode())
