"""Cells are read as they were written; files spoilt in thousands of ways are read or refused as data."""

import contextlib
import csv
import datetime
import io
import json
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.errors import DataError
from rnn_core.tables.guess import guess_columns
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options

settings.register_profile("tables", max_examples=50, deadline=None)
quickly = settings.get_profile("tables")

HARD = st.sampled_from(list("\",;\t|'\n\r\\ é今\u2028\x85\ufeff\U0001f600ab1="))
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
CELLS = st.text(HARD | ANY, max_size=12)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=8)
IN_XML = st.text(
    HARD.filter(lambda letter: letter not in "\r") | st.characters(min_codepoint=32, max_codepoint=0xD7FF),
    max_size=12,
).filter(lambda cell: "_x" not in cell and not cell.startswith(("#", "=")))


def read_back(write, rows, options=GUESS, suffix=".csv"):
    """The rows of a file that `write` writes, read as one table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"table{suffix}")
        write(path, rows)
        table = open_table(path, options)
        assert table.columns == ("text", "label")
        return [row for batch in table.batches() for row in zip(*batch.columns.values(), strict=True)]


def expected(rows):
    return [tuple(cell or None for cell in row) for row in rows]


@pytest.mark.parametrize("delimiter", list(",;|\t"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@given(rows=ROWS)
@settings(quickly, max_examples=20)
def test_csv_by_python(delimiter, encoding, rows):
    def write(path, rows):
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([("text", "label"), *rows])

    assert read_back(write, rows, Options(delimiter=delimiter, encoding=encoding)) == expected(rows)


@given(rows=ROWS, sep=st.sampled_from(",\t"))
@quickly
def test_csv_by_pandas(rows, sep):
    def write(path, rows):
        # With this end of a line it quotes a carriage return.
        table = pd.DataFrame(rows, columns=["text", "label"])
        table.to_csv(path, index=False, sep=sep, lineterminator="\r\n")

    assert read_back(write, rows, Options(delimiter=sep)) == expected(rows)


@given(rows=ROWS, escape=st.booleans())
@quickly
def test_json_lines(rows, escape):
    def write(path, rows):
        lines = [json.dumps({"text": text, "label": label}, ensure_ascii=escape) for text, label in rows]
        path.write_text("\n".join(lines), encoding="utf-8", newline="")

    assert read_back(write, rows, suffix=".jsonl") == expected(rows)


@given(rows=ROWS, compression=st.sampled_from(["none", "snappy", "zstd"]), dictionary=st.booleans())
@quickly
def test_parquet(rows, compression, dictionary):
    def write(path, rows):
        texts, labels = zip(*rows, strict=True)
        table = pa.table({"text": texts, "label": labels})
        pq.write_table(table, path, compression=compression, use_dictionary=dictionary, row_group_size=3)

    assert read_back(write, rows, suffix=".parquet") == expected(rows)


@given(rows=st.lists(st.tuples(IN_XML, IN_XML), min_size=1, max_size=8))
@settings(quickly, max_examples=25)
def test_workbooks(rows):
    def write(path, rows):
        book = openpyxl.Workbook()
        book.active.append(("text", "label"))
        for row in [("first", "row"), *rows]:
            book.active.append(row)
        book.save(path)

    filled = [row for row in expected(rows) if any(row)]
    assert read_back(write, rows, suffix=".xlsx") == [("first", "row"), *filled]


PLACES = st.integers(0, 10**6)
JUNK = st.binary(min_size=1, max_size=8) | st.sampled_from([b"9" * 400, b'"', b"<", b">"])


def read_or_refuse(path):
    """Do all that is done with a table; any error but DataError fails the test."""
    with contextlib.suppress(DataError):
        table = open_table(path)
        guess_columns(table.head(1_000))
        list(table.batches())


@given(
    content=st.binary(max_size=300),
    start=st.sampled_from([b"", b"text,label\n", b"PAR1", b"PK\x03\x04", b"{"]),
)
@settings(quickly, max_examples=100)
def test_whatever_stands_in_a_file_it_is_read_or_refused_as_data(content, start):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "any.csv")
        path.write_bytes(start + content)
        read_or_refuse(path)


@cache
def parts_of_a_workbook():
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (["text", "label"], ["good", 1.5], ["bad", datetime.date(2024, 5, 1)]):
        book.active.append(row)
    book.save(content)
    with zipfile.ZipFile(content) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@cache
def a_parquet_file():
    content = io.BytesIO()
    columns = {"text": ["good", "bad", None], "stars": [1.5, 2, 3], "tags": [["a"], [], None]}
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def spoilt(content, at, junk):
    """The same content with some junk in place of as many bytes, somewhere."""
    place = at % len(content)
    return content[:place] + junk + content[place + len(junk) :]


@given(part=st.integers(0, 8), at=PLACES, junk=JUNK)
@settings(quickly, max_examples=50)
def test_a_spoilt_workbook_is_read_or_refused_as_data(part, at, junk):
    parts = dict(parts_of_a_workbook())
    name = sorted(parts)[part]
    parts[name] = spoilt(parts[name], at, junk)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spoilt.xlsx")
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        read_or_refuse(path)


@given(at=PLACES, junk=JUNK)
@settings(quickly, max_examples=100)
def test_a_spoilt_parquet_file_is_read_or_refused_as_data(at, junk):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spoilt.parquet")
        path.write_bytes(spoilt(a_parquet_file(), at, junk))
        read_or_refuse(path)
