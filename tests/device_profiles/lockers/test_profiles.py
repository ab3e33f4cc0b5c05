from pathlib import Path

import msgspec
import pytest

from device_profiles.lockers.families import FAMILIES, driver_for
from device_profiles.lockers.profile import BadProfile, load, load_file

PROFILE = Path(__file__).parents[3] / "device_profiles/lockers/kerong_cu16/profile.toml"


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_with_a_driver_has_a_profile_of_its_name(family: str) -> None:
    assert load(family).family == family


@pytest.mark.parametrize("family", ["kerong_cu99", "../beacons", ""])
def test_an_unknown_family_is_named(family: str) -> None:
    with pytest.raises(BadProfile, match="no known family"):
        load(family)


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ("closed = 2", r"\$\.sensors\.closed"),
        ("closed = 1\nopened = 1", "opened"),
        ("closed =", "Invalid value"),
    ],
)
def test_a_mistake_in_a_sites_profile_is_named_with_its_file(
    tmp_path: Path, wrong: str, place: str
) -> None:
    site = tmp_path / "profile.toml"
    site.write_text(PROFILE.read_text(encoding="utf-8").replace("closed = 1", wrong))
    with pytest.raises(BadProfile, match=place) as caught:
        load_file(site)
    assert str(site) in str(caught.value)


def test_a_sites_profile_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadProfile, match="No such file"):
        load_file(tmp_path / "profile.toml")


def test_a_profile_without_a_driver_says_which_there_are() -> None:
    stranger = msgspec.structs.replace(load("kerong_cu16"), family="bloxs")
    with pytest.raises(BadProfile, match="kerong_cu16"):
        driver_for(stranger)


def test_a_status_exchange_of_the_cu16_takes_seven_milliseconds_of_line() -> None:
    assert load("kerong_cu16").line.seconds(5 + 9) == pytest.approx(0.00729, abs=1e-5)
