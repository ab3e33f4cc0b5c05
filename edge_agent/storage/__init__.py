"""The store's database: one writer, units of work, group commit, the fact log and its readers."""

from edge_agent.storage.answers import Answer
from edge_agent.storage.database import Storage, open_storage
from edge_agent.storage.errors import (
    DiskFull,
    KeyReused,
    LaneFull,
    StorageError,
    StorageFailed,
    StorageUnavailable,
)
from edge_agent.storage.log import FactLog, LaneState, LogState
from edge_agent.storage.patience import outlast
from edge_agent.storage.unit import Tx, Work

__all__ = [
    "Answer",
    "DiskFull",
    "FactLog",
    "KeyReused",
    "LaneFull",
    "LaneState",
    "LogState",
    "Storage",
    "StorageError",
    "StorageFailed",
    "StorageUnavailable",
    "Tx",
    "Work",
    "open_storage",
    "outlast",
]
