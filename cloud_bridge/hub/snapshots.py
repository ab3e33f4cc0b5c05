"""Snapshots of streams as they are handed out chunk by chunk: made once, kept for a while."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import msgspec

from cloud_bridge.wire.messages import Chunk

CHUNK_CHARACTERS = 16 * 1024
"""Of a snapshot's text: at most 64 KiB as UTF-8, and about 20 KiB for Korean and English mixed."""

MOST_CHARACTERS = 64 * 1024 * 1024
"""Kept by a worker, all snapshots together: a catalogue of 100,000 articles, or 64 of 1 MB; in
memory up to twice as many bytes. A store that comes back later has its snapshot made anew."""


@dataclass(frozen=True)
class Snapshot:
    """All items of a store's stream at one version, as the text of a JSON array.

    Attributes:
        digest: of the stream at this version.
        buckets: the text has the items of these alone; None: of all.
    """

    stream: str
    version: int
    text: str
    digest: str = ""
    buckets: tuple[int, ...] | None = None

    @property
    def chunks(self) -> int:
        """How many there are; one at least."""
        return -(-len(self.text) // CHUNK_CHARACTERS)

    @cached_property
    def sha256(self) -> str:
        """Of the whole text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def chunk(self, number: int) -> bytes:
        """The message with chunk `number`; chunk 0 where there is no such."""
        number = number if 0 <= number < self.chunks else 0
        start = number * CHUNK_CHARACTERS
        return msgspec.json.encode(
            Chunk(
                stream=self.stream,
                version=self.version,
                chunk=number,
                chunks=self.chunks,
                sha256=self.sha256,
                text=self.text[start : start + CHUNK_CHARACTERS],
                digest=self.digest,
                buckets=None if self.buckets is None else list(self.buckets),
            )
        )


@dataclass(slots=True)
class Snapshots:
    """The snapshots made last. Used by several reading threads."""

    most: int = MOST_CHARACTERS
    _kept: OrderedDict[tuple[str, str], Snapshot] = field(default_factory=OrderedDict)
    _characters: int = 0
    _lock: Lock = field(default_factory=Lock)

    def find(self, store: str, stream: str, version: int) -> Snapshot | None:
        """The snapshot of this very version, if it is kept."""
        with self._lock:
            found = self._kept.get((store, stream))
            if found is None:
                return None
            if found.version != version:  # it may name people who have left since
                self._forget((store, stream))
                return None
            self._kept.move_to_end((store, stream))
            return found

    def keep(self, store: str, snapshot: Snapshot) -> None:
        """Keep `snapshot` in the place of an older version; the longest unused make room."""
        with self._lock:
            self._forget((store, snapshot.stream))
            self._kept[store, snapshot.stream] = snapshot
            self._characters += len(snapshot.text)
            while self._characters > self.most:
                self._forget(next(iter(self._kept)))

    def _forget(self, key: tuple[str, str]) -> None:
        if (gone := self._kept.pop(key, None)) is not None:
            self._characters -= len(gone.text)
