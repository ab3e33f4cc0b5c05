import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud_bridge.wire.streams.config import SignedSettings, signed_bytes
from edge_agent.check import BadSettings, load
from edge_agent.configuration import decide, store
from edge_agent.configuration.model import Candidate, Known, Refusal, Standing
from edge_agent.configuration.protected import PROTECTED, protected
from edge_agent.configuration.service import Configuration, Terms
from edge_agent.configuration.shelf import FOLDER, Shelf
from edge_agent.configuration.starting import effective, settings_to_start
from edge_agent.storage import Storage, StorageUnavailable, Tx, open_storage
from edge_agent.storage.errors import LaneFull
from edge_agent.storage.head import LaneHead
from edge_agent.storage.reads import Reads
from tests.capabilities.world import StillClock, facts
from tests.faults.system.settings import STORE, lay_out_agent

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
QUICKER = "[presence]\ngone_after_s = 12.5\n"
UNUSABLE = '[presence]\ngone_after_s = "soon"\n'


def signed(toml: str = QUICKER, version: int = 1, store: str = STORE) -> SignedSettings:
    signature = KEY.sign(signed_bytes(store, version, toml))
    return SignedSettings(store=store, version=version, toml=toml, signature=signature)


@pytest.fixture
def own_file(tmp_path: Path) -> Path:
    lay_out_agent(tmp_path / "store", broker=1883)
    (tmp_path / "store" / "state").mkdir()
    return tmp_path / "store" / "store.toml"


@pytest.fixture
def shelf(own_file: Path) -> Shelf:
    return Shelf(own_file.parent / "state" / FOLDER)


@dataclass
class Desk:
    """The agent around the room: it notes that it would start anew."""

    storage: Storage
    terms: Terms
    again: asyncio.Event = field(default_factory=asyncio.Event)

    def room(self) -> Configuration:
        """As after a start on what lies on the shelf."""
        return self.started(self.terms.shelf.standing())

    def started(self, standing: Standing) -> Configuration:
        terms = replace(self.terms, standing=standing)
        return Configuration(self.storage, StillClock(), terms, self.again.set)

    @asynccontextmanager
    async def running(self, room: Configuration) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(room.run())
            try:
                yield
            finally:
                task.cancel()

    async def offer(self, room: Configuration, item: SignedSettings) -> None:
        raw = msgspec.json.encode(item)
        await self.storage.run(lambda tx: room.put(tx, "settings", raw, StillClock().now()))

    async def told(self, name: str, count: int = 1) -> list[dict[str, object]]:
        """The configuration facts of that name, once there are so many."""
        async with asyncio.timeout(10):
            while True:
                generation = self.storage.generation
                found = [
                    data
                    for kind, data in await facts(self.storage)
                    if kind == f"configuration.{name}"
                ]
                if len(found) >= count:
                    return found
                await self.storage.changed(generation)


@pytest.fixture
def desk(storage: Storage, own_file: Path, shelf: Shelf) -> Desk:
    terms = Terms(
        store=STORE,
        own_file=own_file,
        shelf=shelf,
        standing=Standing(),
        key=KEY.public_key(),
        health_within_s=10.0,
    )
    return Desk(storage, terms)


@pytest.mark.parametrize(
    ("offer", "seen", "verdict"),
    [
        (signed(version=2), 1, Candidate()),
        (signed(version=2), 2, Known()),
        (signed(version=1), 2, Refusal("older", ["version 2 came before"])),
        (signed(store="other"), 0, Refusal("wrong_store", ["they are for other"])),
        (msgspec.structs.replace(signed(), version=9), 0, Refusal("bad_signature")),
        (msgspec.structs.replace(signed(), toml="[store]"), 0, Refusal("bad_signature")),
    ],
)
def test_only_newer_settings_signed_for_this_store_are_tried(
    offer: SignedSettings, seen: int, verdict: object
) -> None:
    said = decide.judge(offer, Standing(seen=seen), store=STORE, key=KEY.public_key())
    assert said == verdict


