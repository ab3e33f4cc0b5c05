"""The story strip of the console: what a visitor can do, ticked off as they do it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Text = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to try."""

    id: str
    text: Text


STEPS: Sequence[Step] = (
    Step(
        "send",
        {
            "ko": "손님을 신발 선반으로 끌어다 놓으세요",
            "en": "Drag a shopper to the shoe shelf",
        },
    ),
    Step(
        "coupon",
        {
            "ko": "쿠폰이 손님의 휴대폰과 거울에 나타납니다",
            "en": "A coupon appears on their phone and on the mirror",
        },
    ),
    Step(
        "handover",
        {
            "ko": "직원 화면에서 주문을 준비하고 보관함으로 건네세요",
            "en": "Prepare an order on the staff page and hand it over at the locker",
        },
    ),
    Step("cut", {"ko": "클라우드를 끊어 보세요", "en": "Cut the cloud"}),
    Step(
        "restore",
        {
            "ko": "다시 연결하면 허브가 모든 사실을 받습니다",
            "en": "Restore it: the hub gets every fact",
        },
    ),
)

HEADLINE: Text = {
    "ko": "문을 열었습니다. 매장은 클라우드 없이도 일합니다.",
    "en": "The store is open. It works with the cloud or without.",
}

ALL_DONE: Text = {
    "ko": "모두 보셨습니다. 마음껏 더 해 보세요.",
    "en": "You have seen it all. Play on as you like.",
}


class Strip:
    """Which steps are done."""

    def __init__(self) -> None:
        self._done: set[str] = set()

    def tick(self, step: str) -> None:
        """`step` is done; a repeat does nothing."""
        self._done.add(step)

    def done(self, step: str) -> bool:
        """Whether `step` is done."""
        return step in self._done

    def show(self) -> dict[str, Any]:
        """As the console gets it."""
        finished = all(step.id in self._done for step in STEPS)
        return {
            "headline": ALL_DONE if finished else HEADLINE,
            "steps": [
                {"id": step.id, "text": step.text, "done": step.id in self._done} for step in STEPS
            ],
        }
