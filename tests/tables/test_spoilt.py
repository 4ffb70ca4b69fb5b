"""Files spoilt in thousands of ways: each is read, or refused with the one error that people are shown."""

import contextlib
import datetime
import io
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_core.errors import DataError
from rnn_core.tables.guess import guess_columns
from rnn_core.tables.open import open_table

quickly = settings(max_examples=100, deadline=None)
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
@quickly
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
    pq.write_table(
        pa.table({"text": ["good", "bad", None], "stars": [1.5, 2, 3], "tags": [["a"], [], None]}), content
    )
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
@quickly
def test_a_spoilt_parquet_file_is_read_or_refused_as_data(at, junk):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spoilt.parquet")
        path.write_bytes(spoilt(a_parquet_file(), at, junk))
        read_or_refuse(path)
