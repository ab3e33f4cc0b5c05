"""Phones and tags known by their identity resolving key, behind addresses that change.

An address is tried against every key once, in slices; what came of it is kept under a hash that
differs in each process, so that no stranger's address is. Only those few that wait to be tried
are held as they are.
"""

from collections import deque

from device_profiles.beacons.address import Resolver, challenge, is_resolvable, octets

REMEMBERED = 8192
"""Addresses whose outcome is kept. A phone takes a new one each 15 minutes and a crowded mall
shows about 2,000 at a time; the one kept for longest makes room. Half a megabyte."""

WAITING = 512
"""Addresses waiting. A whole crowd at opening time is resolved within 20 s of 50,000 keys each;
one that finds no room is tried at its next advertisement."""

AT_ONCE = 1024
"""Keys tried in one slice: 1 ms on a desktop core, 6 on a small gateway's."""

NEVER = 1 << 62
"""Keys "tried" against an address that no key can have made."""

SPARSE = 64
"""Gaps in the list of keys before it may be packed."""


class PrivateAddresses:
    """The enrolled resolving keys and the addresses lately heard.

    Attributes:
        refused: addresses that found no room to wait.
    """

    def __init__(self) -> None:
        self.refused = 0
        self._keys: list[tuple[str, Resolver] | None] = []
        self._places: dict[str, int] = {}
        self._outcomes: dict[int, str | int] = {}
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._queued: set[int] = set()

    def __len__(self) -> int:
        """Addresses of which something is kept."""
        return len(self._outcomes) + len(self._waiting)

    @property
    def keys(self) -> int:
        """Keys enrolled."""
        return len(self._places)

    @property
    def waiting(self) -> int:
        """Addresses that are to be tried."""
        return len(self._waiting)

    def enrol(self, identity: str, irk: bytes) -> None:
        """Know the holder of `irk`; addresses heard before are tried against this key only."""
        self.withdraw(identity)
        self._places[identity] = len(self._keys)
        self._keys.append((identity, Resolver(irk)))

    def withdraw(self, identity: str) -> None:
        """Forget a key and every address that it had made."""
        place = self._places.pop(identity, None)
        if place is None:
            return
        self._keys[place] = None
        for hashed in [key for key, outcome in self._outcomes.items() if outcome == identity]:
            del self._outcomes[hashed]
        if len(self._keys) > SPARSE + 2 * len(self._places):
            self._pack()

    def of(self, hashed: int, address: str) -> str | None:
        """Who made `address`, as far as it was tried; `hashed` stands for it."""
        outcome = self._outcomes.get(hashed, 0)
        if isinstance(outcome, str):
            return outcome
        if outcome < len(self._keys) and hashed not in self._queued:
            self._queue(hashed, address)
        return None

    def work(self) -> int:
        """One slice: the first address that waits, against the next keys; keys tried."""
        if not self._waiting:
            return 0
        hashed, address = self._waiting[0]
        begun = self._outcomes.get(hashed, 0)
        start = len(self._keys) if isinstance(begun, str) else min(begun, len(self._keys))
        end = min(start + AT_ONCE, len(self._keys))
        owner = self._owner(address, start, end)
        self._remember(hashed, end if owner is None else owner)
        if owner is not None or end == len(self._keys):
            self._waiting.popleft()
            self._queued.discard(hashed)
        return end - start

    def _owner(self, address: bytes, start: int, end: int) -> str | None:
        asked, answer = challenge(address)
        for known in self._keys[start:end]:
            if known is not None and known[1].answer(asked).endswith(answer):
                return known[0]
        return None

    def _queue(self, hashed: int, address: str) -> None:
        raw = octets(address)
        if raw is None or not is_resolvable(raw):
            self._remember(hashed, NEVER)
        elif len(self._waiting) < WAITING:
            self._waiting.append((hashed, raw))
            self._queued.add(hashed)
        else:
            self.refused += 1

    def _remember(self, hashed: int, outcome: str | int) -> None:
        self._outcomes[hashed] = outcome
        if len(self._outcomes) > REMEMBERED:
            del self._outcomes[next(iter(self._outcomes))]

    def _pack(self) -> None:
        """Close the gaps in the list of keys; addresses that had no owner are tried again."""
        self._keys = [known for known in self._keys if known is not None]
        self._places = {known[0]: place for place, known in enumerate(self._keys) if known}
        self._outcomes = {key: one for key, one in self._outcomes.items() if isinstance(one, str)}
