"""The demo as a visitor plays it: levers pulled over the control API, effects seen on the pages."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from simulators.demo.background import background
from simulators.demo.callers import Caller, CallRefused, Desk
from simulators.demo.live import LiveView
from tests.scenario.conftest import DEADLINE_S, Demo

PAGES = Path(__file__).parents[2] / "edge_agent" / "web" / "pages" / "console" / "index.html"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(2 * DEADLINE_S),
    pytest.mark.skipif(not PAGES.exists(), reason="the pages are not built"),
]

SHOES = {"x": 3.5, "y": 2.5}


class Visitor:
    """Somebody at the console: signed in, with the simulator's levers at hand."""

    def __init__(self, desk: Desk, levers: Caller, console: LiveView, truth: LiveView) -> None:
        self.desk = desk
        self.levers = levers
        self.console = console
        self.truth = truth

    async def sees(self, name: str, what: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON
        """Wait for something on the console."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.console.until(lambda seen: name in seen and what(seen[name]))

    async def finds(self, name: str, what: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON
        """Wait for something in the simulator's truth."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.truth.until(lambda seen: name in seen and what(seen[name]))


@asynccontextmanager
async def visit(demo: Demo) -> AsyncIterator[Visitor]:
    """Sign in as the printed key allows, and take the levers as the console would."""
    settings = (demo.directory / "store.toml").read_text(encoding="utf-8")
    listen = re.search(r'listen = "(127\.0\.0\.1:\d+)"', settings)
    assert listen is not None
    key = (demo.directory / "state" / "secrets" / "desk.key").read_text(encoding="utf-8").strip()
    async with httpx.AsyncClient(base_url=f"http://{listen[1]}", timeout=10) as agent:
        desk = Desk(agent)
        await desk.sign_in(key)
        console = desk.view("/v1/live/console")
        async with background() as beside:
            beside.start(console.follow(), "console")
            async with asyncio.timeout(DEADLINE_S):
                simulator = await console.until(lambda seen: seen.get("store", {}).get("simulator"))
            async with httpx.AsyncClient(base_url=simulator["url"], timeout=20) as client:
                levers = Caller.bearer(client, simulator["key"])
                truth = levers.view("/sim/live")
                beside.start(truth.follow(), "truth")
                yield Visitor(desk, levers, console, truth)


async def test_a_visitor_finds_five_pages_sends_a_shopper_hands_over_an_order_and_cuts_the_cloud(
    demo: Callable[..., Demo],
) -> None:
    running = demo()
    printed = await asyncio.to_thread(running.printed_until, "Ctrl-C")
    assert len(re.findall(r"http://127\.0\.0\.1:\d+/\S*", printed)) == 5
    assert len(re.findall(r"#join=\w+", printed)) == 2
    assert (running.directory / "state" / "secrets" / "desk.key").read_text().strip() in printed
    async with visit(running) as visitor:
        await _send_to_the_shelf(visitor)
        await _cut_the_cloud(visitor)
        await _hand_over(visitor)
        await visitor.levers.post("/sim/cloud", {"up": True})
        await visitor.sees("link", lambda link: link["cloud"] == "online" and not link["waiting"])
        await visitor.finds("story", lambda story: all(step["done"] for step in story["steps"]))


async def _send_to_the_shelf(visitor: Visitor) -> None:
    people = await visitor.finds("truth", lambda truth: truth["people"])
    willing = next(person for person in people if person["consented"])
    await visitor.levers.post(f"/sim/people/{willing['id']}/walk", SHOES)
    await visitor.sees(
        "coupons",
        lambda coupons: any(
            (coupon["shopper"], coupon["zone"]) == (willing["shopper"], "shoes")
            for coupon in coupons["coupons"]
        ),
    )


async def _cut_the_cloud(visitor: Visitor) -> None:
    await visitor.sees("orders", lambda orders: orders["orders"])
    await visitor.levers.post("/sim/cloud", {"up": False})
    await visitor.sees("link", lambda link: link["cloud"] != "online")


async def _hand_over(visitor: Visitor) -> None:
    """Pick, stage, and let the customer show the pass; hands at the locker do the rest."""
    order = (await visitor.sees("orders", lambda orders: orders["orders"]))[0]["order"]
    for step in ("pick", "picked", "stage"):
        await visitor.desk.post(f"/v1/orders/{order}/{step}")
    await visitor.sees("orders", lambda orders: orders["orders"][0]["state"] == "ready")
    for person in await visitor.finds("truth", lambda truth: truth["people"]):
        with suppress(CallRefused):  # the phones of the others show no pass
            await visitor.levers.post(f"/sim/people/{person['id']}/show-pass")
    await visitor.sees("orders", lambda orders: orders["orders"][0]["state"] == "collected")
