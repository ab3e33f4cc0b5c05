import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from cloud_bridge.hub import alarms, streams
from cloud_bridge.hub.database.schema import migrate
from cloud_bridge.hub.database.sqlite_tx import SqliteTx, complete
from cloud_bridge.hub.errors import HubError, Refused
from cloud_bridge.hub.rooms.configuration import store
from cloud_bridge.hub.rooms.configuration.signing import (
    make_key,
    next_version,
    read_signing_key,
    sign,
)
from cloud_bridge.hub.rooms.orders import store as orders
from cloud_bridge.hub.rooms.stores import restored
from cloud_bridge.wire.envelope import Event
from cloud_bridge.wire.facts import Payload
from cloud_bridge.wire.facts.upkeep import (
    ConfigurationApplied,
    ConfigurationRefused,
    ConfigurationRolledBack,
    ConfigurationTried,
    DatabaseRestored,
    HandoverResumed,
)
from cloud_bridge.wire.messages import ORDERS, Ask, Chunk, Standing
from cloud_bridge.wire.streams.config import MOST_CHARACTERS, STREAM, SignedSettings
from cloud_bridge.wire.streams.orders import PlaceOrder
from edge_agent.public_key import read_public_key
from tests.care.test_configuration import signed
from tests.faults.system.settings import STORE

NOW = "2026-11-23T01:00:00.000000Z"


