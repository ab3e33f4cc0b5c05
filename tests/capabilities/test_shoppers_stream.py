"""Who joined in the retailer's app: the stream's words against those said in the store."""

from datetime import datetime, timedelta

import msgspec
import pytest

from cloud_bridge.wire.facts.shoppers import Purpose
from cloud_bridge.wire.streams.shoppers import Beacon, Consent, Shopper
from edge_agent.capabilities.shoppers import store
from edge_agent.capabilities.shoppers.model import Shopper as Held
from edge_agent.capabilities.shoppers.service import Shoppers, ShopperStream
from edge_agent.storage import Storage
from tests.capabilities.shopper_world import BADGE, CARD, Company, enrolment
from tests.capabilities.world import MORNING, StillClock, facts, names

ANNA = "anna-of-the-app"
IRK = "00112233445566778899aabbccddeeff"


def word(
    purpose: Purpose = "location",
    given_at: datetime = MORNING.wall,
    withdrawn_at: datetime | None = None,
) -> Consent:
    return Consent(
        purpose=purpose,
        text_version="app-7",
        language="ko",
        given_at=given_at,
        until=given_at + timedelta(days=365),
        evidence="app/consents/4711",
        withdrawn_at=withdrawn_at,
    )


def item(*consents: Consent, entry: str = "e-1", beacon: Beacon | None = None) -> Shopper:
    return Shopper(
        id=entry,
        shopper=ANNA,
        language="ko",
        beacons=[beacon or Beacon(irk=IRK)],
        consents=list(consents) or [word()],
    )


class Rig:
    """The stream on a database, one unit of work a step."""

    def __init__(self, storage: Storage, clock: StillClock) -> None:
        self.storage = storage
        self.clock = clock
        self.company = Company()
        self.shoppers: Shoppers = self.company.room(storage, clock)
        self.stream = ShopperStream(self.shoppers)

    async def put(self, one: Shopper) -> None:
        raw, now = msgspec.json.encode(one), self.clock.now()
        await self.storage.run(lambda tx: self.stream.put(tx, one.id, raw, now))

    async def remove(self, entry: str) -> None:
        now = self.clock.now()
        await self.storage.run(lambda tx: self.stream.remove(tx, entry, now))

    async def snapshot(self, *entries: str) -> None:
        now = self.clock.now()
        await self.storage.run(lambda tx: self.stream.remove_except(tx, entries, now))

    async def anna(self) -> Held | None:
        return await self.storage.view(lambda reads: store.find(reads, ANNA))


@pytest.fixture
def rig(storage: Storage, clock: StillClock) -> Rig:
    return Rig(storage, clock)


async def test_a_consent_given_in_the_app_arrives_with_its_evidence_and_its_own_time(
    rig: Rig,
) -> None:
    given_at = MORNING.wall - timedelta(days=3)
    await rig.put(item(word(given_at=given_at)))
    recorded = await facts(rig.storage)
    assert [name for name, _ in recorded] == ["shoppers.enrolled", "shoppers.consent_given"]
    data = recorded[1][1]
    assert (data["evidence"], data["text_version"]) == ("app/consents/4711", "app-7")
    assert datetime.fromisoformat(data["given_at"]) == given_at
    (identity,) = rig.company.radio.known
    assert identity.startswith("irk:")
    assert rig.shoppers.directory.shopper_of(identity) == ANNA


async def test_the_same_entry_again_changes_nothing(rig: Rig) -> None:
    for _ in range(3):
        await rig.put(item())
        await rig.snapshot("e-1")
    assert await names(rig.storage) == ["shoppers.enrolled", "shoppers.consent_given"]


async def test_what_was_withdrawn_in_the_store_is_not_brought_back_by_an_older_word(
    rig: Rig, clock: StillClock
) -> None:
    await rig.put(item())
    clock.advance(60)
    await rig.shoppers.withdraw(ANNA, "location")
    await rig.put(item())
    assert (held := await rig.anna()) is not None
    assert held.consents == {}
    later = clock.advance(60).wall
    await rig.put(item(word(given_at=later)))
    assert (held := await rig.anna()) is not None
    assert held.consents["location"].given_at == later


