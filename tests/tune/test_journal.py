import optuna
import pytest

from aeaug.faults import Fault
from aeaug.tune.journal import journal


def study_in(file):
    return optuna.create_study(storage=journal(file), study_name="it", load_if_exists=True)


def test_what_was_told_is_read_back(tmp_path):
    study = study_in(tmp_path / "journal.log")
    study.tell(study.ask(), 3.0)
    assert study_in(tmp_path / "journal.log").best_value == 3.0


@pytest.mark.parametrize("torn", [b'{"op_code":99,"wor', b"{" * 10_000], ids=["short", "longer than a block"])
def test_a_line_that_was_cut_short_is_removed_by_who_writes_next(tmp_path, torn):
    file = tmp_path / "journal.log"
    study = study_in(file)
    study.tell(study.ask(), 3.0)
    with file.open("ab") as opened:
        opened.write(torn)
    again = study_in(file)
    again.tell(again.ask(), 2.0)
    assert [one.value for one in study_in(file).trials] == [3.0, 2.0]
    assert torn not in file.read_bytes()


def test_a_journal_of_another_kind_is_a_fault_in_one_line(tmp_path):
    file = tmp_path / "journal.log"
    file.write_bytes(b"\x00\xff\n\x00\xff\n")
    with pytest.raises(Fault, match=r"journal\.log is not readable"):
        journal(file)
