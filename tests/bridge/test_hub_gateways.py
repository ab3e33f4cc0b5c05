"""A gateway's life in the hub's database, on each engine."""

from datetime import timedelta

import pytest
from cryptography import x509

from cloud_bridge.hub import standing
from cloud_bridge.hub.clock import stamp
from cloud_bridge.hub.database import Database, open_database
from cloud_bridge.hub.errors import Refused
from cloud_bridge.hub.rooms.gateways import challenges, service
from cloud_bridge.hub.rooms.gateways import store as table
from cloud_bridge.hub.rooms.gateways.model import Gateway
from cloud_bridge.hub.rooms.stores import store as stores
from cloud_bridge.wire.identity import ProvisionRequest, RenewalRequest, words_to_sign
from edge_agent.provisioning.keys import request_for, signature
from tests.bridge.conftest import Where
from tests.identity.making import NOW, authority, key


def asked_with(token: str, device: str) -> ProvisionRequest:
    return ProvisionRequest(
        token=token,
        gateway_csr=request_for(key(device), "gw-7"),
        bootstrap_csr=request_for(key(f"{device} bootstrap"), "gw-7"),
    )


async def set_up(database: Database, device: str, *, days: int = 0) -> str:
    """Claim gw-7 and spend the claim with the keys of `device`; the bootstrap certificate."""
    now = NOW + timedelta(days=days)
    until = now + timedelta(days=1)
    claim = await database.run(
        lambda tx: service.claim(
            tx, authority(), store="store-1", gateway="gw-7", url="https://hub", until=until
        )
    )
    request = asked_with(claim.token, device)
    first = await database.run(lambda tx: service.provision(tx, authority(), request, now))
    again = await database.run(lambda tx: service.provision(tx, authority(), request, now))
    assert first == again
    return first.bootstrap


async def renewed(database: Database, device: str, bootstrap: str, *, days: int) -> str:
    now = NOW + timedelta(days=days)
    asked = challenges.challenge(authority(), "gw-7", now)
    csr = request_for(key(device), "gw-7")
    request = RenewalRequest(
        gateway="gw-7",
        csr=csr,
        bootstrap=bootstrap,
        challenge=asked,
        signature=signature(key(f"{device} bootstrap"), words_to_sign(asked, csr)),
    )
    return await database.run(lambda tx: service.renew(tx, authority(), request, now))


async def listed(database: Database, *, days: int) -> Gateway:
    [one] = await database.read(lambda tx: table.listed(tx, NOW + timedelta(days=days)))
    return one


async def serials_revoked(database: Database, *, days: int) -> set[int]:
    rows = await database.read(lambda tx: table.revoked(tx, NOW + timedelta(days=days)))
    return {serial for serial, _ in rows}


def serial_of(pem: str) -> int:
    return x509.load_pem_x509_certificate(pem.encode()).serial_number


async def test_a_gateway_is_set_up_renewed_replaced_and_revoked(where: Where) -> None:
    async with open_database(where) as database:
        await database.run(lambda tx: stores.add(tx, "store-1"))
        bootstrap = await set_up(database, "first device")
        assert (await listed(database, days=0)).state == "active"
        assert (await listed(database, days=100)).state == "expired"

        later = await renewed(database, "first device", bootstrap, days=100)
        assert await renewed(database, "first device", bootstrap, days=100) == later
        assert (await listed(database, days=100)).serial == f"{serial_of(later):x}"
        assert await serials_revoked(database, days=100) == set()

        replacement = await set_up(database, "second device", days=101)
        assert await serials_revoked(database, days=101) == {serial_of(later), serial_of(bootstrap)}
        with pytest.raises(Refused, match="replaced"):
            await renewed(database, "first device", bootstrap, days=101)

        await _lead(database, "gw-7")
        now = NOW + timedelta(days=102)
        await database.run(lambda tx: service.revoke(tx, "gw-7", "stolen", now))
        assert await _leader(database) is None
        assert await database.read(lambda tx: standing.is_barred(tx, "store-1", "gw-7"))
        assert not await database.read(lambda tx: standing.is_barred(tx, "store-1", "gw-8"))
        with pytest.raises(Refused, match="revoked"):
            await renewed(database, "second device", replacement, days=102)
        with pytest.raises(Refused, match="used before"):
            await set_up(database, "second device", days=102)
        await set_up(database, "third device", days=103)
        assert (await listed(database, days=103)).state == "active"


async def _lead(database: Database, gateway: str) -> None:
    await database.run(lambda tx: tx.execute("UPDATE store SET gateway = $1", gateway))


async def _leader(database: Database) -> str | None:
    row = await database.read(lambda tx: tx.row("SELECT gateway FROM store"))
    assert row is not None
    leader: str | None = row["gateway"]
    return leader


async def test_what_the_revoked_list_forgets_has_ended_by_itself(where: Where) -> None:
    async with open_database(where) as database:
        await database.run(lambda tx: stores.add(tx, "store-1"))
        await set_up(database, "first device")
        moment = stamp(NOW)
        await database.run(lambda tx: table.revoke_certificates(tx, "gw-7", moment))
        assert len(await serials_revoked(database, days=89)) == 2
        assert len(await serials_revoked(database, days=91)) == 1, "the bootstrap certificate"
