"""Columns and rows that each format is read as, whatever programs and people make of it."""

import datetime
import gc
import subprocess
import sys
import zipfile
from decimal import Decimal

import pyarrow as pa
import pytest

from rnn_core.errors import DataError
from rnn_core.paths import import_folder
from rnn_core.tables import workbook as workbooks
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, MOST_CELL, Options
from tests.tables import made
from tests.tables.made import CSV, ROWS, SHEET, from_excel, parquet, rewritten, rows_of, workbook
from tests.zips import zipped

FORMATS = {
    "CSV": (CSV, Options(encoding="utf-8", delimiter=",")),
    "TSV": (CSV.replace(",", "\t"), Options(encoding="utf-8", delimiter="\t")),
    "JSON Lines": (made.JSON_LINES, Options(encoding="utf-8")),
    "Parquet": (parquet(), GUESS),
    "Excel": (workbook(), Options(sheet="Films")),
}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("name", ["films.txt", "a.csv in a zip"])
def test_the_content_of_a_file_decides(table_of, form, name):
    """A table is found by its content, whatever its name, and says what it is; in a zip, too."""
    content, options = FORMATS[form]
    size = len(content)
    if "zip" in name:
        content = zipped(
            {"films/a.csv": content, "films/readme.txt": "About", "__MACOSX/._a.csv": "of a Mac"}
        )
    table = table_of(content, name)
    assert (table.format, table.columns, table.options) == (form, ("text", "label"), options)
    assert (rows_of(table), table.total_bytes, table.left_out) == (ROWS, size, ())
    assert table.head(1) == [{"text": "good", "label": "1"}]
    (batch,) = table.batches(["label", "text"])
    assert list(batch.columns.items()) == [("label", ["1", "0"]), ("text", ["good", "bad"])]
    assert (batch.first_row, batch.bytes_done) == (1, size)


DAY, MOMENT = datetime.date(2024, 5, 1), datetime.datetime(2024, 5, 1, 12, 30)
TYPED = {
    "text": ["good", None, ""],
    "whole": [1, None, -3],
    "double": [3.0, 2.5, float("nan")],
    "float": pa.array([0.1, None, 3], pa.float32()),
    "flag": [True, False, None],
    "day": [DAY, None, datetime.date(1999, 12, 31)],
    "time": pa.array([MOMENT, datetime.datetime(2024, 5, 1), None]),
    "price": [Decimal("2.50"), Decimal("100"), None],
    "kind": pa.array(["a", None, "a"]).dictionary_encode(),
    "bytes": [b"caf\xc3\xa9", None, b""],
    "nothing": [None, None, None],
}
IN_EXCEL = [
    ["text", "a", "b", "c", "d"],
    ["good", 3, 2.5, True, DAY],
    ["bad", 3.0, None, False, MOMENT],
    ["one_x000D_\ntwo _x005F_x0041_", "#N/A", "=1+1"],
]
READ = {
    "numbers as they are written": (
        "text,label\na,1.50\nb,007\nc,1e3\n",
        [("a", "1.50"), ("b", "007"), ("c", "1e3")],
    ),
    "a TSV without quoting": (
        'text\tlabel\n"So" it\t1\n12" and "so\t0\n',
        [('"So" it', "1"), ('12" and "so', "0")],
    ),
    "a TSV with quoting": ('text\tlabel\n"one\ttwo\nthree"\t1\n', [("one\ttwo\nthree", "1")]),
    "empty cells and lines": ("x,y,z\n\na,,\n\nb\n", [("a", None, None), ("b", None, None)]),
    "empty cells beyond the last column": ("text,label\na,1,,\n", [("a", "1")]),
    "lines of Windows, semicolons": ("text;label\r\ngood;1\r\nbad;0\r\n", ROWS),
    "lines of old Macs, bars": ("text|label\rgood|1\rbad|0\r", ROWS),
    "a number above a number": ("Good,3\nBad,4\n", [("Good", "3"), ("Bad", "4")]),
    "a cell of the greatest length": (f"text,label\n{'x' * MOST_CELL},1\n", [("x" * MOST_CELL, "1")]),
    "a single column needs no delimiter": ("text\ngood\nbad\n", [("good",), ("bad",)]),
    "a missing key": (
        '{"a": "good", "b": 1}\n\n{"a": "bad", "c": 2.5}\n',
        [("good", "1", None), ("bad", None, "2.5")],
    ),
    "values of JSON in their shortest form": (
        '{"text": "", "a": 3.0, "b": true, "c": null, "d": NaN, "e": 12345678901234567890123}\n',
        [(None, "3", "true", None, None, "12345678901234567890123")],
    ),
    "half a letter": (r'{"text": "so \ud83d", "smile": "\ud83d\ude00"}', [("so ?", "\U0001f600")]),
    "every flat type of Parquet": (
        parquet(TYPED),
        [
            ("good", "1", "3", "0.1", "true", "2024-05-01", "2024-05-01T12:30:00", "2.5", "a", "café", None),
            (None, None, "2.5", None, "false", None, "2024-05-01", "100", None, None, None),
            (None, "-3", None, "3", None, "1999-12-31", None, None, "a", None, None),
        ],
    ),
    "values of Excel in their shortest form": (
        workbook(Films=IN_EXCEL),
        [
            ("good", "3", "2.5", "true", "2024-05-01"),
            ("bad", "3", None, "false", "2024-05-01T12:30:00"),
            ("one\r\ntwo _x0041_", None, None, None, None),
        ],
    ),
    "a sheet with gaps": (
        workbook(A=[[], ["text", "label", None], [], ["good", 1, None, "a note"], [None, None], ["bad"]]),
        [("good", "1"), ("bad", None)],
    ),
    "texts apart from their sheet": (from_excel(), [("good",)]),
    "files in sub-folders": (
        {"good/a/1.txt": "a", "bad/b/c/2.TXT": "b\nc", "bad/1.txt": ""},
        [(None, "bad", "bad/1.txt"), ("b\nc", "bad", "bad/b/c/2.TXT"), ("a", "good", "good/a/1.txt")],
    ),
    "a single split": ({"train/good/1.txt": "a"}, [("a", "good", "train/good/1.txt", "train")]),
}


