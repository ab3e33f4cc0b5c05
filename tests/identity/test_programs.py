"""The programs as an operator uses them: CA, hub, claim, gateway, revocation, broker's files."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from cryptography import x509
from typer.testing import CliRunner

from cloud_bridge.hub.__main__ import app as cloud_hub
from cloud_bridge.hub.access import write_key
from cloud_bridge.hub.errors import HubError
from cloud_bridge.hub.settings import load_settings
from edge_agent.__main__ import app as edge_agent
from edge_agent.provisioning.files import Folder
from tests.support.brokers import free_port, listens

DEMO = Path(__file__).parents[2] / "simulators" / "demo"


class Desk:
    """An operator's folder with a CA, and a hub that runs over HTTPS with a certificate of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.settings = folder / "hub.toml"
        for name in ("operator.key", "api.key"):
            write_key(folder / name)
        self.settings.write_text(
            f'database = "hub.db"\nstores = ["seongsu-1"]\nlisten = "127.0.0.1:{self.port}"\n'
            f'ca = "ca"\nurl = "https://localhost:{self.port}"\n'
            '[https]\ncertificate = "ca/server.crt"\nkey = "ca/server.key"\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {free_port()}\n'
            '[broker.tls]\nca = "ca/ca.crt"\ncertificate = "ca/hub.crt"\nkey = "ca/hub.key"\n'
            '[access]\noperator_key_file = "operator.key"\napi_key_file = "api.key"\n'
        )

    def ca(self, *arguments: str) -> str:
        return self.run("ca", *arguments, "--directory", str(self.folder / "ca"))

    def hub(self, *arguments: str) -> str:
        return self.run(*arguments, "--settings", str(self.settings))

    def run(self, *arguments: str) -> str:
        """What `cloud-hub` prints.

        Raises:
            HubError: as which the program says what is wrong, and exits 2.
        """
        result = CliRunner().invoke(cloud_hub, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.stdout


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("desk"))
    made.ca("init")
    made.ca("issue-server", "--name", "hub.example")
    made.ca("issue-hub")
    command = [sys.executable, "-m", "cloud_bridge.hub", "run", "--settings", str(made.settings)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as hub:
        while not listens(made.port):
            assert hub.poll() is None
        yield made
        hub.kill()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The demo's store, on a gateway of its own."""
    copy(DEMO / "catalogue.toml", tmp_path)
    secrets = tmp_path / "state" / "secrets"
    secrets.mkdir(parents=True)
    for name in ("desk.key", "till.key"):
        write_key(secrets / name)
    text = (DEMO / "store.toml").read_text("utf-8")
    (tmp_path / "store.toml").write_text(text, "utf-8")
    return tmp_path / "store.toml"


def agent(*arguments: str, told: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(edge_agent, arguments, input=told, catch_exceptions=False)
    return result.exit_code, result.output


def test_from_a_claim_on_paper_to_a_revoked_gateway(desk: Desk, store: Path) -> None:
    claim = desk.hub("gateway", "claim", "seongsu-1", "gw-1")
    status, said = agent("provision", "--settings", str(store), "--claim", "-", told=claim)
    assert (status, "the claim is spent" in said) == (0, True), said
    assert claim.strip() not in said
    identity = Folder(store.parent / "state").read()
    assert desk.hub("gateway", "list").startswith("seongsu-1\tgw-1\tactive until ")
    assert agent("identity", "--settings", str(store), "--renew")[0] == 0

    broker = desk.folder / "broker"
    broker.mkdir()
    update = ("broker", "update", "--folder", str(broker))
    assert desk.hub(*update).count("reload the broker") == 2
    assert desk.hub(*update) == "", "nothing has changed"
    assert "user gw-1\n" in (broker / "acl").read_text()

    desk.hub("gateway", "revoke", "gw-1", "--reason", "stolen from the counter")
    assert "revoked" in desk.hub("gateway", "list")
    assert desk.hub(*update).count("reload the broker") == 2
    assert "user gw-1\n" not in (broker / "acl").read_text()
    crl = x509.load_pem_x509_crl((broker / "crl.pem").read_bytes())
    assert crl.get_revoked_certificate_by_serial_number(identity.certificate.serial_number)
    assert agent("identity", "--settings", str(store), "--renew")[0] == 1


def test_the_hub_refuses_in_words(desk: Desk) -> None:
    with pytest.raises(HubError, match="serves no store"):
        desk.hub("gateway", "claim", "nowhere", "gw-1")
    with pytest.raises(HubError, match="no gateway gw-99"):
        desk.hub("gateway", "revoke", "gw-99", "--reason", "?")


def test_rules_come_for_both_brokers(desk: Desk) -> None:
    desk.hub("gateway", "claim", "seongsu-1", "gw-2")
    assert desk.hub("broker", "acl").startswith("# Written by")
    assert desk.hub("broker", "acl", "--for", "emqx").endswith("{deny, all}.\n")


def test_the_key_is_given_to_the_very_hub_and_not_to_another_server_of_its_ca(desk: Desk) -> None:
    """Of a public CA anybody may have a certificate, and wait where the hub listened."""
    desk.ca("issue-server", "--name", "hub.example", "--out", str(desk.folder / "own"))
    settings = desk.folder / "other.toml"
    settings.write_text(desk.settings.read_text().replace('"ca/server.', '"own/server.'))
    with pytest.raises(HubError, match="certificate verify failed"):
        desk.run("gateway", "list", "--settings", str(settings))


def test_a_hub_that_does_not_run_is_said_to_be_away(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ca("init")
    desk.ca("issue-server", "--name", "hub.example")
    with pytest.raises(HubError, match="cloud-hub run"):
        desk.hub("gateway", "list")


def test_a_missing_certificate_is_named_before_the_hub_starts(tmp_path: Path) -> None:
    with pytest.raises(HubError, match=r"https: .*server\.crt is not there"):
        load_settings(Desk(tmp_path).settings)


def test_a_hub_whose_claims_would_travel_in_clear_does_not_start(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.ca("init")
    desk.ca("issue-server", "--name", "hub.example")
    text = desk.settings.read_text()
    desk.settings.write_text(text.replace("https://localhost", "http://hub.example"))
    with pytest.raises(HubError, match="would carry claims in clear"):
        load_settings(desk.settings)


@pytest.mark.parametrize("claim", ["", "aisle-claim:1:AAAA", "x" * 5000])
def test_a_bad_claim_is_refused_and_not_repeated(store: Path, claim: str) -> None:
    status, said = agent("provision", "--settings", str(store), "--claim", "-", told=claim)
    assert status == 1
    assert "claim" in said
    assert not claim or claim not in said
