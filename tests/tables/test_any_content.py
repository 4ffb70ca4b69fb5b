"""Cells are read as they were written, and written as they are; files spoilt in thousands of ways are read
or refused as data. Nothing that a spreadsheet would compute is written, and a table whole or not at all.
"""

import contextlib
import csv
import datetime
import json
import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.errors import DataError
from rnn_core.tables.guess import guess_columns
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options
from rnn_core.tables.written import safe_cell, written_table
from tests.tables.made import parquet, rows_of, workbook
from tests.zips import unzipped, zipped

HARD = st.sampled_from(list("\",;\t|'\n\r\\ é今\u2028\x85\ufeff\U0001f600ab1="))
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
CELLS = st.text(HARD | ANY, max_size=12)
IN_XML = st.text(
    HARD.filter(lambda letter: letter not in "\r") | st.characters(min_codepoint=32, max_codepoint=0xD7FF),
    max_size=12,
).filter(lambda cell: "_x" not in cell and not cell.startswith(("#", "=")))
NAMES = ("text", "label")


def csv_file(path, rows, draw):
    delimiter = draw(st.sampled_from(",;|\t"))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([NAMES, *rows])
    return Options(delimiter=delimiter, encoding=encoding)


def json_lines(path, rows, draw):
    escape = draw(st.booleans())
    lines = [json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=escape) for row in rows]
    path.write_text("\n".join(lines), encoding="utf-8", newline="")
    return GUESS


def parquet_file(path, rows, draw):
    columns = dict(zip(NAMES, zip(*rows, strict=True), strict=True))
    how = draw(st.sampled_from(["none", "snappy", "zstd"])), draw(st.booleans())
    path.write_bytes(parquet(columns, row_group_size=3, compression=how[0], use_dictionary=how[1]))
    return GUESS


def workbook_file(path, rows, draw):
    path.write_bytes(workbook(Films=[NAMES, *rows]))
    return GUESS


WRITERS = {csv_file: 200, json_lines: 50, parquet_file: 50, workbook_file: 25}
"""The number of files that each writes."""


@pytest.mark.parametrize("write", WRITERS)
def test_cells_are_read_as_they_were_written(write, tmp_path):
    in_excel = write is workbook_file
    cells = IN_XML if in_excel else CELLS

    @settings(max_examples=WRITERS[write], deadline=None)
    @given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=8), data=st.data())
    def cells_come_back(rows, data):
        rows = [("first", "row"), *rows]
        path = tmp_path / "table.jsonl" if write is json_lines else tmp_path / "table"
        table = open_table(path, write(path, rows, data.draw))
        assert table.columns == NAMES
        expected = [tuple(cell or None for cell in row) for row in rows]
        assert rows_of(table) == [row for row in expected if any(row) or not in_excel]

    cells_come_back()


PLACES = st.integers(0, 10**6)
JUNK = st.binary(min_size=1, max_size=8) | st.sampled_from([b"9" * 400, b'"', b"<", b">"])
PARTS = unzipped(workbook(Films=[["text", "label"], ["good", 1.5], ["bad", datetime.date(2024, 5, 1)]]))
PARQUET = parquet({"text": ["good", "bad", None], "stars": [1.5, 2, 3], "tags": [["a"], [], None]})


def spoilt(content):
    """Draw the content with some junk in place of as many bytes, somewhere."""

    def with_junk(at, junk):
        place = at % len(content)
        return content[:place] + junk + content[place + len(junk) :]

    return st.builds(with_junk, PLACES, JUNK)


def spoilt_workbook(part):
    return spoilt(PARTS[part]).map(lambda content: zipped({**PARTS, part: content}))


STARTS = st.sampled_from([b"", b"text,label\n", b"PAR1", b"PK\x03\x04", b"{"])
CONTENTS = {
    "any bytes": st.builds(bytes.__add__, STARTS, st.binary(max_size=300)),
    "a spoilt workbook": st.sampled_from(sorted(PARTS)).flatmap(spoilt_workbook),
    "a spoilt Parquet file": spoilt(PARQUET),
}


@pytest.mark.parametrize("contents", CONTENTS.values(), ids=CONTENTS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_content_is_read_or_refused_as_data(contents, data):
    """All that is done with a table raises no error but DataError."""
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(DataError):
        path = Path(folder, "any.csv")
        path.write_bytes(data.draw(contents))
        table = open_table(path)
        guess_columns(table.head(1_000))
        list(table.batches())


def test_what_a_spreadsheet_would_compute_is_text():
    """Numbers and other text stay as they are."""
    for cell in ("=1+1", "+SUM(A1)", "-2+3", "@cmd", "\t=1", "- so it ended", "=HYPERLINK(0)"):
        assert safe_cell(cell) == f"'{cell}"
    for cell in "-3; +4.5; -1,000.25; -2e-7; 12 %; 50%; film - good; a=b; ".split("; "):
        assert safe_cell(cell) == cell


@settings(max_examples=40)
@given(rows=st.lists(st.tuples(st.none() | CELLS, st.none() | CELLS)))
def test_rows_come_back_from_a_written_table(rows, tmp_path_factory):
    path = tmp_path_factory.getbasetemp() / "written.csv"
    with written_table(path, ["a", "b"]) as write:
        write(rows)
    with path.open(encoding="utf-8", newline="") as file:
        assert [*csv.reader(file)] == [["a", "b"], *([safe_cell(cell) for cell in row] for row in rows)]


def test_work_that_fails_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("old")

    with pytest.raises(TypeError), written_table(path, ["a"]) as write:
        write([["new"], None])
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
