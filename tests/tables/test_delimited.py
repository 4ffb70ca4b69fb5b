"""CSV and TSV: whatever people call so, and what is said of the rest."""

import csv

import pytest

from rnn_core.errors import DataError
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, MOST_CELL, Options

PLAIN = "text,label\nA good film,1\nA bad film,0\n"
BROKEN = b"text,label\n" + b"Ein sch\xc3\xb6ner Film,1\n" * 40 + b"broken \xff\xfe here,1"


@pytest.fixture
def table_of(path_of):
    """Opens a file with this content."""
    return lambda content, options=GUESS, name="films.csv": open_table(path_of(name, content), options)


def rows_of(table):
    return [tuple(row.values()) for row in table.head(1_000)]


def all_rows(table):
    return [row for batch in table.batches() for row in zip(*batch.columns.values(), strict=True)]


def test_a_csv_says_what_it_is_and_a_batch_has_the_asked_columns_in_the_asked_order(table_of):
    table = table_of(PLAIN)
    assert (table.format, table.columns, table.total_bytes) == ("CSV", ("text", "label"), len(PLAIN))
    assert table.options == Options(encoding="utf-8", delimiter=",")
    assert table.head(1) == [{"text": "A good film", "label": "1"}]
    (batch,) = table.batches(["label", "text"])
    assert list(batch.columns.items()) == [("label", ["1", "0"]), ("text", ["A good film", "A bad film"])]
    assert (batch.first_row, batch.bytes_done) == (1, len(PLAIN))


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("text,label\na,1.50\nb,007\nc,1e3\n", [("a", "1.50"), ("b", "007"), ("c", "1e3")]),
        ('text,label\n"He said: ""No, never""\r\nand left",1\n', [('He said: "No, never"\r\nand left', "1")]),
        ("text,label\none\u2028two\x85three,1\n", [("one\u2028two\x85three", "1")]),
        ('text\tlabel\n"So" it\t1\n12" vinyl, and "so\t0\n', [('"So" it', "1"), ('12" vinyl, and "so', "0")]),
        ('text\tlabel\n"one\ttwo\nthree"\t1\n', [("one\ttwo\nthree", "1")]),
        ("text,label,note\n\na,,\n\nb\n", [("a", None, None), ("b", None, None)]),
        ("text,label\na,1,,\n", [("a", "1")]),
        ("A good film,3\nA bad film,4\n", [("A good film", "3"), ("A bad film", "4")]),
        (f"text,label\n{'x' * MOST_CELL},1\n", [("x" * MOST_CELL, "1")]),
    ],
    ids=[
        "numbers stay as they are written",
        "a cell may have line breaks, quotes and delimiters",
        "line breaks of Unicode end no row",
        "quotes in a TSV that has no quoting are characters",
        "quotes in a TSV that has quoting hold cells together",
        "empty and missing cells are none, empty lines are passed over",
        "empty cells beyond the last column are passed over",
        "a number above a number is a row",
        "a cell of the greatest length",
    ],
)
def test_rows_are_read_as_they_are_meant(table_of, content, rows):
    assert rows_of(table_of(content)) == rows


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("text,text,,text (2)\na,b,c,d\n", ("text", "text (3)", "column 3", "text (2)")),
        (",0,1\n0,good,1\n", ("column 1", "0", "1")),
        ("text,nan\nA good film,1\nA bad film,0\n", ("text", "nan")),
        *(
            (f"{header}\nA good film,fine\nA bad film,poor\n", tuple(header.split(",")))
            for header in ("text,nan", "text,inf", "text,2019", "3,text")
        ),
    ],
)
def test_a_first_row_of_names_is_a_header(table_of, content, columns):
    assert table_of(content).columns == columns


@pytest.mark.parametrize(
    ("content", "encoding", "what"),
    [
        (
            'text,label\n"a\nb",1\nWell, well,0\n',
            "",
            r"Row 2 of films\.csv \(line 4\) has 3 cells where .* 2 col",
        ),
        (b"text,label\ngood,1\nb\x81d,0\n", "windows-1252", r"Row 2 .* aren't windows-1252 \(line 3\)"),
        (PLAIN, "utf-16", r"The header of films\.csv has bytes that aren't utf-16"),
        (b"text,label\ngood,1\nb\0d,0\n", "", r"Row 2 of films\.csv has a NUL byte \(line 3\)"),
        (b"text,la\0bel\ngood,1\n", "", r"The header of films\.csv has a NUL byte"),
        (
            'text,label\ngood,1\n"bad,0\nfine,1\n',
            "",
            "Row 2 .* opens and never closes; the row begins in line 3",
        ),
        (
            'text,label\n"good,1\n"bad",0\n',
            "",
            "Row 1 .* one that was never closed; the row begins in line 2",
        ),
        (
            f"label,text\n1,a\n0,{'x' * (MOST_CELL + 1)}\n",
            "",
            r"row 2 \(line 3\), .*'text' .* 1,000,001 characters",
        ),
        (BROKEN, "", r"Row 41 of films\.csv has bytes that aren't utf-8 \(line 42\)"),
    ],
    ids=range(9),
)
def test_what_cannot_be_read_is_named_by_its_row_and_line(table_of, content, encoding, what):
    with pytest.raises(DataError, match=what):
        all_rows(table_of(content, Options(encoding=encoding)))


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252"]
)
def test_the_encoding_is_guessed(table_of, encoding):
    table = table_of("text,label\nUn café où l'on dîne,1\n".encode(encoding))
    assert table.columns == ("text", "label")
    assert rows_of(table) == [("Un café où l'on dîne", "1")]


