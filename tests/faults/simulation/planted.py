"""Three bugs that such systems have had, switched on here to see whether they are found."""

from dataclasses import replace
from typing import Final, TypedDict, TypeVar

from typing_extensions import override

from cloud_bridge.hub import epochs, ingest
from cloud_bridge.hub.database import Tx, Work
from cloud_bridge.hub.epochs import Known, Position, hold, may_be_late
from cloud_bridge.hub.reading import place, read_batch
from cloud_bridge.wire.envelope import Command
from cloud_bridge.wire.topics import FromStore
from tests.faults.simulation.gateway import Gateway
from tests.faults.simulation.hub import Hub, Memory

R = TypeVar("R")


class _Hasty(Memory):
    """Lets the caller go on while its transaction is still open, up to the next one."""

    _open = False

    @override
    async def run(self, work: Work[R]) -> R:
        self.settle()
        return await super().run(work)

    @override
    def commit(self) -> None:
        self._open = True

    def settle(self) -> None:
        if self._open:
            self._open = False
            super().commit()


class AcknowledgesBeforeCommit(Hub):
    """The word goes out while the transaction is still open."""

    @override
    def make_database(self) -> Memory:
        return _Hasty(self.world)

    @override
    def take(self, source: FromStore, payload: bytes) -> None:
        super().take(source, payload)
        assert isinstance(self.database, _Hasty)
        self.database.settle()


class MissingFence(Hub):
    """Whoever says hello is believed; whoever hands over leads, under whatever epoch they are."""

    @override
    def take(self, source: FromStore, payload: bytes) -> None:
        if source.kind != "up":
            setattr(epochs, "may_be_late", lambda _hello, _known: False)  # noqa: B010 - as below
            try:
                super().take(source, payload)
            finally:
                setattr(epochs, "may_be_late", may_be_late)  # noqa: B010 - as below
            return
        head = place(read_batch(payload)[0])

        async def unfenced(tx: Tx, store: str, now: str) -> Known:
            leader = head.source.rpartition("/")[2]
            rows = await tx.rows(
                "SELECT * FROM cursor WHERE store = $1 AND epoch = $2", store, head.epoch
            )
            lanes = {row["lane"]: Position(row["sequence"], row["hash"]) for row in rows}
            known = await hold(tx, store, now)
            return replace(known, epoch=head.epoch, leader=leader, lanes=lanes)

        setattr(ingest, "hold", unfenced)  # noqa: B010 - what is replaced is no variable
        try:
            super().take(source, payload)
        finally:
            setattr(ingest, "hold", hold)  # noqa: B010 - as above


class MovesTheCursorFirst(Gateway):
    """A command's cursor in one unit, its effect in the next."""

    @override
    def carry_out(self, command: Command) -> None:
        if command.sequence != self.disk.command_cursor + 1:
            return
        self.unit(lambda: setattr(self.disk, "command_cursor", command.sequence))
        self.unit(lambda: self.disk.carry_out(command))


class Planted(TypedDict, total=False):
    """What of the harness is replaced."""

    hub: type[Hub]
    gateway: type[Gateway]


BUGS: Final[dict[str, Planted]] = {
    "acknowledges-before-commit": {"hub": AcknowledgesBeforeCommit},
    "moves-the-cursor-first": {"gateway": MovesTheCursorFirst},
    "missing-fence": {"hub": MissingFence},
}
