"""Tables that are written: nothing a spreadsheet would compute, and whole or not at all."""

import csv
import os
import stat
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.errors import DataError
from rnn_core.tables.written import safe_cell, written_table


def test_what_a_spreadsheet_would_compute_is_text():
    """Numbers and other text stay as they are."""
    for cell in ("=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", "- so it ended", "=HYPERLINK(0)"):
        assert safe_cell(cell) == f"'{cell}"
    for cell in "-3; +4.5; -1,000.25; -2e-7; 12 %; 50%; film - good; a=b; ".split("; "):
        assert safe_cell(cell) == cell


CELLS = st.none() | st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@settings(max_examples=40)
@given(rows=st.lists(st.tuples(CELLS, CELLS)))
def test_rows_come_back_from_a_written_table(rows, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "written.csv"
    with written_table(path, ["a", "b"]) as write:
        write(rows)
    with path.open(encoding="utf-8", newline="") as file:
        assert [*csv.reader(file)] == [["a", "b"], *([safe_cell(cell) for cell in row] for row in rows)]


def test_work_that_fails_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("old")

    def work():
        with written_table(path, ["a"]) as write:
            write([["new"]])
            raise DataError("the table ends here")

    with pytest.raises(DataError, match="ends here"):
        work()
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("t.csv", "old")]


@pytest.mark.skipif(sys.platform == "win32", reason="no rights of this kind")
@pytest.mark.parametrize(("mask", "rights"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_table_has_the_rights_of_other_new_files(tmp_path, mask, rights):
    before = os.umask(mask)
    try:
        with written_table(tmp_path / "t.csv", ["a"]):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "t.csv").stat().st_mode) == rights