def test_an_encoding_that_is_given_is_used_and_a_mark_of_the_byte_order_is_no_part_of_a_name(table_of):
    table = table_of("text,label\nПривет,1\n".encode("koi8-r"), Options(encoding="KOI8-R"))
    assert rows_of(table) == [("Привет", "1")]
    assert table.options.encoding == "koi8-r"
    assert table_of(b"\xef\xbb\xbf" + PLAIN.encode(), Options(encoding="utf-8")).columns == ("text", "label")


@pytest.mark.parametrize(
    ("options", "what"),
    [
        *(({"encoding": name}, "encoding .* not known") for name in ("klingon", "hex", "idna", "\0")),
        *(({"delimiter": sign}, "must be one character") for sign in ("::", '"', "\n")),
    ],
)
def test_an_option_that_can_not_be_is_refused(table_of, options, what):
    with pytest.raises(DataError, match=rf"films\.csv .*{what}"):
        table_of(PLAIN, Options(**options))


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_guessed_and_every_kind_of_line_break_ends_a_row(table_of, delimiter, line_break):
    table = table_of(PLAIN.replace(",", delimiter).replace("\n", line_break))
    assert table.options.delimiter == delimiter
    assert table.format == ("TSV" if delimiter == "\t" else "CSV")
    assert rows_of(table) == [("A good film", "1"), ("A bad film", "0")]


def test_a_delimiter_that_is_given_is_used_and_a_single_column_needs_none(table_of):
    assert table_of("text:label\na, b:1\n", Options(delimiter=":")).head() == [{"text": "a, b", "label": "1"}]
    assert table_of("text\tlabel\na, b\t1\n", Options(delimiter="\\t")).format == "TSV"
    assert table_of("text\ngood\nbad\n").head() == [{"text": "good"}, {"text": "bad"}]  # a single column


def test_the_sample_of_a_long_tsv_may_end_inside_quotes(table_of):
    long = "word " * 30_000
    table = table_of(f'text\tlabel\n"{long}\n"\t1\n"{long}\n"\t0\n', name="long.tsv")
    assert [label for _, label in rows_of(table)] == ["1", "0"]


@pytest.mark.parametrize("first", ["3,Oil prices fall", f"{'so ' * 100},yes", '"two\nlines",1'])
def test_a_first_row_of_data_is_no_header(table_of, first):
    table = table_of(f"{first}\n4,A second row\n")
    assert table.columns == ("column 1", "column 2")
    assert len(table.head()) == 2


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "empty: it has not a single byte"),
        ("\n\n\n", "empty: it has no rows"),
        ("text,label\n", "has a header but no rows"),
        ("text,label", "has a header but no rows"),
    ],
)
def test_a_table_without_rows_is_refused(table_of, content, what):
    with pytest.raises(DataError, match=what):
        table_of(content)


def test_a_line_without_an_end_is_not_read_whole(table_of, monkeypatch):
    monkeypatch.setattr("rnn_core.tables.lines.MOST_LINE", 1_000)
    with pytest.raises(DataError, match=r"Row 1 .* has a line of over 1,000 characters \(line 2\)\. Cut"):
        table_of("text,label\n" + "x" * 1_000)


def test_a_cell_without_an_end_is_not_read_whole(table_of, monkeypatch):
    default = csv.field_size_limit(1_000)
    monkeypatch.setattr("rnn_core.tables.delimited.MOST_LINE", 1_000)
    try:
        with pytest.raises(
            DataError, match=r"Row 1 .* over 1,000 characters, or a quote .* begins in line 2"
        ):
            table_of('text,label\n"' + "a word or two\n" * 100)
    finally:
        csv.field_size_limit(default)


def test_a_file_that_grows_or_shrinks_while_it_is_read_is_refused_and_not_its_last_row(table_of):
    table = table_of(PLAIN)
    table.path.write_text(f"{PLAIN}One more,1\n")
    with pytest.raises(DataError, match=r"films\.csv grew while it was read: it had 38 bytes and has 49"):
        all_rows(table)
    table.path.write_text('text,label\ngood,1\n"ba')
    with pytest.raises(DataError, match="shrank while it was read"):
        all_rows(table)
