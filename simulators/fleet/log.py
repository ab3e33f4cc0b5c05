"""The log of a simulated store: counters alone, since each fact follows from its number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from cloud_bridge.wire.messages import LaneAck, LaneHello
from simulators.fleet.mix import A_DAY

TURNS_PER_SHARE = 20
"""Each lane below the favoured ones gets a batch in so many: the 5 % of the contract."""


@dataclass(slots=True)
class Lane:
    """One lane.

    Attributes:
        recorded: facts ever recorded.
        base: the number of the fact that has sequence 1 in the present epoch.
        cursor: highest sequence that the hub has acknowledged.
        passed_over: turns that others had while something waited here.
    """

    recorded: int = 0
    base: int = 0
    cursor: int = 0
    passed_over: int = 0

    @property
    def next_sequence(self) -> int:
        """What the next fact gets."""
        return self.recorded - self.base + 1

    @property
    def waiting(self) -> int:
        """Facts above the cursor."""
        return self.next_sequence - 1 - self.cursor


class Log:
    """A store's facts: recorded at random in the proportions of `mix.A_DAY`."""

    def __init__(self, random: Random) -> None:
        self.lanes = {name: Lane() for name in A_DAY}
        self.epoch = 0
        self.acknowledged = 0
        self._random = random
        self._names, self._shares = list(A_DAY), list(A_DAY.values())

    @property
    def waiting(self) -> int:
        """Facts that the hub is not known to have."""
        return sum(lane.waiting for lane in self.lanes.values())

    def record(self, facts: int) -> None:
        """So many more things have happened."""
        for name in self._random.choices(self._names, self._shares, k=facts):
            self.lanes[name].recorded += 1

    def hello(self) -> dict[str, LaneHello]:
        """What a hello says of each lane. The hash is left out: no log is kept to reckon it."""
        return {
            name: LaneHello(next_sequence=lane.next_sequence, cursor=lane.cursor, hash="")
            for name, lane in self.lanes.items()
        }

    def begin(self, epoch: int) -> None:
        """Number what waits from 1."""
        self.epoch = epoch
        for lane in self.lanes.values():
            lane.base += lane.cursor
            lane.cursor = 0

    def acknowledge(self, lanes: Mapping[str, LaneAck]) -> int:
        """Believe the hub's cursors; how many facts that were new."""
        moved = 0
        for name, word in lanes.items():
            lane = self.lanes.get(name)
            if lane is not None and lane.cursor < word.cursor < lane.next_sequence:
                moved += word.cursor - lane.cursor
                lane.cursor = word.cursor
        self.acknowledged += moved
        return moved

    def choose(self, favourite: str) -> str | None:
        """The lane of the next batch among those other than `favourite`: in order, with shares."""
        waiting = [name for name, lane in self.lanes.items() if lane.waiting and name != favourite]
        if not waiting:
            return None
        starved = [n for n in waiting if self.lanes[n].passed_over >= TURNS_PER_SHARE - 1]
        chosen = next(iter(starved), waiting[0])
        for name in waiting:
            self.lanes[name].passed_over += 1
        self.lanes[chosen].passed_over = 0
        return chosen

    def above(self, name: str, most: int) -> Iterator[tuple[int, int]]:
        """(number, sequence) of the next facts of a lane, at most `most`."""
        lane = self.lanes[name]
        for sequence in range(lane.cursor + 1, min(lane.next_sequence, lane.cursor + 1 + most)):
            yield lane.base + sequence - 1, sequence
