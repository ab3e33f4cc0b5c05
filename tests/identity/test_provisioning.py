"""From a claim to an identity, over real HTTP: once, again after a crash, and for nobody else."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from cloud_bridge.hub.ca import files
from cloud_bridge.hub.ca.certificates import common_name
from cloud_bridge.hub.clock import system_clock
from cloud_bridge.wire.identity import Claim
from edge_agent.kernel.errors import Refused
from edge_agent.provisioning.files import Folder
from edge_agent.provisioning.hub import HubUnreachable, NotTheHub
from edge_agent.provisioning.provision import Provisioned, WrongClaim, provision
from tests.identity.making import authority
from tests.identity.rig import ServedHub, served_hub

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def spend(claim: Claim, state: Path) -> Provisioned:
    return await provision(claim, state=state, store=claim.store, gateway=claim.gateway)


async def test_a_claim_buys_a_certificate_of_90_days_and_one_that_may_only_renew(
    hub: ServedHub, tmp_path: Path
) -> None:
    done = await spend(await hub.claim(), tmp_path / "state")
    assert done.until == hub.now + timedelta(days=90)
    identity = Folder(tmp_path / "state").read()
    assert common_name(identity.certificate) == hub.gateway
    assert common_name(identity.bootstrap) == f"bootstrap:{hub.gateway}"
    assert identity.hub.url == hub.url
    told = await hub.told()
    assert told["state"] == "active"
    assert told["serial"] == f"{identity.certificate.serial_number:x}"


async def test_the_same_claim_is_answered_again_to_the_same_keys_and_to_no_others(
    hub: ServedHub, tmp_path: Path
) -> None:
    claim = await hub.claim()
    first = await spend(claim, tmp_path / "state")
    again = await spend(claim, tmp_path / "state")
    assert (first.again, again.again) == (False, True)
    with pytest.raises(Refused, match="spent by other keys") as caught:
        await spend(claim, tmp_path / "another")
    assert caught.value.code == "claim_spent"


async def test_an_answer_that_was_lost_is_asked_for_again_with_the_keys_that_spent_the_claim(
    hub: ServedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim, state = await hub.claim(), tmp_path / "state"
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "take", _lost)
        with pytest.raises(ConnectionResetError):
            await spend(claim, state)
    serial = (await hub.told())["serial"]
    hub.later(days=2)  # past the claim's end
    await spend(claim, state)
    assert f"{Folder(state).read().certificate.serial_number:x}" == serial


async def test_keys_whose_answer_was_lost_may_spend_the_next_claim_too(
    hub: ServedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "take", _lost)
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                await spend(await hub.claim(), state)
    await spend(await hub.claim(), state)
    assert Folder(state).read().hub.gateway == hub.gateway


async def test_keys_that_were_revoked_before_they_were_used_are_thrown_away(
    hub: ServedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "take", _lost)
        with pytest.raises(ConnectionResetError):
            await spend(await hub.claim(), state)
    await hub.revoke()
    claim = await hub.claim()
    with pytest.raises(Refused, match="used before"):
        await spend(claim, state)
    await spend(claim, state)
    assert (await hub.told())["state"] == "active"


def _lost(*_: object) -> None:
    raise ConnectionResetError


async def test_a_claim_ends_with_its_time_and_with_the_next_one(
    hub: ServedHub, tmp_path: Path
) -> None:
    first = await hub.claim(hours=1)
    hub.later(hours=1, seconds=1)
    with pytest.raises(Refused, match="ended at") as late:
        await spend(first, tmp_path / "state")
    second = await hub.claim()
    await hub.claim()
    with pytest.raises(Refused, match="replaced") as replaced:
        await spend(second, tmp_path / "state")
    assert (late.value.code, replaced.value.code) == ("claim_expired", "claim_unknown")


async def test_a_claim_for_another_gateway_than_the_settings_say_is_not_sent_anywhere(
    hub: ServedHub, tmp_path: Path
) -> None:
    with pytest.raises(WrongClaim, match="settings say another of"):
        await provision(
            await hub.claim(), state=tmp_path / "state", store=hub.store, gateway="another"
        )
    assert not (tmp_path / "state").exists()


async def test_a_name_belongs_to_one_store(hub: ServedHub) -> None:
    await hub.claim()
    elsewhere = next(f"store-{n}" for n in range(2) if hub.store != f"store-{n}")
    taken = await hub.send("POST", "/claims", {"store": elsewhere, "gateway": hub.gateway})
    reserved = await hub.send("POST", "/claims", {"store": hub.store, "gateway": "hub"})
    stranger = await hub.send("POST", "/claims", {"store": "store-99", "gateway": "gw-99"})
    codes = [each.json()["code"] for each in (taken, reserved, stranger)]
    assert codes == ["gateway_elsewhere", "gateway_reserved", "store_unknown"]


async def test_setting_a_gateway_up_anew_revokes_what_the_old_device_had(
    hub: ServedHub, tmp_path: Path
) -> None:
    await spend(await hub.claim(), tmp_path / "old")
    old = Folder(tmp_path / "old").read()
    await spend(await hub.claim(), tmp_path / "new")
    new = Folder(tmp_path / "new").read()
    revoked = await hub.revoked()
    assert {old.certificate.serial_number, old.bootstrap.serial_number} <= revoked
    assert not {new.certificate.serial_number, new.bootstrap.serial_number} & revoked
    assert (await hub.told())["serial"] == f"{new.certificate.serial_number:x}"


async def test_a_hub_with_another_ca_than_the_claim_says_gets_no_token(
    hub: ServedHub, tmp_path: Path
) -> None:
    claim = await hub.claim()
    other = Claim(
        url=claim.url,
        pin=authority("theirs").pin,
        store=claim.store,
        gateway=claim.gateway,
        token=claim.token,
    )
    with pytest.raises(NotTheHub, match="another CA"):
        await spend(other, tmp_path / "state")
    await spend(claim, tmp_path / "state")


async def test_plain_http_to_another_machine_is_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    claim = Claim(
        url="http://192.0.2.1:8070",
        pin="ab" * 32,
        store="store-1",
        gateway="gw-7",
        token="t",  # noqa: S106 - it opens nothing
    )
    with pytest.raises(NotTheHub, match="must name an https address"):
        await spend(claim, tmp_path / "state")
    assert not (tmp_path / "state").exists()


async def test_who_has_the_hubs_address_and_not_its_certificate_gets_no_token(
    tmp_path: Path,
) -> None:
    now = system_clock()
    theirs = files.found(tmp_path / "theirs", domains=(), now=now)
    bad = files.issue_server(theirs, tmp_path, names=["hub.example"], now=now)
    async with served_hub(tmp_path / "hub", https=bad) as hub:
        with pytest.raises(HubUnreachable, match="CERTIFICATE_VERIFY_FAILED"):
            await spend(await hub.claim(), tmp_path / "state")
        assert (await hub.told())["state"] == "claimed"


async def test_strangers_are_slowed_down_and_told_so(hub: ServedHub) -> None:
    body = {"token": "guess", "gateway_csr": "", "bootstrap_csr": ""}
    async with asyncio.TaskGroup() as tasks:
        sent = [tasks.create_task(hub.send("POST", "/provision", body)) for _ in range(61)]
    codes = sorted(each.result().json()["code"] for each in sent)
    assert codes == ["claim_unknown"] * 60 + ["too_many_attempts"]
    hub.later(minutes=1)
    assert (await hub.send("POST", "/provision", body)).json()["code"] == "claim_unknown"


@pytest.mark.parametrize("path", ["/provision", "/challenges", "/renewals"])
async def test_what_is_no_request_is_refused_without_harm(hub: ServedHub, path: str) -> None:
    bodies: list[object] = [[], {}, {"token": "x" * 300}, {"gateway": "../../etc"}]
    for body in bodies:
        response = await hub.send("POST", path, body)
        assert (response.status_code, response.json()["code"]) == (422, "invalid")


async def test_only_operators_make_claims_revoke_and_look(hub: ServedHub) -> None:
    key = hub.client.headers.pop("authorization")
    answers = [
        await hub.send("GET", ""),
        await hub.send("POST", "/claims", {"store": hub.store, "gateway": hub.gateway}),
        await hub.send("POST", f"/{hub.gateway}/revoke", {"reason": "x"}),
    ]
    hub.client.headers["authorization"] = key
    assert [each.status_code for each in answers] == [401] * 3


async def test_no_secret_of_a_claim_is_in_the_database(hub: ServedHub, tmp_path: Path) -> None:
    claim = await hub.claim()
    await spend(claim, tmp_path / "state")
    stored = b"".join(each.read_bytes() for each in hub.folder.iterdir())
    assert claim.token.encode() not in stored
    kept = b"".join(each.read_bytes() for each in (tmp_path / "state" / "identity").iterdir())
    assert claim.token.encode() not in kept
