"""Frames of the KERONG CU16: bytes to meaning and back.

Command ``02, address, command, 03, sum`` and status reply ``02, address, 35, H1, H2, IR1, IR2,
03, sum``: the address is the board in the high and the lock in the low half byte, the sum is the
low byte of the sum of all bytes before it. An unlock has no reply.

Address F is the whole bus, commands 32 and 33 mean all locks: no function here can build them.
"""

from dataclasses import dataclass

STX, ETX = 0x02, 0x03
STATUS, UNLOCK, STATUS_REPLY = 0x30, 0x31, 0x35
BOARDS, LOCKS = 15, 16
REPLY_LENGTH = 9


@dataclass(frozen=True, slots=True)
class StatusReply:
    """What a board says of its sensors, bits as on the wire: bit 0 is lock 1.

    Attributes:
        board: 0 to 14.
        hooks: 16 bits of the hook switches.
        infrared: 16 bits of the occupancy sensors.
    """

    board: int
    hooks: int
    infrared: int


def status_request(board: int) -> bytes:
    """Ask `board` for its sensors; raises ValueError outside 0 to 14."""
    return _command(board, 0, STATUS)


def unlock_request(board: int, lock: int) -> bytes:
    """Pulse `lock`, 1 to 16, of `board`, 0 to 14; raises ValueError outside."""
    if not 1 <= lock <= LOCKS:
        text = f"lock {lock} is not within 1 to {LOCKS}"
        raise ValueError(text)
    return _command(board, lock - 1, UNLOCK)


def parse_status(frame: bytes) -> StatusReply | None:
    """Read one status reply of exactly nine bytes; None when it is not one."""
    if len(frame) != REPLY_LENGTH or frame[-1] != _sum(frame[:-1]):
        return None
    start, board, command, hooks_1, hooks_2, infrared_1, infrared_2, end, _ = frame
    if (start, command, end) != (STX, STATUS_REPLY, ETX) or board & 0x0F or board >> 4 >= BOARDS:
        return None
    return StatusReply(board >> 4, hooks_1 | hooks_2 << 8, infrared_1 | infrared_2 << 8)


def find_status(received: bytes, board: int) -> StatusReply | None:
    """The first status reply of `board` in a stretch of the line.

    Whatever else is there is skipped: our own request from an adapter that echoes, noise, half
    a frame, another board's belated reply.
    """
    for start in range(len(received) - REPLY_LENGTH + 1):
        reply = parse_status(received[start : start + REPLY_LENGTH])
        if reply is not None and reply.board == board:
            return reply
    return None


def _command(board: int, low: int, command: int) -> bytes:
    if not 0 <= board < BOARDS:
        text = f"board {board} is not within 0 to {BOARDS - 1}"
        raise ValueError(text)
    body = bytes((STX, board << 4 | low, command, ETX))
    return body + bytes((_sum(body),))


def _sum(body: bytes) -> int:
    return sum(body) & 0xFF
