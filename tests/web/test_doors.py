"""Who may ask what: every route of the API against every kind of sign-in but the desk's."""

from collections.abc import Mapping
from typing import Final

import httpx
import pytest
from fastapi import FastAPI

from tests.web.conftest import till
from tests.web.test_record import BODY, invited

WHO: Final = ("nobody", "guest", "shopper", "device", "till")
ANYBODY: Final = frozenset(WHO)
SHOPPER: Final = frozenset(("shopper",))
SIGNED_IN: Final = ANYBODY - {"nobody"}
PASS: Final[Mapping[str, frozenset[str]]] = {
    "get /v1/consents/texts": ANYBODY,
    "post /v1/coupons/{code}/redeem": frozenset(("till",)),
    "post /v1/enrolment": frozenset(("guest", "shopper")),
    "get /v1/health": ANYBODY,
    "get /v1/health/ready": ANYBODY,
    "post /v1/join": ANYBODY,
    "post /v1/me/arrive": SHOPPER,
    "post /v1/me/consents": SHOPPER,
    "post /v1/me/leave": SHOPPER,
    "get /v1/me/orders/{order}/pass.svg": SHOPPER,
    "post /v1/me/pause": SHOPPER,
    "get /v1/me/record": SHOPPER,
    "post /v1/mirrors/{mirror}/items": frozenset(("device",)),
    "post /v1/nearby": SHOPPER,
    "post /v1/passes/scan": frozenset(("device",)),
    "get /v1/receipts/key": ANYBODY,
    "post /v1/receipts/verify": ANYBODY,
    "post /v1/sales": frozenset(("till",)),
    "get /v1/session": SIGNED_IN,
    "post /v1/session": ANYBODY,
    "get /v1/stock/{gtin}": frozenset(("till",)),
}
"""A route that is not here is the desk's alone."""

REFUSED: Final = (401, 403)


@pytest.fixture
async def signed_in(staff: httpx.AsyncClient) -> dict[str, dict[str, str]]:
    """A header for each of `WHO`; the client is signed in as nobody afterwards."""
    shopper, guest = await invited(staff), await invited(staff)
    await staff.post("/v1/enrolment", json=BODY, headers=shopper)
    screen = {"role": "device", "subject": "fitting-1"}
    code = (await staff.post("/v1/join-codes", json=screen)).json()["code"]
    token = (await staff.post("/v1/join", json={"code": code})).json()["token"]
    staff.cookies.clear()
    device = {"authorization": f"Bearer {token}"}
    return {"nobody": {}, "guest": guest, "shopper": shopper, "device": device, "till": till()}


@pytest.mark.parametrize("who", WHO)
async def test_a_sign_in_opens_its_own_routes_and_no_other(
    app: FastAPI, staff: httpx.AsyncClient, signed_in: dict[str, dict[str, str]], who: str
) -> None:
    routes = [
        f"{method} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if not path.startswith("/v1/live/")  # by page, and never ends: tests/web/test_live.py
        and (method, path) != ("delete", "/v1/session")  # tests/web/test_sessions.py
    ]
    opened = set()
    for route in sorted(routes, key=lambda each: each == "post /v1/me/leave"):
        method, path = route.split()
        asked = path.replace("{", "").replace("}", "")
        answer = await staff.request(method, asked, headers=signed_in[who], json={})
        if answer.status_code not in REFUSED:
            opened.add(route)
    assert opened == {route for route, passing in PASS.items() if who in passing}
    assert PASS.keys() <= set(routes)
