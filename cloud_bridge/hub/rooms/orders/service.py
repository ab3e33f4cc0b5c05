"""Placing and cancelling: the order and its command in one transaction."""

import sqlite3
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from cloud_bridge.hub import commands
from cloud_bridge.hub.clock import stamp
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


def place(tx: sqlite3.Connection, store: str, wish: Wish, now: datetime) -> tuple[str, int]:
    """Place the order; its number and the sequence of the command.

    Raises:
        Refused: ``order_exists``, ``collect_by_past``.
    """
    order = wish.order or table.next_number(tx)
    if table.exists(tx, store, order):
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
    table.add(tx, store, placed, stamp(now))
    return order, _command(tx, store, order, placed, now)


def cancel(tx: sqlite3.Connection, store: str, order: str, reason: str, now: datetime) -> int:
    """Ask the store to cancel; the sequence of the command. The store's fact decides.

    Raises:
        Refused: ``order_unknown``.
    """
    if not table.exists(tx, store, order):
        code, text = "order_unknown", f"{store} has no order {order}"
        raise Refused(code, text, status=404)
    return _command(tx, store, order, CancelOrder(order=order, reason=reason), now)


def _command(
    tx: sqlite3.Connection, store: str, order: str, data: PlaceOrder | CancelOrder, now: datetime
) -> int:
    return commands.append(
        tx,
        store,
        command_id=str(uuid.uuid4()),
        kind=data.TYPE,
        subject=f"orders/{order}",
        data=data,
        now=now,
    )
