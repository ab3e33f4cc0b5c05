"""What the pages offer to whoever cares for gateways and for facts that were refused."""

import sqlite3
from contextlib import closing

import pytest
from playwright.async_api import expect

from cloud_bridge.hub import quarantine
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete
from cloud_bridge.hub.reading import Head, Poison
from tests.browser.visit import Visit
from tests.support.open_store import OpenStore

STORE, GATEWAY = "seongsu-1", "seongsu-1-spare"
FACT = "7/stock/9000001"
REASON = "not a fact: Expected `int`, got `str` - at `$.data.on_hand`"
NOW = "2026-01-01T00:00:00.000000Z"


@pytest.fixture
def held_apart(store: OpenStore) -> str:
    """The id of a fact that lies in quarantine and can never be taken."""
    head = Head(source=f"/stores/{STORE}/gateways/gw-1", lane="stock", epoch=7, sequence=9_000_001)
    fact = Poison(head, FACT, None, b'{"type": "store.sto', REASON)
    with closing(sqlite3.connect(store.directory / "hub" / "hub.db", timeout=10)) as connection:
        connection.row_factory = sqlite3.Row
        with connection:
            complete(quarantine.put(SqliteTx(connection), STORE, fact, REASON, NOW))
    return FACT


async def test_a_claim_is_shown_once_and_a_gateway_is_revoked_with_a_reason(visit: Visit) -> None:
    hub = await visit.hub()
    await hub.get_by_test_id("open-claim-form").click()
    await hub.get_by_test_id("claim-gateway").fill(GATEWAY)
    await hub.get_by_test_id("claim-make").click()
    claim = await hub.get_by_test_id("claim").input_value()
    assert claim.startswith("aisle-claim:1:")
    await expect(hub.get_by_test_id("claim-until")).to_contain_text("23 h")
    await hub.get_by_test_id("claim-done").click()

    row = hub.get_by_test_id(f"gateway-{GATEWAY}")
    await expect(row).to_have_attribute("data-state", "claimed")
    await expect(hub.get_by_test_id("claim")).to_have_count(0)
    assert claim not in await hub.content()

    await row.get_by_test_id("revoke-gateway").click()
    await hub.get_by_test_id("revoke-now").click()
    await expect(hub.get_by_test_id("revoke-form")).to_be_visible()  # it asks for a reason
    await hub.get_by_test_id("revoke-reason").fill("fell off the ladder")
    await hub.get_by_test_id("revoke-now").click()
    await expect(row).to_have_attribute("data-state", "revoked")
    await expect(row).to_contain_text("fell off the ladder")


@pytest.mark.long  # on a machine three times overcommitted the sheet was once found closed
async def test_what_lies_in_quarantine_is_driven_again_or_let_go_on_second_thought(
    visit: Visit, held_apart: str
) -> None:
    visit.expect_refusal(f"/v1/quarantine/{STORE}/{held_apart}/again")
    hub = await visit.hub()
    await hub.get_by_test_id("open-quarantine").click()
    fact = hub.get_by_test_id("quarantined")
    await expect(fact).to_have_attribute("data-fact", held_apart)
    await expect(fact).to_contain_text(REASON)

    await fact.get_by_test_id("drive-again").click()
    await expect(hub.get_by_test_id("toasts")).to_contain_text("no place in any lane")
    await fact.get_by_test_id("drop").click()
    await fact.get_by_role("button", name="Keep it").click()
    await fact.get_by_test_id("drop").click()
    await fact.get_by_test_id("drop-surely").click()
    await expect(hub.get_by_text("Nothing in quarantine")).to_be_visible()
