"""What storage says when it cannot keep its promise, by whose fault and what helps."""

from edge_agent.kernel.errors import AisleError, Refused


class StorageError(AisleError):
    """Root of what storage raises on purpose."""


class StorageUnavailable(StorageError):
    """Nothing of this group was kept; the same work may succeed later (full disk, locked file)."""


class StorageFailed(StorageError):
    """The database's state on disk is not known any more, or it was closed; only a restart helps.

    After a failed write or fsync the operating system may have dropped the pages and call the next
    fsync a success, so nothing more is acknowledged.
    """


class StorageInUse(StorageError):
    """Another process writes this database."""


class WrongGateway(StorageError):
    """The database is another gateway's log; going on would tell its facts under a false name."""


class SchemaMismatch(StorageError):
    """The database was made by other schema files than those of this version."""


class UnrecordableFact(StorageError):
    """The fact names no lane of the contract, or is too large ever to travel."""


class EpochFenced(StorageError):
    """The epoch is older than the log's own."""


class KeyReused(Refused):
    """The Idempotency-Key came before with another body."""

    def __init__(self) -> None:
        super().__init__(
            "key_reused", "this Idempotency-Key was used for a different request", status=422
        )