def test_a_gateway_without_a_key_takes_nobodys() -> None:
    assert decide.judge(signed(), Standing(), store=STORE, key=None) == Refusal("no_key")


def test_a_trial_that_the_agent_does_not_survive_three_times_is_given_up() -> None:
    standing = decide.try_out(Standing(confirmed=4, seen=4), 5)
    for _ in range(decide.MOST_STARTS):
        standing = decide.started(standing)
        assert standing.active == 5
    standing = decide.started(standing)
    assert (standing.active, standing.given_up, standing.reason) == (4, 5, "crashed")


@pytest.mark.parametrize("path", PROTECTED, ids=".".join)
def test_what_could_lock_the_gateway_out_is_not_changed_from_the_cloud(
    path: tuple[str, ...],
) -> None:
    tree: object = "anything"
    for key in reversed(path):
        tree = {key: tree}
    assert isinstance(tree, dict)
    (said,) = protected(tree)
    assert f"`{'.'.join(path)}` is changed at the gateway alone" in said


async def test_new_settings_are_tried_by_a_start_and_hold_once_the_hub_has_acknowledged(
    desk: Desk, shelf: Shelf, own_file: Path
) -> None:
    room = desk.room()
    async with desk.running(room):
        await desk.offer(room, signed())
        await desk.again.wait()
    assert shelf.standing() == Standing(trial=1, seen=1)
    assert effective(own_file)[0].presence.gone_after_s == 12.5
    assert settings_to_start(own_file).settings.presence.gone_after_s == 12.5
    async with desk.running(desk.room()):
        await desk.told("tried")
        assert shelf.standing().trial == 1
        await desk.storage.log.renumber(1)
        (waiting,) = await desk.storage.log.waiting("record", 0, 10, 10_000)
        await desk.storage.log.acknowledge(1, {"record": waiting.sequence})
        assert await desk.told("applied") == [{"version": 1}]
    assert shelf.standing() == Standing(confirmed=1, seen=1)


async def test_a_trial_that_the_hub_does_not_acknowledge_in_time_is_rolled_back(
    desk: Desk, shelf: Shelf, own_file: Path
) -> None:
    shelf.put(1, QUICKER)
    shelf.put(2, QUICKER)
    shelf.keep(Standing(confirmed=1, trial=2, seen=2))
    desk.terms = replace(desk.terms, health_within_s=0.05)
    async with desk.running(desk.room()):
        await desk.again.wait()
    assert shelf.standing().active == 1
    async with desk.running(desk.room()):
        assert await desk.told("rolled_back") == [
            {
                "version": 2,
                "to": 1,
                "reason": "unhealthy",
                "detail": "no fact was recorded and acknowledged by the hub within 0.05 s",
            }
        ]
    assert effective(own_file)[0].presence.gone_after_s == 12.5


async def test_a_trial_on_which_the_log_takes_nothing_is_rolled_back_in_time(
    tmp_path: Path, desk: Desk, shelf: Shelf
) -> None:
    class Full:
        def admit(self, lane: LaneHead, weight: int, tx: Tx, *, physical: bool) -> None:
            raise LaneFull(lane.lane)

    shelf.put(1, QUICKER)
    shelf.keep(Standing(trial=1, seen=1))
    desk.terms = replace(desk.terms, health_within_s=0.05)
    async with (
        open_storage(
            tmp_path / "full.db", gateway="gw-1", clock=StillClock(), admission=Full()
        ) as desk.storage,
        asyncio.timeout(10),
        desk.running(desk.room()),
    ):
        await desk.again.wait()
    assert (shelf.standing().active, shelf.standing().reason) == (0, "unhealthy")


async def test_a_start_that_had_no_room_for_a_trial_never_proves_it(
    desk: Desk, shelf: Shelf
) -> None:
    shelf.put(1, QUICKER)
    shelf.keep(Standing(trial=1, seen=1))
    without = decide.roll_back(shelf.standing(), "crashed", "no room")
    async with desk.running(desk.started(without)):
        (said,) = await desk.told("rolled_back")
    assert (said["version"], shelf.standing()) == (1, without)
    assert not [kind for kind, _ in await facts(desk.storage) if kind == "configuration.tried"]


