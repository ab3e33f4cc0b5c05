"""Tells the hub the keys of people, out of the table in which they lie."""

from collections.abc import Sequence

from cloud_bridge.wire.messages import PersonKey
from edge_agent.sealing import PersonKeys
from edge_agent.storage import Storage, Tx


class HubKeyring:
    """The store's end of `cloud_bridge.link.Keyring`.

    A key is told when the hub has said so under the log's epoch: a hub that grants another one may
    have lost its database, and is told again.
    """

    def __init__(self, storage: Storage, keys: PersonKeys) -> None:
        self._storage = storage
        self._keys = keys

    @property
    def minted(self) -> int:
        """How many keys were made since the start."""
        return self._keys.minted

    async def untold(self, limit: int) -> Sequence[PersonKey]:
        """Keys that the hub has not taken under the present epoch."""
        rows = await self._storage.read(
            "SELECT id, key FROM person_key WHERE told < (SELECT epoch FROM log) LIMIT ?", (limit,)
        )
        return [PersonKey(id=row["id"], key=row["key"]) for row in rows]

    async def told(self, keys: Sequence[str]) -> None:
        """The hub's database knows the keys of these ids."""

        def work(tx: Tx) -> None:
            for key in keys:
                tx.execute(
                    "UPDATE person_key SET told = ? WHERE id = ? AND told < ?",
                    (tx.head.epoch, key, tx.head.epoch),
                )

        await self._storage.run(work)
