"""Parquet: flat columns of any type as text, nested ones left out."""

import datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rnn_core.errors import DataError
from rnn_core.tables.open import open_table
from rnn_core.tables.table import MOST_CELL


@pytest.fixture
def table_of(tmp_path):
    """Opens a file with these columns."""

    def opened(columns, **how):
        path = tmp_path / "films.parquet"
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **how)
        return open_table(path)

    return opened


def test_every_flat_type_becomes_text(table_of):
    table = table_of(
        {
            "text": ["good", None, ""],
            "whole": [1, None, -3],
            "double": [3.0, 2.5, float("nan")],
            "float": pa.array([0.1, None, 3], pa.float32()),
            "flag": [True, False, None],
            "day": [datetime.date(2024, 5, 1), None, datetime.date(1999, 12, 31)],
            "time": pa.array([datetime.datetime(2024, 5, 1, 12, 30), datetime.datetime(2024, 5, 1), None]),
            "price": [Decimal("2.50"), Decimal("100"), None],
            "kind": pa.array(["a", None, "a"]).dictionary_encode(),
            "bytes": [b"caf\xc3\xa9", None, b""],
            "nothing": [None, None, None],
        }
    )
    assert (table.format, table.left_out) == ("Parquet", ())
    first, second, third = [tuple(row.values()) for row in table.head()]
    assert first[:6] == ("good", "1", "3", "0.1", "true", "2024-05-01")
    assert first[6:] == ("2024-05-01T12:30:00", "2.5", "a", "café", None)
    assert second == (None, None, "2.5", None, "false", None, "2024-05-01", "100", None, None, None)
    assert third == (None, "-3", None, "3", None, "1999-12-31", None, None, "a", None, None)


def test_many_rows_come_in_batches_that_say_where_they_begin(table_of):
    texts = [f"Text {number}" for number in range(10_000)]
    table = table_of({"text": texts}, row_group_size=3_000)
    batches = list(table.batches())
    assert [batch.first_row for batch in batches] == [1, 4_097, 8_193]
    assert [text for batch in batches for text in batch.columns["text"]] == texts
    assert batches[-1].bytes_done == table.total_bytes


def test_columns_of_the_same_name_are_told_apart_by_numbers(table_of):
    table = table_of(pa.Table.from_arrays([pa.array(["a"]), pa.array([1]), pa.array(["c"])], ["x", "y", "x"]))
    assert table.head() == [{"x": "a", "y": "1", "x (2)": "c"}]
    assert next(table.batches(["x (2)"])).columns == {"x (2)": ["c"]}
    table = table_of({"a": ["1"], "a.b": ["2"], "s": [{"t": 3}]})  # a dot in a name is a dot
    assert table.head() == [{"a": "1", "a.b": "2"}]
    assert next(table.batches(["a"])).columns == {"a": ["1"]}


def test_nested_columns_are_left_out_and_refused_when_asked_for(table_of):
    table = table_of({"text": ["a"], "tags": [["x"]], "about": [{"year": 1999}]})
    assert (table.columns, table.left_out) == (("text",), ("tags", "about"))
    (batch,) = table_of({"text": ["a"], "label": [1], "more": [2]}).batches(["label", "text"])
    assert batch.columns == {"label": ["1"], "text": ["a"]}  # only those that are asked for
    with pytest.raises(DataError, match=r"Column 'tags' of films\.parquet holds lists or objects"):
        table.batches(["text", "tags"])


def test_a_damaged_file_is_refused(table_of):
    table = table_of({"text": [f"Text {number}" for number in range(1_000)]})
    content = table.path.read_bytes()
    table.path.write_bytes(content[:-30])
    with pytest.raises(DataError, match="is damaged, or no Parquet file"):
        open_table(table.path)
    table.path.write_bytes(content[:4] + b"\xff" * 400 + content[404:])
    with pytest.raises(DataError, match=r"is damaged: it can't be read after row 0"):
        list(open_table(table.path).batches())


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        ({"tags": [["x"]]}, "only columns of lists or structures: 'tags'"),
        ({"text": pa.array([], pa.string())}, "has columns but no rows"),
        (
            {"image": [b"good"] * 1_100 + [b"\xff\xd8"] * 2},
            r"'image' of films\.parquet .* rows 1,025 to 1,102",
        ),
        ({"day": pa.array([10**7], pa.int32()).cast(pa.date32())}, "Column 'day' .* can't be shown as text"),
        (
            {"text": ["a", "b", "x" * (MOST_CELL + 1)]},
            r"row 3, column 'text' of films\.parquet has 1,000,001 char",
        ),
        ({"text": ["a", "b", "a\0b"]}, r"row 3, column 'text' of films\.parquet has a NUL byte"),
    ],
    ids=["nested", "no rows", "no text", "a date beyond the calendar", "a long cell", "NUL"],
)
def test_what_is_no_table_of_texts_is_refused_and_named_by_column_and_row(table_of, columns, what):
    with pytest.raises(DataError, match=what):
        list(table_of(columns).batches())


def test_a_file_that_is_exchanged_while_it_is_read_is_refused(table_of):
    before = table_of({"text": ["a"]})
    table_of({"text": ["a", "b"] * 100})
    with pytest.raises(DataError, match="grew while it was read"):
        list(before.batches())
