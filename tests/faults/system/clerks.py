"""People at tills, desks and web shops: they ask again until they are told, and note what they
were told. Some give up instead: what they wished may have happened, once at most."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import Any

import httpx

from tests.faults.system.settings import STORE, Place

GTIN = "8801234567893"
COUNTED = 100_000
"""Units on the shelf before anybody sells."""

PATIENCE_S = 3.0
"""For one answer. A process that was killed refuses at once; one that is stopped says nothing."""

AGAIN_S = 0.05
"""Between two tries: a start takes a second, so it is asked for often enough."""

GIVES_UP = 0.1
"""Of sales, those whose till does not ask a second time."""

STEPS = ("pick", "picked", "stage", "handover")
BODIES: Mapping[str, Mapping[str, str]] = {"stage": {"bank": "desk"}, "handover": {}}

STATES = {
    "pick": "picking",
    "picked": "picking",
    "stage": "ready",
    "handover": "collected",
    "cancel": "cancelled",
    "": "accepted",
}
"""How the hub sees an order after the last thing that its clerk did."""


@dataclass
class Told:
    """What callers were told is done, and what they do not know.

    Attributes:
        sales: units by receipt.
        maybe: units by receipt, of those who gave up.
        orders: by order, the last step that was acknowledged; empty for a placed one.
        campaigns: the discount by campaign that was published last.
        numbers: of receipts, orders and campaigns that were not given out yet.
        refused: what was answered with another status than success: a mistake of the test's.
    """

    sales: dict[str, int] = field(default_factory=dict)
    maybe: dict[str, int] = field(default_factory=dict)
    orders: dict[str, str] = field(default_factory=dict)
    campaigns: dict[str, int] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def acknowledged(self) -> int:
        """Wishes that somebody was told are done."""
        return len(self.sales) + len(self.orders) + len(self.campaigns)


class Clerks:
    """They work until `stop` is set, then finish what they began."""

    def __init__(self, agent: Place, hub: Place, random: Random, told: Told | None = None) -> None:
        """People of these two; `told` are the notes of those who were here before."""
        self.told = told or Told()
        self.stop = asyncio.Event()
        self._agent, self._hub, self._random = agent, hub, random
        self._numbers = self.told.numbers
        self._client: httpx.AsyncClient

    async def run(self, *, tills: int = 2, desks: int = 1) -> None:
        """Count the shelf, then sell, take orders and publish campaigns."""
        async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as self._client:
            lines = [{"gtin": GTIN, "on_hand": COUNTED}]
            await self._told(self._agent, "POST", "/v1/counts", {"lines": lines})
            async with asyncio.TaskGroup() as tasks:
                for number in range(tills):
                    tasks.create_task(self._sell(f"till-{number}"), name=f"till {number}")
                for number in range(desks):
                    tasks.create_task(self._serve(), name=f"desk {number}")
                tasks.create_task(self._publish(), name="campaigns")

    async def _sell(self, till: str) -> None:
        while not self.stop.is_set():
            receipt, units = f"r{next(self._numbers)}", self._random.randint(1, 3)
            body = {
                "till": till,
                "receipt": receipt,
                "lines": [{"gtin": GTIN, "quantity": units}],
            }
            patient = self._random.random() > GIVES_UP
            name = f"receipts/{till}/{receipt}"
            if await self._told(self._agent, "POST", "/v1/sales", body, patient=patient):
                self.told.sales[name] = units
            else:
                self.told.maybe[name] = units
            await asyncio.sleep(self._random.uniform(0, 0.02))

    async def _serve(self) -> None:
        """One order after the other, from the web to the hand, or to its cancellation."""
        while not self.stop.is_set():
            order = f"O-{next(self._numbers)}"
            orders = f"/v1/stores/{STORE}/orders"
            await self._told(self._hub, "POST", orders, _order(order))
            self.told.orders[order] = ""
            if self._random.random() < 0.3:
                reason = {"reason": "changed my mind"}
                await self._told(self._hub, "POST", f"{orders}/{order}/cancel", reason)
                self.told.orders[order] = "cancel"
                continue
            for step in STEPS[: self._random.randint(0, len(STEPS))]:
                path = f"/v1/orders/{order}/{step}"
                await self._told(self._agent, "POST", path, BODIES.get(step), until_known=True)
                self.told.orders[order] = step

    async def _publish(self) -> None:
        while not self.stop.is_set():
            number = next(self._numbers)
            campaign = f"campaign-{number % 3}"
            body = campaign_body(number)
            await self._told(self._hub, "PUT", f"/v1/campaigns/{campaign}", body)
            self.told.campaigns[campaign] = number
            await asyncio.sleep(0.2)

    async def _told(
        self,
        place: Place,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        *,
        patient: bool = True,
        until_known: bool = False,
    ) -> bool:
        """Ask under one key until there is an answer; False when an impatient one got none.

        Args:
            until_known: an order may not have come down yet: "unknown" is asked again.
        """
        headers = {
            "authorization": f"Bearer {place.key}",
            "idempotency-key": f"key-{self._random.getrandbits(64):x}",
        }
        while True:
            try:
                answer = await self._client.request(
                    method, f"{place.url}{path}", json=body, headers=headers
                )
            except httpx.HTTPError:
                if not patient:
                    return False
            else:
                if answer.is_success:
                    return True
                if not _again(answer) and not (until_known and answer.status_code == 404):
                    self.told.refused.append(f"{method} {path}: {answer.text}")
                    return False
            await asyncio.sleep(AGAIN_S)


def _again(answer: httpx.Response) -> bool:
    """Whether the same request may be answered otherwise in a moment."""
    return answer.is_server_error or "in_flight" in answer.text


def _order(order: str) -> dict[str, Any]:
    return {
        "order": order,
        "lines": [{"gtin": GTIN, "quantity": 1, "name": {"ko": "셔츠"}}],
        "collector": "김하나",
        "phone_last4": "1234",
    }


def campaign_body(discount: int) -> dict[str, Any]:
    """A campaign, told from others by its discount."""
    return {
        "title": {"ko": "할인"},
        "text": {"ko": "오늘만"},
        "zone": "shelf",
        "gtins": [GTIN],
        "discount": discount,
        "currency": "KRW",
        "starts": "2026-01-01T00:00:00Z",
        "ends": "2099-12-31T00:00:00Z",
    }
