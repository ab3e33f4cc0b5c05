"""Wherever the power goes, the gateway is who it was, or who it was to become."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count, takewhile
from pathlib import Path

import pytest

from cloud_bridge.hub.ca.certificates import Kind, issue, pem_of
from edge_agent.provisioning.files import BadIdentity, Folder, Hub
from edge_agent.provisioning.keys import BadKey
from tests.identity.making import NOW, answer, authority

HUB = Hub(url="https://hub.example", store="store-1", gateway="gw-7")
MARK, LATER_MARK = "11" * 32, "22" * 32


class Cut(BaseException):
    """The power goes."""


def become(folder: Folder, mark: str) -> None:
    """What `provision` does with the folder."""
    with folder.locked():
        folder.settle()
        if not folder.spent(mark):
            key, bootstrap = folder.prepare(mark)
            folder.take(HUB, answer(gateway=key, bootstrap=bootstrap))


@contextmanager
def power_fails_at(step: int) -> Iterator[None]:
    """The power goes just before the `step`-th change of the disk from here on."""
    left = step

    def counting(real: Callable[..., object]) -> Callable[..., object]:
        def changed(*args: object, **kwargs: object) -> object:
            nonlocal left
            if left == 0:
                raise Cut
            left -= 1
            return real(*args, **kwargs)

        return changed

    with pytest.MonkeyPatch.context() as patch:
        for name in ("mkdir", "rename", "replace"):
            patch.setattr(Path, name, counting(getattr(Path, name)))
        patch.setattr(shutil, "rmtree", counting(shutil.rmtree))
        yield


def cut_at(step: int, state: Path) -> bool:
    """Whether there was such a step; the identity was whole before, and is whole after."""
    folder = Folder(state)
    become(folder, MARK)
    before, cut = folder.read().certificate, False
    try:
        with power_fails_at(step):
            become(folder, LATER_MARK)
    except Cut:
        cut = True
    with folder.locked():
        folder.settle()
    assert (folder.read().certificate == before) == (not folder.spent(LATER_MARK))
    become(folder, LATER_MARK)
    assert folder.spent(LATER_MARK)
    assert folder.read().certificate != before
    assert {each.name for each in state.iterdir()} == {"identity", "identity.lock"}
    return cut


def test_a_power_cut_at_any_step_leaves_the_old_identity_or_one_that_asking_again_finishes(
    tmp_path: Path,
) -> None:
    steps = list(takewhile(lambda step: cut_at(step, tmp_path / str(step)), count()))
    assert len(steps) > 10


def test_the_keys_that_asked_ask_again(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    first = [each.private_numbers() for each in folder.prepare(MARK)]
    assert [each.private_numbers() for each in folder.prepare(MARK)] == first
    assert [each.private_numbers() for each in folder.prepare(LATER_MARK)] == first


def test_keys_are_their_owners_alone_and_differ(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    key, bootstrap = folder.prepare(MARK)
    assert key.private_numbers() != bootstrap.private_numbers()
    modes = {each.name: each.stat().st_mode & 0o777 for each in folder.next.iterdir()}
    assert modes["gateway.key"] == modes["bootstrap.key"] == 0o600
    (folder.next / "gateway.key").chmod(0o644)
    with pytest.raises(BadKey, match="chmod 600"):
        folder.prepare(MARK)


def test_a_renewed_certificate_replaces_one_file_and_never_another_identitys(
    tmp_path: Path,
) -> None:
    folder = Folder(tmp_path)
    become(folder, MARK)
    old = folder.read()
    newer = issue(authority(), Kind.GATEWAY, old.key.public_key(), common_name="gw-7", now=NOW)
    folder.renew(newer, pem_of(newer))
    assert folder.read().certificate == newer
    become(folder, LATER_MARK)
    with pytest.raises(BadIdentity, match="was replaced"):
        folder.renew(newer, pem_of(newer))


def test_two_that_change_an_identity_do_not_mix(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with folder.locked(), pytest.raises(BadIdentity, match="under way"), folder.locked():
        pass


@pytest.mark.parametrize("name", ["gateway.crt", "ca.crt", "bootstrap.key", "hub.json"])
def test_what_is_missing_or_damaged_is_named_with_its_remedy(tmp_path: Path, name: str) -> None:
    folder = Folder(tmp_path)
    become(folder, MARK)
    (folder.live / name).write_text("nothing")
    with pytest.raises(BadIdentity, match="edge-agent provision"):
        folder.read()
    (folder.live / name).unlink()
    with pytest.raises(BadIdentity, match=name):
        folder.read()
