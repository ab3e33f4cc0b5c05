"""What can be wrong with a bank; every switch may be thrown while it runs."""

from collections.abc import Callable


class Faults:
    """The fault switches of a simulated bank. Doors count from 1, boards from 0.

    Attributes:
        jammed: doors whose latch does not let go.
        silent: boards that neither answer nor act, as without power.
        echo: whether the RS-485 adapter hears its own transmission.
        hooks: doors whose hook switch is stuck; True: it says closed.
        infrareds: doors whose infrared sensor is stuck; True: it says occupied.
        inverted: doors whose hook switch is wired the wrong way round.
    """

    def __init__(self, unlatch: Callable[[int], None]) -> None:
        self.jammed: set[int] = set()
        self.silent: set[int] = set()
        self.echo = False
        self.hooks: dict[int, bool] = {}
        self.infrareds: dict[int, bool] = {}
        self.inverted: set[int] = set()
        self._unlatch = unlatch

    def jam(self, door: int) -> None:
        """The latch of `door` does not let go."""
        self.jammed.add(door)

    def silence(self, board: int) -> None:
        """`board` loses its power."""
        self.silent.add(board)

    def speak(self, board: int) -> None:
        """`board` has power again."""
        self.silent.discard(board)

    def stick_hook(self, door: int, *, closed: bool) -> None:
        """The hook switch of `door` says the same for ever."""
        self.hooks[door] = closed

    def stick_infrared(self, door: int, *, occupied: bool) -> None:
        """The infrared sensor of `door` says the same for ever."""
        self.infrareds[door] = occupied

    def invert(self, door: int) -> None:
        """The hook switch of `door` says the opposite."""
        self.inverted.add(door)

    def open_by_itself(self, door: int) -> None:
        """`door` springs open without a command."""
        self._unlatch(door)

    def repair(self, door: int) -> None:
        """Latch, switch and sensor of `door` are as new."""
        self.jammed.discard(door)
        self.hooks.pop(door, None)
        self.infrareds.pop(door, None)
        self.inverted.discard(door)

    def hook_says(self, door: int, *, closed: bool) -> bool:
        """What the hook switch makes of the truth."""
        return self.hooks.get(door, closed) != (door in self.inverted)

    def infrared_says(self, door: int, *, occupied: bool) -> bool:
        """What the infrared sensor makes of the truth."""
        return self.infrareds.get(door, occupied)
