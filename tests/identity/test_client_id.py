"""Who knows a client id can end its owner's connection at the broker."""

from pathlib import Path

import msgspec

from edge_agent.brokers import cloud_broker
from edge_agent.check import load
from edge_agent.kernel.files import write_whole
from edge_agent.settings import Settings
from tests.faults.system.settings import lay_out_agent
from tests.identity.making import key_pem


def settings_in(folder: Path, key: str) -> Settings:
    """Of the same store and gateway each time, but for the identity's key."""
    lay_out_agent(folder, broker=1883)
    (folder / "state" / "identity").mkdir(parents=True)
    write_whole(folder / "state" / "identity" / "gateway.key", key_pem(key))
    settings, _ = load(folder / "store.toml")
    return msgspec.structs.replace(
        settings, cloud=msgspec.structs.replace(settings.cloud, tls=True)
    )


def test_a_gateways_client_id_stays_and_is_not_told_by_its_names(tmp_path: Path) -> None:
    ours = settings_in(tmp_path / "ours", "gateway")
    theirs = settings_in(tmp_path / "theirs", "another")
    assert cloud_broker(ours).client_id == cloud_broker(ours).client_id
    assert cloud_broker(ours).client_id != cloud_broker(theirs).client_id


def test_a_gateway_without_an_identity_is_known_by_its_names(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "gateway")
    (tmp_path / "state" / "identity" / "gateway.key").unlink()
    store = settings.store
    assert cloud_broker(settings).client_id == f"{store.id}/{store.gateway}"
