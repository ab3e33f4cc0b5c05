"""The server's side of the SASL handshake (specification 0.43, "Authentication Protocol").

Pure: lines in, lines out. EXTERNAL is always believed: whoever can open the socket is the person
who runs the simulator.
"""

from simulators.dbus.signature import WireError

MAX_LINE = 16 * 1024
"""The specification asks for a limit of at least 16 KiB; real lines have 40 bytes."""


class Handshake:
    """One connection before its BEGIN."""

    def __init__(self, guid: str) -> None:
        """`guid` identifies the bus: 32 hex digits."""
        self._guid = guid
        self._greeted = False
        self.finished = False

    def receive(self, data: bytes) -> tuple[bytes, bytes]:
        """Consume whole lines of `data`; returns the answers and the bytes left over.

        After BEGIN `finished` is True and the rest belongs to the first message. Raises
        `WireError` when the peer does not speak the protocol.
        """
        if not self._greeted and data:
            if data[0] != 0:
                text = "the first byte of a connection is zero"
                raise WireError(text)
            self._greeted = True
            data = data[1:]
        answers = b""
        while not self.finished and b"\r\n" in data:
            line, _, data = data.partition(b"\r\n")
            answers += self._answer(line)
        if not self.finished and len(data) > MAX_LINE:
            text = "an authentication line without an end"
            raise WireError(text)
        return answers, data

    def _answer(self, line: bytes) -> bytes:
        match line.split(b" "):
            case [b"BEGIN"]:
                self.finished = True
                return b""
            case [b"AUTH", b"EXTERNAL"]:
                return b"DATA\r\n"
            case [b"AUTH", b"EXTERNAL", _] | [b"DATA", *_]:
                return f"OK {self._guid}\r\n".encode()
            case [b"AUTH", *_] | [b"CANCEL"] | [b"ERROR", *_]:
                return b"REJECTED EXTERNAL\r\n"
            case [b"NEGOTIATE_UNIX_FD"]:
                return b"AGREE_UNIX_FD\r\n"
            case _:
                return b"ERROR\r\n"
