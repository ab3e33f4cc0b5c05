"""A `[[receivers]]` table as the radio sees it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ReceiverTable:
    id: str
    kind: str
    adapter: str = ""
    gateway: str = ""
    node: str = ""
    host: str = ""
    port: int = 6053
    key_file: Path | None = None
    device: str = ""