async def test_a_withdrawal_in_the_app_holds_in_the_store(rig: Rig, clock: StillClock) -> None:
    await rig.put(item())
    await rig.put(item(word(withdrawn_at=clock.advance(60).wall)))
    assert rig.company.radio.known == {}
    assert rig.company.forgotten == [ANNA]
    assert (await names(rig.storage))[-1] == "shoppers.consent_withdrawn"


async def test_the_app_is_silent_on_purposes_that_it_does_not_name(rig: Rig) -> None:
    await rig.put(item())
    await rig.shoppers.agree(ANNA, "advertising")
    await rig.put(item())
    assert (held := await rig.anna()) is not None
    assert set(held.consents) == {"location", "advertising"}


async def test_leaving_in_the_app_is_leaving(rig: Rig) -> None:
    await rig.put(item())
    await rig.remove("e-1")
    assert await rig.anna() is None
    assert rig.company.gone == [ANNA]
    assert (await names(rig.storage))[-1] == "shoppers.left"
    await rig.remove("e-1")
    await rig.put(item())
    assert await rig.anna() is not None


async def test_who_left_in_the_store_stays_gone_until_the_stream_has_dropped_them(
    rig: Rig,
) -> None:
    await rig.put(item())
    await rig.shoppers.leave(ANNA)
    await rig.put(item())
    await rig.snapshot("e-1")
    await rig.put(item())
    assert await rig.anna() is None
    await rig.snapshot()
    assert await rig.storage.read("SELECT * FROM shopper_departed") == []


async def test_a_snapshot_ends_only_who_came_by_the_stream(rig: Rig) -> None:
    here = (await rig.shoppers.enrol(enrolment())).shopper
    await rig.put(item())
    await rig.snapshot()
    assert await rig.anna() is None
    assert rig.shoppers.directory.shopper_of(CARD.identity) == here


async def test_a_card_that_somebody_has_is_not_taken_from_them(rig: Rig) -> None:
    here = (await rig.shoppers.enrol(enrolment())).shopper
    await rig.put(item(beacon=Beacon(identity=CARD.identity)))
    assert rig.shoppers.directory.shopper_of(CARD.identity) == here
    assert (held := await rig.anna()) is not None
    assert held.beacons == ()


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff", b"null", b'{"id":"e-1","shopper":"x","language":"ko"}', b"[" * 5000],
    ids=["nothing", "half", "no text", "null", "a pseudonym too short", "deep"],
)
async def test_an_entry_that_cannot_be_read_changes_nothing(rig: Rig, raw: bytes) -> None:
    await rig.storage.run(lambda tx: rig.stream.put(tx, "e-1", raw, MORNING))
    assert await names(rig.storage) == []


async def test_what_was_withdrawn_in_the_store_stays_so_though_the_apps_clock_is_ahead(
    rig: Rig, clock: StillClock
) -> None:
    ahead = item(word(given_at=MORNING.wall + timedelta(hours=1)))
    await rig.put(ahead)
    clock.advance(60)
    await rig.shoppers.withdraw(ANNA, "location")
    await rig.put(ahead)
    assert (held := await rig.anna()) is not None
    assert held.consents == {}


async def test_a_consent_that_was_over_before_it_came_was_never_given(rig: Rig) -> None:
    await rig.put(item(word(given_at=MORNING.wall - timedelta(days=365))))
    assert (held := await rig.anna()) is not None
    assert held.consents == {}
    assert rig.company.radio.known == {}


@pytest.mark.parametrize(
    "identity",
    [BADGE, "phone:somebody-else", "irk:0123456789ab", "sensor:fridge", "junk"],
    ids=["the store's own", "another's phone", "what a key proves", "a sensor", "junk"],
)
async def test_an_app_can_claim_no_identity_that_is_not_a_persons(rig: Rig, identity: str) -> None:
    await rig.put(item(beacon=Beacon(identity=identity)))
    assert (held := await rig.anna()) is not None
    assert held.beacons == ()
    assert rig.company.radio.known == {}
