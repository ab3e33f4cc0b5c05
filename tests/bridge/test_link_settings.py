"""From `[cloud]` of store.toml to the broker that the link dials."""

from pathlib import Path

import pytest

from cloud_bridge.mqtt import Tls
from edge_agent.brokers import cloud_broker
from edge_agent.check import BadSettings, load

DEMO = Path(__file__).parents[2] / "simulators" / "demo" / "store.toml"


def settings_with(tmp_path: Path, cloud: str) -> Path:
    """The demo's settings with another `[cloud]`."""
    head, _, rest = DEMO.read_text("utf-8").partition("[cloud]")
    _, _, tail = rest.partition("\n[")
    file = tmp_path / "store.toml"
    file.write_text(f"{head}[cloud]\n{cloud}\n\n[{tail}", "utf-8")
    catalogue = DEMO.with_name("catalogue.toml")
    file.with_name(catalogue.name).write_bytes(catalogue.read_bytes())
    secrets = tmp_path / "state" / "secrets"
    secrets.mkdir(mode=0o700, parents=True)
    for name in ("desk.key", "till.key"):
        secrets.joinpath(name).write_text("x" * 40)
        secrets.joinpath(name).chmod(0o600)
    return file


def dialled(tmp_path: Path, cloud: str) -> Tls | None:
    settings, _ = load(settings_with(tmp_path, cloud))
    broker = cloud_broker(settings)
    assert broker.client_id == f"{settings.store.id}/{settings.store.gateway}"
    return broker.tls


def test_a_broker_has_no_tls_unless_the_settings_say_so(tmp_path: Path) -> None:
    assert dialled(tmp_path, 'host = "::1"') is None


def test_tls_takes_the_identity_that_was_provisioned(tmp_path: Path) -> None:
    tls = dialled(tmp_path, 'host = "broker.example"\nport = 8883\ntls = true')
    settings, _ = load(tmp_path / "store.toml")
    identity = settings.state.directory / "identity"
    files = (identity / "ca.crt", identity / "gateway.crt", identity / "gateway.key")
    assert tls == Tls(*files)


def test_other_files_are_relative_to_the_settings(tmp_path: Path) -> None:
    tls = dialled(tmp_path, 'host = "broker.example"\n[cloud.tls]\nca = "pki/brokers.crt"')
    assert tls is not None
    assert tls.ca == tmp_path / "pki" / "brokers.crt"
    assert tls.key is not None
    assert tls.key.name == "gateway.key"


@pytest.mark.parametrize("line", ['tls = "yes"', "[cloud.tls]\nverify = false"])
def test_a_mistake_about_tls_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(BadSettings, match="tls"):
        load(settings_with(tmp_path, f'host = "broker.example"\n{line}'))
