"""The agent renews in time, after any time away, and never for who was revoked."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import msgspec
import pytest
import pytest_asyncio

from cloud_bridge.hub.ca.certificates import pem_of
from cloud_bridge.hub.rooms.gateways.challenges import challenge
from cloud_bridge.wire.identity import RenewalRequest, words_to_sign
from edge_agent.kernel.clock import Instant
from edge_agent.kernel.errors import Refused
from edge_agent.kernel.files import write_whole
from edge_agent.provisioning.files import Folder, Hub, Identity
from edge_agent.provisioning.keys import request_for, signature
from edge_agent.provisioning.provision import provision
from edge_agent.provisioning.renewal import LOOK_S, Renewal, renew
from tests.identity.making import key
from tests.identity.rig import ServedHub
from tests.support.brokers import free_port

pytestmark = pytest.mark.asyncio(loop_scope="session")


class HubsClock:
    """The gateway's clock shows what the hub's does, unless a test sets it."""

    def __init__(self, hub: ServedHub) -> None:
        self._hub = hub
        self.off = timedelta()

    def now(self) -> Instant:
        return Instant(self._hub.now + self.off, 0.0)


@pytest_asyncio.fixture(loop_scope="session")
async def folder(hub: ServedHub, tmp_path: Path) -> Folder:
    """Of a gateway that was set up now."""
    claim = await hub.claim()
    await provision(claim, state=tmp_path, store=hub.store, gateway=hub.gateway)
    return Folder(tmp_path)


def renewal(hub: ServedHub, folder: Folder) -> Renewal:
    return Renewal(folder, HubsClock(hub), Random(7))  # noqa: S311 - jitter, repeatable


async def test_it_renews_at_two_thirds_and_not_before_with_the_same_key(
    hub: ServedHub, folder: Folder
) -> None:
    first = folder.read()
    hub.later(days=59)
    assert await renewal(hub, folder).turn() == LOOK_S
    assert folder.read().certificate == first.certificate
    hub.later(days=5)
    assert await renewal(hub, folder).turn() == LOOK_S
    second = folder.read()
    assert second.until == hub.now + timedelta(days=90)
    assert second.certificate.public_key() == first.certificate.public_key()
    assert second.bootstrap == first.bootstrap


async def test_a_gateway_that_was_off_for_a_year_is_back_by_its_bootstrap_certificate(
    hub: ServedHub, folder: Folder
) -> None:
    hub.later(days=365)
    assert (await hub.told())["state"] == "expired"
    await renewal(hub, folder).turn()
    assert folder.read().until == hub.now + timedelta(days=90)
    assert (await hub.told())["state"] == "active"


async def test_a_gateways_wrong_clock_does_not_keep_it_from_renewing(
    hub: ServedHub, folder: Folder
) -> None:
    hub.later(days=70)
    clock = HubsClock(hub)
    task = Renewal(folder, clock, Random(7))  # noqa: S311 - jitter, repeatable
    clock.off = timedelta(days=-30000)
    first = folder.read()
    assert await task.turn() == LOOK_S
    assert folder.read().certificate == first.certificate
    clock.off = timedelta(days=40 * 365)
    await task.turn()
    assert folder.read().until == hub.now + timedelta(days=90)


async def test_a_renewal_whose_answer_was_lost_gets_the_same_certificate_again(
    hub: ServedHub, folder: Folder
) -> None:
    hub.later(days=64)
    certificates = {await renew(folder) for _ in range(3)}
    assert len(certificates) == 1
    hub.later(days=2)
    assert await renew(folder) not in certificates


async def test_the_old_certificate_stays_good_until_it_ends(hub: ServedHub, folder: Folder) -> None:
    hub.later(days=64)
    old = folder.read().certificate
    await renew(folder)
    assert old.serial_number not in await hub.revoked()
    assert old.not_valid_after_utc > hub.now


async def test_who_is_revoked_cannot_renew_and_asks_no_faster_than_every_ten_seconds(
    hub: ServedHub, folder: Folder
) -> None:
    await hub.revoke()
    hub.later(days=64)
    with pytest.raises(Refused, match="revoked") as caught:
        await renew(folder)
    assert caught.value.code == "gateway_revoked"
    task = renewal(hub, folder)
    waits = [await task.turn() for _ in range(3)]
    assert all(10 <= each <= 3600 for each in waits)


async def test_a_hub_that_is_away_is_asked_again_and_nothing_is_lost(
    hub: ServedHub, folder: Folder
) -> None:
    hub.later(days=80)
    before = folder.read()
    nowhere = Hub(url=f"http://127.0.0.1:{free_port()}", store=hub.store, gateway=hub.gateway)
    write_whole(folder.live / "hub.json", msgspec.json.encode(nowhere))
    assert await renewal(hub, folder).turn() < LOOK_S
    assert folder.read().certificate == before.certificate


async def test_an_agent_without_an_identity_waits_for_one(hub: ServedHub, tmp_path: Path) -> None:
    assert await renewal(hub, Folder(tmp_path / "none")).turn() == LOOK_S


async def test_the_agent_finishes_what_a_power_cut_left_of_provisioning(
    hub: ServedHub, folder: Folder
) -> None:
    folder.live.rename(folder.next)
    assert await renewal(hub, folder).turn() == LOOK_S
    assert folder.read().hub.gateway == hub.gateway


def signed(identity: Identity, asked: str, **other: object) -> RenewalRequest:
    """A good request but for what `other` replaces."""
    gateway = identity.hub.gateway
    csr = request_for(identity.key, gateway)
    good = RenewalRequest(
        gateway=gateway,
        csr=csr,
        bootstrap=pem_of(identity.bootstrap),
        challenge=asked,
        signature=signature(identity.bootstrap_key, words_to_sign(asked, csr)),
    )
    return msgspec.structs.replace(good, **other)


Forgery = Callable[[ServedHub, Identity, str], RenewalRequest]


def by_another_key(_: ServedHub, identity: Identity, asked: str) -> RenewalRequest:
    words = words_to_sign(asked, signed(identity, asked).csr)
    return signed(identity, asked, signature=signature(key("thief"), words))


def for_another_request(_: ServedHub, identity: Identity, asked: str) -> RenewalRequest:
    return signed(identity, asked, csr=request_for(key("thief"), "thief"))


def for_another_gateway(hub: ServedHub, identity: Identity, _: str) -> RenewalRequest:
    asked = challenge(hub.authority, "another", hub.now)
    return signed(identity, asked, gateway="another")


def with_an_old_challenge(hub: ServedHub, identity: Identity, asked: str) -> RenewalRequest:
    hub.later(minutes=6)
    return signed(identity, asked)


def with_a_challenge_of_its_own(hub: ServedHub, identity: Identity, _: str) -> RenewalRequest:
    return signed(identity, f"{int(hub.now.timestamp())}.00.{'ab' * 32}")


def by_the_gateways_own_certificate(_: ServedHub, identity: Identity, asked: str) -> RenewalRequest:
    good = signed(identity, asked)
    words = words_to_sign(asked, good.csr)
    return signed(
        identity,
        asked,
        bootstrap=pem_of(identity.certificate),
        signature=signature(identity.key, words),
    )


def for_a_key_of_its_own(_: ServedHub, identity: Identity, asked: str) -> RenewalRequest:
    csr = request_for(key("thief"), identity.hub.gateway)
    words = words_to_sign(asked, csr)
    return signed(identity, asked, csr=csr, signature=signature(identity.bootstrap_key, words))


@pytest.mark.parametrize(
    ("forgery", "code"),
    [
        (by_another_key, "bad_signature"),
        (for_another_request, "bad_signature"),
        (for_another_gateway, "bad_bootstrap"),
        (with_an_old_challenge, "challenge_stale"),
        (with_a_challenge_of_its_own, "challenge_stale"),
        (by_the_gateways_own_certificate, "bad_bootstrap"),
        (for_a_key_of_its_own, "key_unknown"),
    ],
)
async def test_what_the_bootstrap_key_did_not_sign_now_is_refused(
    hub: ServedHub, folder: Folder, forgery: Forgery, code: str
) -> None:
    response = await hub.asked("POST", "/challenges", {"gateway": hub.gateway})
    request = forgery(hub, folder.read(), response.json()["challenge"])
    answer = await hub.send("POST", "/renewals", msgspec.to_builtins(request))
    assert (answer.status_code, answer.json()["code"]) == (403, code)