@pytest.fixture
def tx() -> Iterator[SqliteTx]:
    """In a hub's database that serves one store."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        tx = SqliteTx(connection)
        complete(migrate(tx, "sqlite"))
        complete(tx.execute("INSERT INTO store (store) VALUES ($1)", STORE))
        yield tx


def event(payload: Payload) -> Event:
    return Event(
        id="1",
        source="/",
        type=payload.TYPE,
        subject="configuration",
        time=datetime(2026, 11, 23, tzinfo=UTC),
        lane="record",
        epoch=1,
        sequence=1,
        boot="b",
        monotonic=0.0,
        clockquality="synced",
        data=msgspec.Raw(msgspec.json.encode(payload)),
    )


def test_published_settings_are_the_one_item_of_their_stores_stream(tx: SqliteTx) -> None:
    for version in (5, 9):
        item = signed(version=version)
        complete(store.publish(tx, STORE, item, NOW))
    raw = complete(streams.chunk(tx, STORE, STREAM, version=2, number=0))
    chunk = msgspec.json.decode(raw, type=Chunk)
    assert msgspec.json.decode(chunk.text, type=list[SignedSettings]) == [signed(version=9)]


def test_old_versions_are_let_go_of(tx: SqliteTx) -> None:
    for version in range(1, store.SHOWN + 5):
        complete(store.publish(tx, STORE, signed(version=version), NOW))
    kept = complete(tx.rows("SELECT version FROM configuration ORDER BY version"))
    assert [row["version"] for row in kept] == list(range(5, store.SHOWN + 5))


def test_of_each_store_the_newest_settings_are_shown_with_what_became_of_them(tx: SqliteTx) -> None:
    complete(tx.execute("INSERT INTO store (store) VALUES ($1), ($2)", "never-given", "other"))
    for name, version in ((STORE, 5), (STORE, 9), ("other", 2)):
        complete(store.publish(tx, name, signed(version=version), NOW))
    complete(store.applied(tx, STORE, event(ConfigurationApplied(version=9)), NOW))
    shown = [(one.store, one.version, one.state) for one in complete(store.newest(tx))]
    assert shown == sorted([(STORE, 9, "applied"), ("other", 2, "published")])


def test_the_same_version_again_changes_nothing_and_another_is_refused(tx: SqliteTx) -> None:
    for _ in range(2):
        complete(store.publish(tx, STORE, signed(version=5), NOW))
    assert complete(streams.versions(tx, STORE)) == {STREAM: 1}
    for other in (signed("[floor]", version=5), signed(version=4)):
        with pytest.raises(Refused) as refusal:
            complete(store.publish(tx, STORE, other, NOW))
        assert refusal.value.code == "version_too_low"


@pytest.mark.parametrize(
    ("fact", "state", "detail"),
    [
        (ConfigurationTried(version=5), "tried", ""),
        (ConfigurationApplied(version=5), "applied", ""),
        (
            ConfigurationRefused(version=5, reason="invalid", problems=["line 1: no", "line 2"]),
            "refused",
            "invalid; line 1: no; line 2",
        ),
        (
            ConfigurationRolledBack(version=5, to=0, reason="unhealthy", detail="no answer"),
            "rolled_back",
            "unhealthy: no answer",
        ),
    ],
    ids=["tried", "applied", "refused", "rolled back"],
)
def test_what_became_of_them_is_what_the_store_says(
    tx: SqliteTx, fact: Payload, state: str, detail: str
) -> None:
    complete(store.publish(tx, STORE, signed(version=5), NOW))
    complete(store.EFFECTS[fact.TYPE](tx, STORE, event(fact), NOW))
    assert complete(store.listed(tx, STORE)) == [
        store.ConfigurationView(
            store=STORE, version=5, published_at=NOW, state=state, detail=detail
        )
    ]


@pytest.mark.parametrize(
    ("fact", "details"),
    [
        (DatabaseRestored(reason="copied"), ["copied"]),
        (DatabaseRestored(reason="granted"), []),
        (HandoverResumed(by="hub"), []),
        (
            HandoverResumed(by="technician", name="Min-ji Park", reason="line down"),
            ["handed over by Min-ji Park: line down"],
        ),
    ],
    ids=["copied", "granted", "resumed by the hub", "resumed by a technician"],
)
def test_a_store_on_an_old_copy_is_alarmed(tx: SqliteTx, fact: Payload, details: list[str]) -> None:
    complete(restored.EFFECTS[fact.TYPE](tx, STORE, event(fact), NOW))
    sounding = complete(alarms.sounding(tx, STORE))
    assert [(one.kind, one.detail) for one in sounding] == [
        ("restored_database", detail) for detail in details
    ]


def test_a_restored_hub_gives_no_version_out_twice() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert next_version(0, now) == int(now.timestamp())
    assert next_version(int(now.timestamp()) + 7, now) == int(now.timestamp()) + 8


def test_a_key_signs_what_its_public_half_verifies(tmp_path: Path) -> None:
    public, _ = read_public_key(make_key(tmp_path / "config.key"))
    assert public is not None
    (tmp_path / "new.toml").write_text("[presence]\n")
    key = read_signing_key(tmp_path / "config.key")
    made = sign(tmp_path / "new.toml", key, store=STORE, version=3)
    public.verify(made.signature, made.signed_bytes)
    with pytest.raises(HubError, match="exists already"):
        make_key(tmp_path / "config.key")


@pytest.mark.parametrize("text", ["[presence", "# long\n" * MOST_CHARACTERS])
def test_what_is_no_toml_or_too_long_to_travel_is_not_signed(tmp_path: Path, text: str) -> None:
    make_key(tmp_path / "config.key")
    (tmp_path / "new.toml").write_text(text)
    key = read_signing_key(tmp_path / "config.key")
    with pytest.raises(HubError, match=r"new\.toml"):
        sign(tmp_path / "new.toml", key, store=STORE, version=3)


def test_a_key_that_others_can_read_signs_nothing(tmp_path: Path) -> None:
    make_key(tmp_path / "config.key")
    (tmp_path / "config.key").chmod(0o644)
    with pytest.raises(HubError, match="chmod 600"):
        read_signing_key(tmp_path / "config.key")


def test_the_hub_says_how_the_orders_of_a_question_stand_and_nothing_of_strange_ones(
    tx: SqliteTx,
) -> None:
    placed = PlaceOrder(
        order="W-1",
        lines=[],
        shopper=None,
        collector="Kim",
        phone_last4="1234",
        language="ko",
        collect_by=datetime(2026, 12, 1, tzinfo=UTC),
    )
    complete(orders.add(tx, STORE, placed, NOW))
    ask = Ask(id="q-1", stream=ORDERS, above=0, orders=["W-1", "W-2"])
    said = complete(orders.standings(tx, STORE, ask))
    assert (said.answers, said.commands) == ("q-1", 0)
    assert said.orders == [Standing(order="W-1", state="placed")]
