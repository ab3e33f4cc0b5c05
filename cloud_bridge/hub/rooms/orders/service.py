"""Placing and cancelling: the order and its command in one transaction."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud_bridge.hub import commands
from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Tx
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.orders import store as table
from cloud_bridge.wire.streams.orders import CancelOrder, OrderLine, PlaceOrder

COLLECT_WITHIN = timedelta(days=3)
"""How long an order waits for its customer when nobody said: a weekend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants placed. `order` None: the hub numbers it."""

    order: str | None
    lines: list[OrderLine]
    shopper: str | None
    collector: str
    phone_last4: str
    language: str
    collect_by: datetime | None


async def place(tx: Tx, store: str, wish: Wish, now: datetime) -> tuple[str, int]:
    """Place the order; its number and the sequence of the command.

    Raises:
        Refused: ``order_exists``, ``collect_by_past``.
    """
    order = wish.order or await table.next_number(tx)
    if await table.exists(tx, store, order):
        code, text = "order_exists", f"{store} has an order {order} already"
        raise Refused(code, text)
    collect_by = wish.collect_by or now + COLLECT_WITHIN
    if collect_by <= now:
        code, text = "collect_by_past", "collect_by lies in the past"
        raise Refused(code, text, status=422)
    placed = PlaceOrder(
        order=order,
        lines=wish.lines,
        shopper=wish.shopper,
        collector=wish.collector,
        phone_last4=wish.phone_last4,
        language="ko" if wish.language == "ko" else "en",
        collect_by=collect_by,
    )
    await table.add(tx, store, placed, stamp(now))
    return order, await _command(tx, store, order, placed, now)


async def cancel(tx: Tx, store: str, order: str, reason: str, now: datetime) -> int:
    """Ask the store to cancel; the sequence of the command. The store's fact decides.

    Raises:
        Refused: ``order_unknown``.
    """
    if not await table.exists(tx, store, order):
        code, text = "order_unknown", f"{store} has no order {order}"
        raise Refused(code, text, status=404)
    return await _command(tx, store, order, CancelOrder(order=order, reason=reason), now)


async def _command(
    tx: Tx, store: str, order: str, data: PlaceOrder | CancelOrder, now: datetime
) -> int:
    return await commands.append(
        tx,
        store,
        command_id=str(uuid.uuid4()),
        kind=data.TYPE,
        subject=f"orders/{order}",
        data=data,
        now=now,
    )
