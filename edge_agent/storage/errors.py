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


class LaneFull(Refused, StorageUnavailable):
    """A lane of the fact log holds as many bytes as it may: nothing of the unit was kept.

    Who asked for it is told so. What has happened whether or not it can be written down is tried
    again, like on a full disk, until the hub has taken something (`patience.outlast`).

    Attributes:
        lane: which.
    """

    def __init__(self, lane: str) -> None:
        super().__init__(
            "log_full",
            f"The store's computer holds all the {lane} reports that it may until the cloud has "
            "taken some; nothing was done. Tell whoever runs it that the connection is down.",
            status=507,
        )
        self.lane = lane


class DiskFull(Refused, StorageUnavailable):
    """The disk has refused a write, and what room was left is needed to make more.

    What has happened is still taken; who asks for something is told.
    """

    def __init__(self) -> None:
        super().__init__(
            "disk_full",
            "The disk of the store's computer is full; nothing was done. Tell whoever runs it to "
            "free some space.",
            status=507,
        )


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
