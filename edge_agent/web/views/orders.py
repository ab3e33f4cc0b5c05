"""Orders as pages show them."""

from collections.abc import Callable, Mapping

from edge_agent.capabilities.pickup.decide.orders import by_hand
from edge_agent.capabilities.pickup.model import Compartment, Order, Problem, Slot
from edge_agent.settings import Article
from edge_agent.web.views.shapes import (
    DeskSlot,
    LineShape,
    LockerSlot,
    OrderShape,
    OwnOrderShape,
    Text,
)

PROBLEMS: Mapping[Problem, Text] = {
    Problem.DOOR_DID_NOT_OPEN: {
        "ko": "문이 열리지 않았습니다. 직원이 직접 전해 드립니다.",
        "en": "The door did not open. A member of staff will hand the order over.",
    },
    Problem.OPENED_TOO_LATE: {
        "ko": "시간이 지나 문을 열지 않았습니다. 패스를 다시 보여 주세요.",
        "en": "It took too long, so the door stayed shut. Show the pass again.",
    },
    Problem.LOCKER_SILENT: {
        "ko": "보관함이 응답하지 않습니다. 직원이 직접 전해 드립니다.",
        "en": "The locker does not answer. A member of staff will hand the order over.",
    },
    Problem.GOODS_LEFT_INSIDE: {
        "ko": "상품이 안에 남아 있습니다. 패스를 다시 보여 주면 문이 열립니다.",
        "en": "The goods are still inside. Show the pass again to open the door.",
    },
    Problem.COMPARTMENT_EMPTY: {
        "ko": "보관함이 비어 있습니다. 직원이 확인합니다.",
        "en": "The compartment is empty. Staff look into it.",
    },
    Problem.DOOR_LEFT_OPEN: {
        "ko": "문이 열려 있습니다. 닫아 주세요.",
        "en": "The door was left open. Please close it.",
    },
    Problem.OPENED_UNASKED: {
        "ko": "문이 저절로 열렸습니다. 직원이 상품을 확인합니다.",
        "en": "The door opened by itself. Staff check the goods.",
    },
    Problem.TAKE_OUT_CANCELLED: {
        "ko": "취소된 주문입니다. 상품을 보관함에서 꺼내 주세요.",
        "en": "This order was cancelled. Take the goods out of the locker.",
    },
}
"""What happened, and what happens next."""


def order_shape(order: Order, articles: Mapping[str, Article]) -> OrderShape:
    """An order, for staff."""
    return OrderShape(
        order=order.id,
        state=order.state.value,
        collector=order.collector,
        phone_last4=order.phone_last4,
        lines=[
            LineShape(
                gtin=line.gtin,
                quantity=line.quantity,
                name=dict(line.name),
                size=line.size,
                zone=articles[line.gtin].zone if line.gtin in articles else None,
            )
            for line in order.lines
        ],
        slot=_slot(order.slot),
        placed_at=order.placed_at,
        collect_by=order.collect_by,
        arrived_at=order.arrived_at,
        arrived_by=order.arrived_by,
        collected_at=order.ended_at if order.state.value == "collected" else None,
        evidence=list(order.evidence),
        by_hand=by_hand(order),
        problem=PROBLEMS[order.problem] if order.problem else None,
    )


def own_order_shape(
    order: Order, articles: Mapping[str, Article], pass_of: Callable[[Order], str | None]
) -> OwnOrderShape:
    """An order, for its customer."""
    shown = order_shape(order, articles)
    fields = {name: getattr(shown, name) for name in shown.__struct_fields__}
    return OwnOrderShape(**fields, pickup_pass=pass_of(order))


def _slot(slot: Slot | None) -> LockerSlot | DeskSlot | None:
    if isinstance(slot, Compartment):
        return LockerSlot(bank=slot.bank, compartment=slot.number)
    return DeskSlot() if slot else None
