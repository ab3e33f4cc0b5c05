"""Files that are whole or not there."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from edge_agent.kernel.files import write_whole


def test_a_draft_that_a_crash_has_left_gives_way(tmp_path: Path) -> None:
    file = tmp_path / "life"
    write_whole(file, b"old")
    (tmp_path / ".life.new").write_bytes(b"half of what was com")
    write_whole(file, b"new")
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"life": b"new"}
    assert file.stat().st_mode & 0o777 == 0o600


def test_of_several_threads_one_has_the_last_word_whole(tmp_path: Path) -> None:
    file = tmp_path / "life"
    contents = [bytes([number]) * (200 * number) for number in range(1, 21)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(partial(write_whole, file), contents))
    assert file.read_bytes() in contents
