"""What must hold when it is calm again, whatever happened."""

import sqlite3
from collections import Counter

from cloud_bridge.hub.database.sqlite_tx import complete
from cloud_bridge.hub.streams import versions
from tests.faults.simulation.disk import Disk
from tests.faults.simulation.gateway import Gateway
from tests.faults.simulation.hub import STORE, Hub
from tests.faults.simulation.story import Story
from tests.faults.simulation.world import Violation


def judge(story: Story) -> None:
    """Compare the hub's database with the disks and with what was recorded.

    Raises:
        Violation: a promise was broken; its text says which.
    """
    hub = story.hub
    [row] = _rows(hub, "SELECT gateway, epoch FROM store")
    leader = next(each for each in story.gateways if each.name == row["gateway"])
    _same_epoch(leader, row["epoch"])
    _everything_arrived(leader.disk)
    _same_chain(hub, leader.disk)
    _only_the_leader(hub)
    _poison_is_set_aside(story)
    _each_happening_once(story)
    _commands_in_order(story, leader)
    _same_streams(hub, leader.disk)


def _demand(holds: bool, text: str) -> None:  # noqa: FBT001 - the one thing that it is about
    if not holds:
        raise Violation(text)


def _same_epoch(leader: Gateway, epoch: int) -> None:
    _demand(leader.disk.epoch == epoch, f"{leader.name} is not in epoch {epoch} of the hub")


def _everything_arrived(disk: Disk) -> None:
    waiting = [fact.id for fact in disk.waiting]
    _demand(not waiting, f"facts still wait: {waiting}")


def _same_chain(hub: Hub, disk: Disk) -> None:
    """Sequences without a hole: the hub's cursors and hashes are those of the log."""
    rows = _rows(hub, "SELECT * FROM cursor WHERE epoch = ?", disk.epoch)
    held = {row["lane"]: (row["sequence"], row["hash"]) for row in rows}
    for name, lane in disk.lanes.items():
        ours, theirs = (lane.next_sequence - 1, lane.hash), held.get(name, (0, ""))
        _demand(ours == theirs, f"{name}: the log is at {ours}, the hub at {theirs}")


def _only_the_leader(hub: Hub) -> None:
    fenced = [row["id"] for row in _rows(hub, "SELECT id FROM happened WHERE fenced = 1")]
    _demand(not fenced, f"took effect from who did not lead: {fenced}")


def _poison_is_set_aside(story: Story) -> None:
    """It lies in quarantine, holds up nobody, and is gone from the log."""
    rows = _rows(story.hub, "SELECT id FROM quarantine")
    waiting = {fact.id for gateway in story.gateways for fact in gateway.disk.waiting}
    missing = story.account.poison - {row["id"] for row in rows} - waiting - story.account.gone
    _demand(not missing, f"neither in quarantine nor waiting: {sorted(missing)}")


def _each_happening_once(story: Story) -> None:
    account = story.account
    taken = Counter(
        happening
        for row in _rows(story.hub, "SELECT id FROM happened")
        for happening in account.stands_for(row["id"])
    )
    doubled = [each for each, n in taken.items() if n > 1 + (each in account.twice)]
    _demand(not doubled, f"took effect more than once: {doubled}")
    waiting = {
        happening
        for gateway in story.gateways
        for fact in gateway.disk.waiting
        for happening in account.stands_for(fact.id)
    }
    lost = account.recorded.keys() - taken.keys() - waiting - account.gone - account.poison
    _demand(not lost, f"lost: {sorted(lost)}")


def _commands_in_order(story: Story, leader: Gateway) -> None:
    rows = _rows(story.hub, "SELECT id FROM command ORDER BY sequence")
    ordered = [row["id"] for row in rows]
    for gateway in story.gateways:
        done = gateway.disk.commands
        _demand(done == ordered[: len(done)], f"{gateway.name} did {done}, ordered was {ordered}")
    _demand(leader.disk.commands == ordered, f"{leader.name} did not do all of {ordered}")


def _same_streams(hub: Hub, disk: Disk) -> None:
    present = complete(versions(hub.database.tx, STORE))
    _demand(disk.versions == present, f"the store is at {disk.versions}, the hub at {present}")
    for stream in present:
        rows = _rows(hub, "SELECT key, item FROM stream_item WHERE stream = ?", stream)
        wanted = {row["key"]: row["item"].encode() for row in rows}
        held = disk.items.get(stream, {})
        _demand(held == wanted, f"{stream}: the store holds {held}, the hub wants {wanted}")


def _rows(hub: Hub, sql: str, *params: object) -> list[sqlite3.Row]:
    return hub.database.connection.execute(sql, params).fetchall()