@pytest.mark.parametrize(("content", "rows"), READ.values(), ids=READ)
def test_rows_are_read_as_they_are_meant(table_of, content, rows):
    table = table_of(content)
    assert rows_of(table) == [tuple(row.values()) for row in table.head()] == rows


HEADERS = {
    "text,text,,text (2)\na,b,c,d\n": ("text", "text (3)", "column 3", "text (2)"),
    ",0,1\n0,good,1\n": ("column 1", "0", "1"),
    **{
        f"{header}\nA good film,fine\nA bad film,poor\n": tuple(header.split(","))
        for header in ("text,nan", "text,inf", "text,2019", "3,text")
    },
    **{
        f"{first}\n4,A second row\n": ("column 1", "column 2")
        for first in ("3,Oil prices fall", f"{'so ' * 100},yes", '"two\nlines",1')
    },
    '{"text": "good", "tags": ["a"]}\n{"text": "bad", "tags": null}\n': ("text",),
}


@pytest.mark.parametrize("content", HEADERS, ids=range(10))
def test_a_first_row_of_names_is_a_header(table_of, content):
    assert table_of(content).columns == HEADERS[content]


def test_columns_of_parquet_that_are_named_alike(table_of):
    table = table_of(parquet(pa.Table.from_arrays([pa.array([cell]) for cell in "abc"], ["x", "y", "x"])))
    assert table.head() == [{"x": "a", "y": "b", "x (2)": "c"}]
    assert next(table.batches(["x (2)"])).columns == {"x (2)": ["c"]}
    table = table_of(parquet({"a": ["1"], "a.b": ["2"], "s": [{"t": 3}]}))  # a dot in a name is a dot
    assert (table.head(), table.left_out) == ([{"a": "1", "a.b": "2"}], ("s",))
    assert next(table.batches(["a"])).columns == {"a": ["1"]}


@pytest.mark.parametrize("encoding", "utf-8 utf-8-sig utf-16 utf-16-le utf-16-be utf-32 windows-1252".split())
def test_the_encoding_is_guessed(table_of, encoding):
    table = table_of("text,label\nUn café où l'on dîne,1\n".encode(encoding))
    assert (table.columns, rows_of(table)) == (("text", "label"), [("Un café où l'on dîne", "1")])


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16"])
def test_the_encoding_of_a_folder_is_by_many_files(table_of, encoding):
    texts = ["plain words", "un café où l'on dîne"]
    table = table_of({f"a/{place}.txt": text.encode(encoding) for place, text in enumerate(texts)})
    assert table.options == Options(encoding=encoding)
    assert [text for text, *_ in rows_of(table)] == texts


