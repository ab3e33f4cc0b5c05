"""Opening the store: sign in, pair the machines, count the goods, publish, enrol the shoppers."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from simulators.demo.callers import Caller, Desk, Hub, Till, join
from simulators.demo.directory import Keys
from simulators.demo.journal import Journal, wall_time
from simulators.demo.persons import Person, Phone
from simulators.demo.ports import Ports
from simulators.demo.premises import Premises
from simulators.demo.scene import Scene
from simulators.demo.story import Offer, Story
from simulators.mirror import RfidReader

CAMPAIGN_RUNS = timedelta(days=7)
PATIENCE = httpx.Timeout(10.0)


@dataclass(frozen=True, slots=True)
class Terms:
    """How long a coupon is good, in seconds, and how many of a campaign one shopper may get."""

    valid_s: int
    per_shopper: int


STORY_TERMS = Terms(valid_s=3600, per_shopper=3)

VISIT_TERMS = Terms(valid_s=300, per_shopper=20)
"""Who holds an open coupon gets no other: after five minutes a visitor can send them again."""


@asynccontextmanager
async def open_scene(
    store: str, ports: Ports, keys: Keys, premises: Premises, journal: Journal
) -> AsyncIterator[Scene]:
    """Sign in and pair: everybody can talk to the agent and the hub, nothing has happened yet."""
    async with AsyncExitStack() as stack:

        async def client(port: int) -> httpx.AsyncClient:
            return await stack.enter_async_context(
                httpx.AsyncClient(
                    base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False
                )
            )

        agent = await client(ports.agent)
        desk = Desk(await client(ports.agent))
        await desk.sign_in(keys.desk)
        hub = Hub.bearer(await client(ports.hub), keys.hub_api)
        bank = next(iter(premises.world.plan.lockers))
        readers = {
            mirror.id: await _pair_mirror(agent, desk, mirror.id)
            for mirror in premises.world.plan.mirrors
        }
        yield Scene(
            store=store,
            bank_id=bank,
            premises=premises,
            journal=journal,
            agent=agent,
            desk=desk,
            hub=hub,
            till=Till.bearer(agent, keys.till),
            terminal=Caller.bearer(agent, await _token(agent, desk, bank)),
            staff=desk.view("/v1/live/staff"),
            console=desk.view("/v1/live/console"),
            mirrors=readers,
            views={
                mirror: Caller.bearer(agent, reader.token).view("/v1/live/mirror")
                for mirror, reader in readers.items()
            },
        )


async def open_store(scene: Scene, story: Story, consent_text: str, terms: Terms | None) -> None:
    """Count the goods, publish the campaigns (None withholds them), enrol the guests."""
    counts = [{"gtin": gtin, "on_hand": units} for gtin, units in story.counts.items()]
    await scene.desk.post("/v1/counts", {"lines": counts})
    scene.journal.note("counted", on_hand=dict(story.counts))
    if terms is not None:
        for offer in story.offers:
            await scene.hub.publish(offer.id, _campaign(offer, terms))
            scene.journal.note("published", campaign=offer.id, zone=offer.zone)
    for part in story.parts:
        person = Person(part.guest, scene.premises.world)
        await enrol(scene, person, consent_text)
        scene.people[part.guest.id] = person


async def enrol(scene: Scene, person: Person, consent_text: str) -> None:
    """A clerk enrols somebody, who joins with their own phone."""
    guest = person.guest
    welcome = await scene.desk.post(
        "/v1/shoppers",
        {
            "beacon": guest.card.identity,
            "language": guest.language,
            "consents": {
                "location": guest.location,
                "advertising": guest.advertising,
                "night_advertising": guest.advertising,  # the demo runs at any hour
            },
            "text_version": consent_text,
        },
    )
    joined = await join(scene.agent, welcome["join_code"])
    person.shopper = welcome["shopper"]
    person.phone = Phone(Caller.bearer(scene.agent, joined["token"]))
    scene.journal.note("enrolled", person=guest.id, shopper=person.shopper, location=guest.location)


async def _pair_mirror(agent: httpx.AsyncClient, desk: Desk, mirror: str) -> RfidReader:
    return await RfidReader.pair(agent, mirror, await desk.join_code("device", mirror))


async def _token(agent: httpx.AsyncClient, desk: Desk, subject: str) -> str:
    joined = await join(agent, await desk.join_code("device", subject))
    return str(joined["token"])


def _campaign(offer: Offer, terms: Terms) -> dict[str, Any]:
    now = wall_time()
    return {
        "title": dict(offer.title),
        "text": dict(offer.text),
        "zone": offer.zone,
        "gtins": list(offer.gtins),
        "discount": offer.discount,
        "currency": "KRW",
        "starts": (now - timedelta(minutes=1)).isoformat(),
        "ends": (now + CAMPAIGN_RUNS).isoformat(),
        "valid_s": terms.valid_s,
        "per_shopper": terms.per_shopper,
        "stores": None,
    }
