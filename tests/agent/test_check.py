"""`edge-agent check` names file, line and remedy for each mistake."""

import gzip
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge_agent.__main__ import app
from edge_agent.check import BadSettings, load

EXAMPLE = Path(__file__).parents[2] / "simulators" / "demo"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """The example store, with the keys that it names."""
    for name in ("store.toml", "catalogue.toml"):
        shutil.copy(EXAMPLE / name, tmp_path)
    secrets = tmp_path / "state" / "secrets"
    secrets.mkdir(parents=True)
    for name in ("desk", "till", "simulator"):
        key = secrets / f"{name}.key"
        key.write_text("k7mw-2rfp-x9tc-04hd\n", "utf-8")
        key.chmod(0o600)
    return tmp_path / "store.toml"


def change(file: Path, old: str, new: str) -> int:
    """Replace `old` in `file`; the line on which the new text stands."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def mistakes(file: Path) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        load(file)
    return [str(mistake).removeprefix(f"{file.parent}/") for mistake in caught.value.mistakes]


def test_the_example_store_is_fine(store: Path) -> None:
    settings, catalogue = load(store)
    assert settings.store.id == "seongsu-1"
    assert settings.catalogue.file == store.parent / "catalogue.toml"
    assert "8800000001012" in catalogue.by_gtin()


def test_a_misspelt_key_is_named_with_its_line_and_the_keys_that_exist(store: Path) -> None:
    line = change(store, "gone_after_s", "gone_aftr_s")
    (only,) = mistakes(store)
    assert only.startswith(f"store.toml:{line}: `presence.gone_aftr_s` is not known here")
    assert "gone_after_s" in only


def test_every_mistake_is_named_not_only_the_first(store: Path) -> None:
    first = change(store, "port = 18830", "port = 99999")
    second = change(store, 'kind = "shelf"', 'kind = "shelve"')
    found = mistakes(store)
    assert [line.split(" ")[0] for line in found] == [
        f"store.toml:{first}:",
        f"store.toml:{second}:",
    ]


def test_a_missing_table_is_named_with_what_it_is_for(store: Path) -> None:
    change(store, "[device_bus]", "[[elsewhere]]")
    assert any("lacks `device_bus`" in line for line in mistakes(store))


def test_a_mirror_in_a_zone_that_does_not_exist_is_named(store: Path) -> None:
    line = change(store, 'zone = "fitting"\nposition', 'zone = "attic"\nposition')
    (only,) = mistakes(store)
    assert only.startswith(f"store.toml:{line}: ")
    assert "'attic'" in only


def test_a_point_outside_the_floor_is_named_with_the_floors_size(store: Path) -> None:
    change(store, "[[17.5, 8.5], [24.0, 8.5]", "[[17.5, 8.5], [240.0, 8.5]")
    (only,) = mistakes(store)
    assert "(240, 8.5) lies outside the floor of 24 x 14 m" in only


def test_listening_beyond_loopback_without_tls_is_refused(store: Path) -> None:
    line = change(store, 'listen = "127.0.0.1:8080"', 'listen = "0.0.0.0:8080"')
    (only,) = mistakes(store)
    assert only.startswith(f"store.toml:{line}: ")
    assert "public_url" in only


def test_a_key_file_that_others_can_read_is_refused_with_the_remedy(store: Path) -> None:
    key = store.parent / "state" / "secrets" / "till.key"
    key.chmod(0o644)
    (only,) = mistakes(store)
    assert f"chmod 600 {key}" in only


def test_a_gtin_with_a_wrong_check_digit_is_named_in_the_catalogue(store: Path) -> None:
    line = change(store.parent / "catalogue.toml", "8800000001012", "8800000001013")
    (only,) = mistakes(store)
    assert only.startswith(f"catalogue.toml:{line}: GTIN 8800000001013")


def test_what_is_not_toml_is_named_with_its_line(store: Path) -> None:
    line = change(store, 'id = "seongsu-1"', "id = seongsu-1")
    (only,) = mistakes(store)
    assert only.startswith(f"store.toml:{line}: is not TOML")


def test_the_command_prints_mistakes_without_a_traceback_and_exits_with_2(store: Path) -> None:
    change(store, "port = 18830", 'port = "many"')
    ran = CliRunner().invoke(app, ["check", "--settings", str(store)])
    assert ran.exit_code == 2
    assert "`cloud.port`: expected `int`, got `str`" in ran.output
    assert "Traceback" not in ran.output


def test_the_command_says_what_a_good_file_describes(store: Path) -> None:
    ran = CliRunner().invoke(app, ["check", "--settings", str(store)])
    assert ran.exit_code == 0
    assert "6 zones, 6 receivers, 1 lockers, 2 mirrors" in ran.output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("port = 18830", 'port = 18830\npassword_file = "none.txt"', "No such file or directory"),
        ('id = "A"', 'id = "desk"', "'desk' means no bank"),
        ("boards = 1", "boards = 15\nprofile = 'site.toml'", "No such file or directory"),
        ("tcp://127.0.0.1:5570", "tcp://127.0.0.1:99999", "a port is a number from 1 to 65535"),
        ("127.0.0.1:8080", "127.0.0.1:0", "a port is a number from 1 to 65535"),
        ('gateway = "gw-1"', 'gateway = "gw-1"\ntimezone = "Asia/Soul"', "no IANA time zone"),
        ("[state]", '[shoppers]\nnight_until = "21:00"\n[state]', "there would be none"),
    ],
    ids=["a password", "a bank's name", "a profile", "the bus", "the pages", "a zone", "a night"],
)
def test_what_would_fail_at_the_start_is_named_beforehand(
    store: Path, old: str, new: str, said: str
) -> None:
    change(store, old, new)
    (only,) = mistakes(store)
    assert said in only


def test_two_receivers_on_one_radio_are_a_mistake(store: Path) -> None:
    text = store.read_text("utf-8")
    store.write_text(
        text
        + '\n[[receivers]]\nid = "twin"\nkind = "bluez"\nadapter = "hci0"\nposition = [1, 1]\n',
        "utf-8",
    )
    (only,) = mistakes(store)
    assert "adapter 'hci0' stands twice" in only


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('kind = "bluez"', "name its `adapter`"),
        ('kind = "omg"', "name its `gateway`"),
        ('kind = "espresense"', "name its `node`"),
        ('kind = "esphome"', "name its `host`"),
        ('kind = "gateway"', "name its `device`"),
        ('kind = "esphome"\nhost = "p"\nnode = "x"', "`node` means nothing to a receiver of"),
        ('kind = "omg"\ngateway = "x"\nkey_file = "k"', "`key_file` means nothing to"),
        ('kind = "esphome"\nhost = "p"\nkey_file = "none.key"', "none.key: No such file"),
        ('kind = "omg"\ngateway = "entrance-omg"', "gateway 'entrance-omg' stands twice"),
    ],
)
def test_a_receiver_has_what_its_kind_is_found_by_and_nothing_of_another(
    store: Path, fields: str, expected: str
) -> None:
    table = f'\n[[receivers]]\nid = "new"\n{fields}\nposition = [1, 1]\n'
    store.write_text(store.read_text("utf-8") + table, "utf-8")
    assert any(expected in mistake for mistake in mistakes(store))


def test_several_radios_of_one_other_gateway_are_fine(store: Path) -> None:
    tables = "".join(
        f'\n[[receivers]]\nid = "far-{n}"\nkind = "gateway"\ndevice = "back"\nposition = [1, 1]\n'
        for n in range(2)
    )
    store.write_text(store.read_text("utf-8") + tables, "utf-8")
    settings, _ = load(store)
    assert [one.device for one in settings.receivers if one.kind == "gateway"] == ["back", "back"]


def test_a_survey_with_a_broken_line_is_named_by_the_surveys_own_line(store: Path) -> None:
    change(store, "[presence]", '[presence]\nsurvey = "survey.jsonl.gz"')
    survey = store.parent / "survey.jsonl.gz"
    (missing,) = mistakes(store)
    assert missing.startswith("survey.jsonl.gz:1: cannot be read")
    good = b'{"x": 1.0, "y": 2.0, "receiver": "ceiling-shoes", "rssi": [-60, -61]}\n'
    survey.write_bytes(gzip.compress(good + b'{"x": 1.0}\n'))
    (broken,) = mistakes(store)
    assert broken.startswith("survey.jsonl.gz:2: ")
    survey.write_bytes(gzip.compress(good))
    load(store)
