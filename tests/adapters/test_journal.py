from pathlib import Path

import pytest

from edge_agent.adapters import journal as journal_module
from edge_agent.adapters.journal import Journal, JournalProblem
from edge_agent.devices.messages import Outcome


def test_a_command_is_remembered_with_what_became_of_it(tmp_path: Path) -> None:
    with Journal(tmp_path, "A") as journal:
        journal.take("c1")
        journal.settle("c1", Outcome.DONE)
        journal.take("c2")
    with Journal(tmp_path, "A") as journal:
        assert "c1" in journal
        assert journal.outcome("c1") is Outcome.DONE
        assert "c2" in journal
        assert journal.outcome("c2") is None
        assert "c3" not in journal


def test_a_line_that_a_power_cut_tore_was_never_carried_out(tmp_path: Path) -> None:
    (tmp_path / "A.journal").write_bytes(b'{"id": "c1", "outcome": null}\n{"id": "c2", "ou')
    with Journal(tmp_path, "A") as journal:
        assert "c1" in journal
        assert "c2" not in journal
        journal.take("c2")
    with Journal(tmp_path, "A") as journal:
        assert "c2" in journal


@pytest.mark.parametrize("line", [b"???", b"[]", b'{"id": "c1"}', b'{"id": "c", "outcome": "x"}'])
def test_a_damaged_journal_stops_the_adapter_and_names_the_line(
    tmp_path: Path, line: bytes
) -> None:
    (tmp_path / "A.journal").write_bytes(b'{"id": "c0", "outcome": null}\n' + line + b"\n")
    with pytest.raises(JournalProblem, match=r"A\.journal:2: damaged"):
        Journal(tmp_path, "A").__enter__()


def test_one_bank_has_one_adapter(tmp_path: Path) -> None:
    with (
        Journal(tmp_path, "A"),
        Journal(tmp_path, "B"),
        pytest.raises(JournalProblem, match="another adapter"),
    ):
        Journal(tmp_path, "A").__enter__()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(JournalProblem, match="File exists"):
        Journal(tmp_path / "state", "A").__enter__()


def test_the_journal_keeps_the_youngest_and_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_module, "KEPT", 5)
    with Journal(tmp_path, "A") as journal:
        for number in range(50):
            journal.take(f"c{number}")
            journal.settle(f"c{number}", Outcome.DONE)
            assert f"c{number}" in journal
            assert len((tmp_path / "A.journal").read_bytes().splitlines()) <= 4 * 5
    with Journal(tmp_path, "A") as journal:
        assert [n for n in range(50) if f"c{n}" in journal] == [45, 46, 47, 48, 49]