async def test_a_trial_begins_also_when_the_log_had_to_be_waited_for(
    desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was on the shelf already when the log could not say that it was judged."""
    judged, refusals = store.judged, iter(["the disk is full"])

    def full_at_first(tx: Reads, item: bytes) -> None:
        for reason in refusals:
            raise StorageUnavailable(reason)
        judged(tx, item)

    monkeypatch.setattr(store, "judged", full_at_first)
    room = desk.room()
    async with asyncio.timeout(10), desk.running(room):
        await desk.offer(room, signed())
        await desk.again.wait()
    assert shelf.standing().trial == 1


@pytest.mark.parametrize(
    ("toml", "reason", "problem"),
    [
        (UNUSABLE, "invalid", "line 2: `presence.gone_after_s`: expected `float`, got `str`"),
        ("[presence\n", "invalid", "at line 1"),
        ('[[zones]]\nid = "x"\n', "invalid", "lacks `name`"),
        ('[catalogue]\nfile = "a\\u0000b"\n', "invalid", "no file has a NUL in its name"),
        ("deep = " + "[" * 5000, "invalid", "RecursionError"),
        ('[cloud]\nhost = "elsewhere"\n', "protected", "`cloud` is changed at the gateway"),
        (
            '[[receivers]]\nid = "r"\nkey_file = "/etc/shadow"\n',
            "protected",
            "which file holds a key",
        ),
    ],
    ids=[
        "wrong type",
        "no TOML",
        "incomplete",
        "no file",
        "deep",
        "protected",
        "another's key file",
    ],
)
async def test_settings_that_the_agent_could_not_run_on_are_refused_with_every_reason(
    desk: Desk, shelf: Shelf, toml: str, reason: str, problem: str
) -> None:
    room = desk.room()
    async with desk.running(room):
        await desk.offer(room, signed(toml))
        (said,) = await desk.told("refused")
    assert said["reason"] == reason
    assert problem in str(said["problems"])
    assert (shelf.standing(), desk.again.is_set()) == (Standing(seen=1), False)


async def test_the_same_version_again_does_nothing(desk: Desk, shelf: Shelf) -> None:
    shelf.put(1, QUICKER)
    shelf.keep(Standing(confirmed=1, seen=1))
    room = desk.room()
    async with desk.running(room):
        await desk.offer(room, signed())
        await desk.offer(room, signed(version=2, toml=UNUSABLE))
        assert [one["version"] for one in await desk.told("refused")] == [2]
    assert not desk.again.is_set()


async def test_a_mistake_in_the_gateways_own_file_gives_up_nothing_of_the_clouds(
    shelf: Shelf, own_file: Path
) -> None:
    shelf.put(1, QUICKER)
    shelf.keep(Standing(confirmed=1, seen=1))
    spoil(own_file)
    with pytest.raises(BadSettings):
        settings_to_start(own_file)
    assert shelf.standing().confirmed == 1


@pytest.mark.parametrize("standing", [Standing(trial=1, seen=1), Standing(confirmed=1, seen=1)])
async def test_settings_that_cannot_be_used_any_more_are_given_up_at_the_start(
    shelf: Shelf, own_file: Path, standing: Standing
) -> None:
    shelf.put(1, UNUSABLE)
    shelf.keep(standing)
    assert settings_to_start(own_file).settings.presence.gone_after_s == 30.0
    after = shelf.standing()
    assert (after.active, after.given_up, after.reason) == (0, 1, "invalid")


def test_a_mistake_is_named_where_it_stands(own_file: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "version-3.toml"
    overlay.write_text("\n\n" + UNUSABLE)
    with pytest.raises(BadSettings) as bad:
        load(own_file, overlay)
    assert str(bad.value).startswith(f"{overlay}:4:")


def spoil(file: Path) -> None:
    file.write_text(file.read_text().replace("width_m = 10", "width_m = -1"))