def test_an_option_that_is_given_is_used(table_of):
    table = table_of("text,label\nПривет,1\n".encode("koi8-r"), encoding="KOI8-R")
    assert (rows_of(table), table.options.encoding) == ([("Привет", "1")], "koi8-r")
    assert table_of(b"\xef\xbb\xbf" + CSV.encode(), encoding="utf-8").columns == ("text", "label")
    for encoding in ("utf-16", "latin-1"):
        assert rows_of(table_of('{"text": "café"}\n'.encode(encoding), encoding=encoding)) == [("café",)]
    assert rows_of(table_of("text:label\na, b:1\n", delimiter=":")) == [("a, b", "1")]
    assert table_of("text\tlabel\na, b\t1\n", delimiter="\\t").format == "TSV"
    sheets = {"About": [["Films of 1999"]], "One": [["text"], ["good"]], "Two": [["text"], ["bad"]]}
    assert table_of(workbook(**sheets)).options.sheet == "One"  # the first one with rows
    assert rows_of(table_of(workbook(**sheets), sheet="Two")) == [("bad",)]


def test_the_sample_of_a_tsv_may_end_inside_quotes(table_of):
    long = "word " * 30_000
    table = table_of(f'text\tlabel\n"{long}\n"\t1\n"{long}\n"\t0\n', "long.tsv")
    assert [label for _, label in rows_of(table)] == ["1", "0"]


def test_a_sheet_is_no_longer_than_it_can_be(table_of, monkeypatch):
    """A row beyond those of Excel is not waited for, and a size that a sheet only claims not believed."""
    monkeypatch.setattr(workbooks, "MOST_ROWS", 100)
    three, far = workbook(A=[["text"], ["good"], ["bad"]]), b'row r="999999999999"'
    far_row = lambda xml: xml.replace(b'row r="3"', far).replace(b'"A3"', b'"A9"')  # noqa: E731
    assert rows_of(table_of(rewritten(three, SHEET, far_row))) == [("good",)]
    claims = rewritten(three, SHEET, lambda xml: xml.replace(b'"A1:A3"', b'"A1:XFD1048576"'))
    assert table_of(claims).columns == ("text",)


@pytest.mark.parametrize("wrapping", ["", "./", "films of 1999/"])
@pytest.mark.parametrize("packed", [dict, zipped])
def test_train_and_test_at_the_top_are_splits(table_of, wrapping, packed):
    names = ["train/good/1.txt", "train/bad/1.txt", "Test/good/1.txt", "train/stray.txt"]
    table = table_of(packed({wrapping + name: name for name in names} | {"README.txt": "About"}))
    assert (table.format, table.columns) == (
        "zip" if packed is zipped else "folder",
        ("text", "label", "file", "split"),
    )
    splits = [(row["split"], row["label"]) for row in table.head()]
    assert splits == [("Test", "good"), ("train", "bad"), ("train", "good")]


def test_a_small_zip_may_be_packed_as_well_as_can_be(table_of):
    packed = zipped({"a.csv": CSV + "good,1\n" * 100_000})
    for name in ("films", "films.json"):  # what its name says is no matter
        assert len(rows_of(table_of(packed, name))) == 100_002


def test_links_and_hidden_files_are_passed_over(table_of, path_of):
    names = ("good/1.txt", "good/.2.txt", "good/3.jpg", ".git/4.txt", "__MACOSX/5.txt")
    folder = path_of("films", dict.fromkeys(names, "some words"))
    (folder / "good/link.txt").symlink_to(path_of("secret.txt", "secret"))
    (folder / "linked").symlink_to(folder / "good")
    assert [row["file"] for row in open_table(folder).head()] == ["good/1.txt"]


BATCHES = {
    "few megabytes": (b"text\n" + b"".join(b"word " * 100_000 + b"\n" for _ in range(20)), [1, 9, 17]),
    "few megabytes in a folder": ({f"good/{n:02}.txt": "word " * 100_000 for n in range(20)}, [1, 9, 17]),
    "rows of Parquet": (
        parquet({"text": [f"T {n}" for n in range(9_000)]}, row_group_size=3_000),
        [1, 4_097, 8_193],
    ),
    "rows that fill the last batch": (
        parquet({"text": [f"T {n}" for n in range(8_192)]}, row_group_size=3_000),
        [1, 4_097],
    ),
    "rows of a sheet": (workbook(Films=[["text"], *([f"Text {n}"] for n in range(5_000))]), [1, 4_097]),
}


