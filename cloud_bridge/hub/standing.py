"""Whether a gateway may speak for a store: not when it was revoked, or claimed for another one."""

from typing import Final

from cloud_bridge.hub.database import Tx

_NEVER: Final = "9999"
"""After every moment, as text sorts."""


async def is_barred(tx: Tx, store: str, gateway: str) -> bool:
    """Whether to fence `gateway`; one that never had a claim is judged by its epoch alone."""
    row = await tx.row("SELECT store, revoked_at FROM gateway WHERE gateway = $1", gateway)
    return row is not None and (row["store"] != store or row["revoked_at"] is not None)


async def depose(tx: Tx, gateway: str, now: str) -> None:
    """Let no store be led by `gateway` any more: its facts are fenced, another may take over.

    Nobody is told anything of the store before the next hello, which ends every lease. `now` as
    `clock.stamp` writes it.
    """
    await tx.execute(
        "UPDATE told SET leased_by = '', lease_until = $1"
        " WHERE store IN (SELECT store FROM store WHERE gateway = $2)",
        _NEVER,
        gateway,
    )
    await tx.execute(
        "UPDATE store SET gateway = NULL, session = '', online = 0, gone = 1, since = $1"
        " WHERE gateway = $2",
        now,
        gateway,
    )
