"""The rooms' database and clock."""

from tests.capabilities.conftest import clock, storage

__all__ = ["clock", "storage"]
