import stat
from pathlib import Path

import pytest
import zmq

from edge_agent.devices.keys import (
    KeyProblem,
    allowed_devices,
    device_keys,
    enrol,
    server_keys,
)


def test_an_enrolled_device_is_allowed_by_the_key_it_holds(tmp_path: Path) -> None:
    enrol(tmp_path, "A")
    keys = device_keys(tmp_path, "A")
    assert allowed_devices(tmp_path) == {keys.public: "A"}
    assert keys.public == zmq.curve_public(keys.secret)
    assert keys.server == server_keys(tmp_path).public


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    enrol(tmp_path, "A")
    secrets = sorted(tmp_path.rglob("*.key_secret"))
    assert [s.name for s in secrets] == ["A.key_secret", "server.key_secret"]
    assert {stat.S_IMODE(s.stat().st_mode) for s in secrets} == {0o600}


def test_enrolling_again_changes_no_key(tmp_path: Path) -> None:
    enrol(tmp_path, "A")
    before = device_keys(tmp_path, "A")
    enrol(tmp_path, "A")
    assert device_keys(tmp_path, "A") == before


@pytest.mark.parametrize("name", ["", "../A", "A/B", ".A", "A" * 65])
def test_a_name_that_is_no_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(KeyProblem, match="no device name"):
        enrol(tmp_path, name)


def test_a_missing_key_is_named_with_its_remedy(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match=r"A\.key_secret.*--enrol"):
        device_keys(tmp_path, "A")


def test_a_file_that_holds_no_key_allows_nobody_and_hinders_nobody(tmp_path: Path) -> None:
    enrol(tmp_path, "A")
    (tmp_path / "allowed" / "B.key").write_text("hello\n")
    (tmp_path / "allowed" / "C.key").mkdir()
    (tmp_path / "allowed" / "D.key").symlink_to("nowhere")
    assert list(allowed_devices(tmp_path).values()) == ["A"]
    (tmp_path / "server.key_secret").write_text("hello\n")
    with pytest.raises(KeyProblem, match="no Z85 key"):
        server_keys(tmp_path)
