"""What the sensors of a bank said last, and what of it is news. Pure."""

from collections.abc import Iterable

from device_profiles.lockers.board import BoardStatus
from edge_agent.devices.messages import CompartmentState, Door

MISSES = 3
"""Readings in a row that a board may miss before its doors count as unknown: one is noise on a
line beside lock coils, three in a row are not."""


class Readings:
    """All compartments of a bank, numbered from 1 through all boards."""

    def __init__(self, boards: int, locks: int) -> None:
        self._locks = locks
        self._missed = dict.fromkeys(range(boards), MISSES)
        self._states = {
            number: CompartmentState(number, Door.UNKNOWN, None)
            for number in range(1, boards * locks + 1)
        }

    def __len__(self) -> int:
        return len(self._states)

    def __contains__(self, compartment: int) -> bool:
        return compartment in self._states

    def all(self) -> Iterable[CompartmentState]:
        """Every compartment as it was read last."""
        return tuple(self._states.values())

    def of(self, compartment: int) -> CompartmentState:
        """One compartment; unknown when there is none of that number."""
        return self._states.get(compartment, CompartmentState(compartment, Door.UNKNOWN, None))

    def place(self, compartment: int) -> tuple[int, int]:
        """Board (from 0) and lock (from 1) of a compartment."""
        board, lock = divmod(compartment - 1, self._locks)
        return board, lock + 1

    def silent_boards(self) -> list[int]:
        """The boards that do not answer, or were not asked yet."""
        return [board for board, missed in self._missed.items() if missed >= MISSES]

    def take(self, board: int, status: BoardStatus) -> list[CompartmentState]:
        """Take in a reading; returns what changed."""
        self._missed[board] = 0
        first = board * self._locks + 1
        return self._keep(
            CompartmentState(first + index, Door.CLOSED if closed else Door.OPEN, occupied)
            for index, (closed, occupied) in enumerate(
                zip(status.closed, status.occupied, strict=True)
            )
        )

    def miss(self, board: int) -> list[CompartmentState]:
        """Note that a reading failed; returns what is unknown from now on."""
        self._missed[board] += 1
        if self._missed[board] < MISSES:
            return []
        first = board * self._locks + 1
        return self._keep(
            CompartmentState(number, Door.UNKNOWN, None)
            for number in range(first, first + self._locks)
        )

    def lose(self) -> list[CompartmentState]:
        """Note that the line is gone; returns what is unknown from now on."""
        self._missed = dict.fromkeys(self._missed, MISSES)
        return self._keep(CompartmentState(n, Door.UNKNOWN, None) for n in self._states)

    def _keep(self, states: Iterable[CompartmentState]) -> list[CompartmentState]:
        changed = [state for state in states if state != self._states[state.compartment]]
        self._states.update({state.compartment: state for state in changed})
        return changed
