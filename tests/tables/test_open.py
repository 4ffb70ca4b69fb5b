"""Which format a file has, by its content, and paths that lead nowhere."""

import os

import pytest

from rnn_core.errors import DataError
from rnn_core.tables.open import open_table
from rnn_core.tables.table import Options
from tests.tables.test_archive import parquet, workbook


@pytest.mark.parametrize(("content", "form"), [(parquet(), "Parquet"), (workbook(), "Excel")])
def test_the_content_decides_not_the_name(path_of, content, form):
    assert open_table(path_of("films.csv", content)).format == form
    for name in ("films.parquet", "films.XLSX", "films.zip"):
        with pytest.raises(DataError, match="isn't what its name says"):
            open_table(path_of(name, b"text,label\na,1\n"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "a workbook with a password, or an old one"),
        (b"\x1f\x8b\x08" + bytes(20), "packed with gzip"),
        (b"%PDF-1.7", "a PDF"),
        (b"<!DOCTYPE html><title>Not found</title>", "a web page"),
        (b"PARE" + bytes(20), "an encrypted Parquet file"),
    ],
)
def test_a_file_of_another_kind_is_named(path_of, content, what):
    with pytest.raises(DataError, match=rf"films\.csv is {what}"):
        open_table(path_of("films.csv", content))


def test_a_path_that_leads_nowhere_or_to_a_pipe_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"There is no file or folder .*films\.csv"):
        open_table(tmp_path / "films.csv")
    with pytest.raises(DataError, match="can't be read: embedded null"):
        open_table(tmp_path / "films\0.csv")
    with pytest.raises(DataError, match="can't be read"):
        open_table(tmp_path / ("x" * 300))
    os.mkfifo(tmp_path / "pipe.csv")  # which is not waited for
    with pytest.raises(DataError, match="neither a file nor a folder"):
        open_table(tmp_path / "pipe.csv")


def test_a_file_without_permission_is_refused(path_of, monkeypatch):
    path = path_of("films.csv", b"text,label\na,1\n")

    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")  # root, which tests may run as, has every permission

    monkeypatch.setattr(type(path), "open", refuse)
    with pytest.raises(DataError, match=r"films\.csv can't be read: you have no permission"):
        open_table(path)


def test_a_column_that_is_not_there_is_refused_with_those_that_are(path_of):
    table = open_table(path_of("films.csv", b"text,label\na,1\n"))
    with pytest.raises(DataError, match=r"films\.csv has no column 'stars'. It has 2: 'text', 'label'"):
        table.batches(["stars"])
    for columns in ([], ["text", "text"]):
        with pytest.raises(DataError, match="each once"):
            table.batches(columns)


def test_long_texts_come_in_batches_of_few_megabytes(path_of):
    content = b"text\n" + b"".join(b"word " * 100_000 + b"\n" for _ in range(20))
    batches = list(open_table(path_of("films.csv", content)).batches())
    assert [batch.first_row for batch in batches] == [1, 9, 17]
    assert [len(batch.columns["text"]) for batch in batches] == [8, 8, 4]


def test_a_table_can_be_read_twice_at_once(path_of):
    table = open_table(path_of("films.csv", b"text\n" + b"good\n" * 10_000), Options(delimiter=","))
    pairs = list(zip(table.batches(), table.batches(), strict=True))
    assert len(pairs) == 3
    assert all(one == two for one, two in pairs)
