"""Starts of a store's leading gateway: a start that is over cannot come back on one machine."""

from cloud_bridge.hub import alarms
from cloud_bridge.hub.database import Tx
from cloud_bridge.wire.messages import Hello

KEPT = 32
"""Starts that are over, per store: a machine in a loop of restarts fills it in some minutes, and a
clone that is older than that has long been told."""

SURE = 2
"""Hellos of a start that is over before it is a second machine: the first may be a late message, of
a worker that was killed before it acknowledged it."""


async def superseded(tx: Tx, store: str) -> frozenset[str]:
    """The starts that are over."""
    rows = await tx.rows("SELECT boot FROM superseded_boot WHERE store = $1", store)
    return frozenset(row["boot"] for row in rows)


async def started(tx: Tx, store: str, hello: Hello, now: str) -> None:
    """`hello` leads from now on: an earlier start of the same gateway is over, this one is not."""
    await tx.execute(
        "DELETE FROM superseded_boot WHERE store = $1 AND boot = $2", store, hello.boot
    )
    over = await tx.execute(
        "INSERT INTO superseded_boot SELECT store, boot, $1, 0 FROM store"
        " WHERE store = $2 AND gateway = $3 AND boot <> $4 AND boot <> ''"
        " ON CONFLICT (store, boot) DO NOTHING",
        now,
        store,
        hello.gateway,
        hello.boot,
    )
    if over:
        await tx.execute(
            "DELETE FROM superseded_boot WHERE store = $1 AND boot NOT IN"
            " (SELECT boot FROM superseded_boot WHERE store = $1 ORDER BY at DESC LIMIT $2)",
            store,
            KEPT,
        )


async def heard_again(tx: Tx, store: str, hello: Hello, now: str) -> None:
    """A start that is over says hello: from the second time on that is another machine."""
    row = await tx.row(
        "UPDATE superseded_boot SET heard = heard + 1 WHERE store = $1 AND boot = $2"
        " RETURNING heard",
        store,
        hello.boot,
    )
    if row is not None and row["heard"] >= SURE:
        detail = (
            f"two machines say that they are {hello.gateway}: the one that started last leads, the"
            f" other ({hello.boot}) is fenced; stop it, or give it an identity of its own"
        )
        await alarms.sound(tx, store, "cloned_gateway", detail, now)
