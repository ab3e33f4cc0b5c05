"""Snapshots of streams, kept for those who come for the next chunk."""

from cloud_bridge.hub.snapshots import CHUNK_CHARACTERS, Snapshot, Snapshots


def test_a_snapshot_is_found_at_its_version_only() -> None:
    kept = Snapshots()
    kept.keep("store-1", Snapshot("coupons", 3, "[1]"))
    assert kept.find("store-1", "coupons", 3) is not None
    assert kept.find("store-2", "coupons", 3) is None
    assert kept.find("store-1", "coupons", 4) is None
    assert kept.find("store-1", "coupons", 3) is None, "an old one may name who has left"


def test_the_longest_unused_make_room() -> None:
    kept = Snapshots(most=30)
    for number in range(3):
        kept.keep(f"store-{number}", Snapshot("coupons", 1, "x" * 10))
    assert kept.find("store-0", "coupons", 1) is not None
    kept.keep("store-3", Snapshot("coupons", 1, "x" * 15))
    found = [n for n in range(4) if kept.find(f"store-{n}", "coupons", 1)]
    assert found == [0, 3]
    kept.keep("store-4", Snapshot("coupons", 1, "x" * 31))
    assert not [n for n in range(5) if kept.find(f"store-{n}", "coupons", 1)]


def test_the_chunks_make_the_text_and_one_that_is_not_there_is_the_first() -> None:
    snapshot = Snapshot("coupons", 1, "y" * (CHUNK_CHARACTERS + 1))
    assert snapshot.chunks == 2
    assert snapshot.chunk(7) == snapshot.chunk(0)
    assert b'"text":"y"' in snapshot.chunk(1)
