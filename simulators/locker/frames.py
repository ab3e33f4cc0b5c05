"""The board's side of the KERONG CU16 protocol, written from the vendor's page.

It shares nothing with the product's codec, so that a mistake in one of the two shows.
"""

from dataclasses import dataclass
from typing import Literal

STX, ETX = 0x02, 0x03
COMMAND_LENGTH = 5
WHOLE_BUS = 0xF
"""The address half byte that every board listens to."""

_COMMANDS: dict[int, Literal["status", "unlock", "unlock_all"]] = {
    0x30: "status",
    0x31: "unlock",
    0x33: "unlock_all",  # here so that a product that ever sends it is seen to open everything
}


@dataclass(frozen=True, slots=True)
class Command:
    """A command as a board hears it; `lock` counts from 0, as on the wire."""

    name: Literal["status", "unlock", "unlock_all"]
    board: int
    lock: int


class Ear:
    """Finds commands in the bytes of the line, whatever stands between them."""

    def __init__(self) -> None:
        self._heard = bytearray()

    def hear(self, octets: bytes) -> list[Command]:
        """Take in bytes in order; returns the commands that they complete."""
        self._heard += octets
        commands = []
        while len(self._heard) >= COMMAND_LENGTH:
            command = _command(self._heard[:COMMAND_LENGTH])
            del self._heard[: COMMAND_LENGTH if command else 1]
            if command:
                commands.append(command)
        return commands


def status_reply(board: int, hooks: list[int], infrared: list[int]) -> bytes:
    """The reply to a status command; both lists hold one bit for each of the 16 locks."""
    frame = bytearray([STX, board * 16, 0x35])
    for bits in (hooks[:8], hooks[8:], infrared[:8], infrared[8:]):
        frame.append(sum(bit * 2**place for place, bit in enumerate(bits)))
    frame.append(ETX)
    frame.append(sum(frame) % 256)
    return bytes(frame)


def _command(frame: bytearray) -> Command | None:
    start, address, code, end, check = frame
    name = _COMMANDS.get(code)
    if start != STX or end != ETX or check != sum(frame[:4]) % 256 or name is None:
        return None
    return Command(name, board=address // 16, lock=address % 16)