@pytest.mark.parametrize(("content", "first_rows"), BATCHES.values(), ids=BATCHES)
def test_batches_say_where_they_begin_and_how_far(table_of, content, first_rows):
    table = table_of(content)
    batches = list(table.batches())
    assert [batch.first_row for batch in batches] == first_rows
    ends = [batch.first_row + len(batch.columns["text"]) for batch in batches]
    assert ends[:-1] == first_rows[1:]
    done = [batch.bytes_done for batch in batches]
    assert 0 < done[0] < done[-1] == table.total_bytes
    assert done == sorted(done)


def test_a_table_can_be_read_twice_at_once(table_of):
    table = table_of("text\n" + "good\n" * 10_000, delimiter=",")
    pairs = list(zip(table.batches(), table.batches(), strict=True))
    assert len(pairs) == 3
    assert all(one == two for one, two in pairs)


CHANGED = {
    "grows": (CSV, f"{CSV}more,1\n", "films grew while it was read: it had 24 bytes and has 31"),
    "shrinks": (CSV, 'text,label\ngood,1\n"ba', "films shrank while it was read"),
    "Parquet": (parquet({"text": ["a"]}), parquet({"text": ["a", "b"] * 100}), "films grew while"),
    "zip": (zipped({"a.csv": CSV}), zipped({"a.csv": CSV, "b": "More"}), "films grew while it was read"),
    "folder": (
        {"good/1.txt": "a", "good/2.txt": "b"},
        {"good/1.txt": "longer"},
        r"good/1\.txt\) changed while it was read: it had 1 bytes and has 6",
    ),
}


@pytest.mark.parametrize(("before", "after", "said"), CHANGED.values(), ids=CHANGED)
def test_what_changes_while_it_is_read_is_refused(table_of, path_of, before, after, said):
    table = table_of(before)
    path_of("films", after)
    with pytest.raises(DataError, match=said):
        rows_of(table)


def test_a_file_that_vanishes_from_a_folder_is_named(table_of):
    table = table_of({"good/1.txt": "a"})
    (table.path / "good/1.txt").unlink()
    with pytest.raises(DataError, match=r"There is no file or folder .*1\.txt"):
        rows_of(table)


def test_the_list_of_a_zip_is_let_go_before_the_next(table_of, monkeypatch):
    """The list that zipfile keeps of the files is ten times as long as their names."""
    content = zipped({f"{'good' if i % 2 else 'bad'}/{i}.txt": f"text {i}" for i in range(200)})
    lists, opened = [], zipfile.ZipFile.__init__

    def count():
        return sum(type(thing) is zipfile.ZipInfo for thing in gc.get_objects())

    def open_and_count(self, *args, **options):
        opened(self, *args, **options)
        lists.append(count() - before)

    gc.collect()
    before = count()
    monkeypatch.setattr(zipfile.ZipFile, "__init__", open_and_count)
    assert len(rows_of(table_of(content))) == 200
    assert len(lists) > 2
    assert set(lists) == {200}


READING = """
import resource, sys
from pathlib import Path
from rnn_core.tables.open import open_table

def megabytes():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)

before = megabytes()
rows = sum(len(batch.columns["text"]) for batch in open_table(Path(sys.argv[1])).batches(["text"]))
print(rows, megabytes() - before)
"""
TEXTS = [f"A film about the number {number} and nothing else" for number in range(20_000)] * 32
LONG = {
    "csv": lambda: "text\n" + "\n".join(TEXTS),
    "jsonl": lambda: "".join(f'{{"text": "{text}"}}\n' for text in TEXTS),
    "parquet": lambda: parquet({"text": TEXTS}, row_group_size=20_000),
    "zip": lambda: zipped({"films.csv": "text\n" + "\n".join(TEXTS)}),
}
"""Files of 30 MB and more, unpacked."""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="says nothing of the memory that it took")
@pytest.mark.parametrize("form", LONG)
def test_a_long_table_takes_the_memory_of_a_batch(path_of, form):
    """And of the start by which its encoding is guessed: measured in a process of its own."""
    command = [sys.executable, "-c", READING, path_of(f"films.{form}", LONG[form]())]
    said = subprocess.run(command, cwd=import_folder(), capture_output=True, text=True, check=True)
    rows, megabytes = map(float, said.stdout.split())
    assert rows == len(TEXTS)
    assert megabytes < 55
