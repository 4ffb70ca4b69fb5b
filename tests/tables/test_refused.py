"""Files that are no tables of texts: each is refused in words that name the file, the row and the line."""

import csv
import io
import os
import stat
import sys
import zipfile

import numpy as np
import pyarrow as pa
import pytest

from rnn_core.errors import DataError
from rnn_core.tables import source
from rnn_core.tables.open import open_table
from rnn_core.tables.table import MOST_CELL
from tests.refusals import refusals
from tests.tables.made import CSV, SHARED, SHEET, from_excel, parquet, rewritten, rows_of, workbook
from tests.zips import zipped


def reading(content, name="a.csv", **options):
    """Opens a file or folder with this content and reads it to its end."""
    return lambda table_of: rows_of(table_of(content, name, **options))


def bounded(bound, most, content, name="a.csv"):
    """Reads where no more than this is allowed, in place of millions."""

    def read(table_of, monkeypatch):
        monkeypatch.setattr(f"rnn_core.tables.{bound}", most)
        rows_of(table_of(content, name))

    return read


def refused(rows, name="a.csv", **options):
    """Returns a test that refuses each file: {row's name: (its content, or what is done, what is said)}."""
    done = {row: (one if callable(one) else reading(one, name, **options)) for row, (one, _) in rows.items()}
    return refusals(DataError, {row: (done[row], said) for row, (_, said) in rows.items()})


def endless_cell(table_of, monkeypatch):
    before = csv.field_size_limit(1_000)
    monkeypatch.setattr("rnn_core.tables.lines.MOST_LINE", 1_000)
    try:
        table_of('text,label\n"' + "a word or two\n" * 100)
    finally:
        csv.field_size_limit(before)


LONG = "x" * (MOST_CELL + 1)
ENDLESS = "text,label\n" + "x" * 1_000
BROKEN = b"text,label\n" + b"Ein sch\xc3\xb6ner Film,1\n" * 40 + b"broken \xff\xfe here,1"
WESTERN = reading(b"text,label\ngood,1\nb\x81d,0\n", encoding="windows-1252")
test_delimited = refused(
    {
        "a long row": ('text,label\n"a\nb",1\nso, so,0\n', ("Row 2 of a.csv (line 4) has 3 cells", "2 col")),
        "other bytes": (WESTERN, "Row 2 of a.csv has bytes that aren't windows-1252 (line 3)"),
        "bytes but the guessed": (BROKEN, "Row 41 of a.csv has bytes that aren't utf-8 (line 42)"),
        "header": (reading(CSV, encoding="utf-16"), "The header of a.csv has bytes that aren't utf-16"),
        "NUL": (b"text,label\ngood,1\nb\0d,0\n", "Row 2 of a.csv has a NUL byte (line 3)"),
        "NUL in the header": (b"text,la\0bel\ngood,1\n", "The header of a.csv has a NUL byte"),
        "an open quote": ('text,label\ngood,1\n"bad,0\nfine,1\n', ("Row 2", "never closes", "in line 3")),
        "quotes in quotes": ('text,label\n"good,1\n"bad",0\n', ("Row 1", "never closed", "begins in line 2")),
        "a long cell": (f"label,text\n1,a\n0,{LONG}\n", ("row 2 (line 3)", "'text'", "1,000,001 characters")),
        "an endless line": (bounded("lines.MOST_LINE", 1_000, ENDLESS), ("Row 1", "over 1,000", "(line 2)")),
        "an endless cell": (endless_cell, ("Row 1 ", "over 1,000 characters, or a quote", "in line 2")),
        "no byte": ("", "a.csv is empty: it has not a single byte"),
        "no line": ("\n\n\n", "empty: it has no rows"),
        "no row": ("text,label\n", "has a header but no rows"),
        "no row, no line break": ("text,label", "has a header but no rows"),
        **{
            f"encoding {name!r}": (reading(CSV, encoding=name), ("a.csv", "encoding", "not known"))
            for name in ("klingon", "hex", "idna", "\0")
        },
        **{
            f"delimiter {sign!r}": (reading(CSV, delimiter=sign), "of a.csv must be one character")
            for sign in ("::", '"', "\n")
        },
    }
)


def asking(*columns, content=CSV):
    return lambda table_of: table_of(content, "a.csv").batches(columns)


OF_LISTS = {"JSON": '{"text": "a", "tags": [1]}', "Parquet": parquet({"text": ["a"], "tags": [["x"]]})}
test_columns = refused(
    {
        "no such": (asking("stars"), "a.csv has no column 'stars'. It has 2: 'text', 'label'"),
        "none": (asking(), "each once"),
        "one twice": (asking("text", "text"), "each once"),
        **{
            f"of {form}": (asking("text", "tags", content=content), "Column 'tags' of a.csv holds lists")
            for form, content in OF_LISTS.items()
        },
    }
)

LATE = '{"text": "good"}\n' * 1_000 + '{"text": {"en": "bad"}}'
test_json_lines = refused(
    {
        "no JSON": ('{"text": "a"}\nno', "Row 2 of a.jsonl (line 2) is no JSON: expecting value at"),
        "a list": ('{"text": "a"}\n\n[1]\n', ("Row 2 of a.jsonl (line 3) must be", "got a list")),
        "a number": ('{"text": "a"}\n3\n', "got a single value"),
        "one list": ('[{"text": "a"}]\n', "one long list"),
        "a list over lines": ('[\n{"text": "a"}\n]\n', "no JSON Lines"),
        "an object over lines": ('{\n"text": "a"\n}\n', "no JSON Lines"),
        "too deep": ('{"text": "a"}\n' + "[" * 200_000, "nested too deeply"),
        "only lists": ('{"tags": []}\n', "only lists and objects: 'tags'"),
        "no keys": ("{}\n", "no values"),
        "no object": (" \n", "no values"),
        "other bytes": (b'{"text": "a"}\n{"text": "\xff"}', "bytes that aren't"),
        "NUL": (b'{"text": "a"}\n{"text": "\0"}', ("Row 2 ", "NUL byte (line 2)")),
        "NUL, escaped": (r'{"text": "a\u0000b"}', "row 1 (line 1), column 'text' of a.jsonl has a NUL byte"),
        "a late list": (LATE, "Row 1,001 of a.jsonl (line 1,001), column 'text': the cell holds a list"),
    },
    name="a.jsonl",
    encoding="utf-8",
)

WHOLE = parquet({"text": [f"Text {number}" for number in range(1_000)]})
PICTURES = parquet({"image": [b"good"] * 1_100 + [b"\xff\xd8"] * 2})
TENSORS = pa.FixedShapeTensorArray.from_numpy_ndarray(np.zeros((2, 3)))
FAR = parquet({"day": pa.array([10**7], pa.int32()).cast(pa.date32())})
test_parquet = refused(
    {
        "only lists": (parquet({"tags": [["x"]]}), "only columns of lists or structures: 'tags'"),
        "only tensors": (parquet({"image": TENSORS}), "only columns of lists or structures: 'image'"),
        "no rows": (parquet({"text": pa.array([], pa.string())}), "has columns but no rows"),
        "no text": (PICTURES, ("'image' of a.csv", "rows 1,025 to 1,102")),
        "a date beyond the calendar": (FAR, ("Column 'day' ", "can't be shown as text")),
        "a long cell": (parquet({"text": ["a", LONG]}), "row 2, column 'text' of a.csv has 1,000,001 char"),
        "NUL": (parquet({"text": ["a", "a\0b"]}), "row 2, column 'text' of a.csv has a NUL byte"),
        "cut": (WHOLE[:-30], "is damaged, or no Parquet file"),
        "damaged": (WHOLE[:4] + b"\xff" * 400 + WHOLE[404:], "is damaged: it can't be read after row 0"),
    }
)


def laughing(xml):
    """Entities that each hold ten of the one before: a billion laughs."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE sst [<!ENTITY a0 "{"ha" * 50}">{entities}]>'.encode() + xml.replace(b"good", b"&a9;")


def changed(part, change):
    return rewritten(from_excel(), part, change)


MUCH = bounded("workbook._MOST_SHARED_BYTES", 50, from_excel())
LONG_IN_SHEET = bounded("table.MOST_CELL", 10, workbook(A=[["text"], [], ["good"], ["a long text"]]))
test_workbooks = refused(
    {
        "no row": (workbook(Films=[]), "a.csv has no rows"),
        "a header": (workbook(Films=[["text", "label"]]), "a.csv has no rows"),
        "nothing": (workbook(Films=[[], [None]]), "a.csv has no rows"),
        "no row in a named sheet": (reading(workbook(B=[]), sheet="B"), ("Sheet 'B' of", "has no rows")),
        "no such sheet": (reading(workbook(), sheet="B"), "a.csv has no sheet 'B'. It has 'Films'"),
        "a long cell": (LONG_IN_SHEET, ("row 2 (row 4 of the sheet), column 'text' of", "has 11 char")),
        "cut": (changed(SHEET, lambda xml: xml[:-40]), "a.csv is damaged"),
        "no such text": (changed(SHEET, lambda xml: xml.replace(b"<v>0", b"<v>99")), "a.csv is damaged"),
        "no XML": (changed(SHARED, lambda _: b"no XML"), "a.csv is damaged"),
        "no sheet": (changed("xl/workbook.xml", lambda _: b"<workbook/>"), "a.csv has no rows"),
        "entities that multiply": (changed(SHARED, laughing), "a.csv is damaged"),
        "more text than memory": (MUCH, "97 bytes in its part 'xl/sharedStrings.xml', where 50 are the most"),
    }
)


def with_password():
    content = bytearray(zipped({"a.csv": CSV}))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def twice(table_of):
    with pytest.warns(UserWarning, match="Duplicate"):
        content = zipped({zipfile.ZipInfo("good/1.txt"): "a", "good/1.txt": "b"})
    table_of(content)


def hiding_its_size():
    """A zip that says of its table that it has 18 bytes."""
    long = "text,label\n" + "good,1\n" * 100_000
    size = len(long).to_bytes(4, "little")
    return zipped({"a.csv": long}).replace(size, (18).to_bytes(4, "little"))


def on_a_full_disk(table_of, monkeypatch):
    def full():
        copy = io.BytesIO()
        copy.write = lambda content: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        return copy

    monkeypatch.setattr(source.tempfile, "TemporaryFile", full)
    monkeypatch.setattr(source.tempfile, "gettempdir", lambda: "/some/tmp")
    table_of(zipped({"t.parquet": parquet()}))


LINK = zipfile.ZipInfo("good/1.txt")
LINK.create_system, LINK.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
MANY = zipped({"a.csv": "".join(f"text {n},{n * n}\n" for n in range(10_000))})
TEXTS, LARGE = zipped({f"good/{number}.txt": "a" for number in range(1_800)}), zipped({"a.csv": "x" * 10**6})
TOO_MANY = bounded("source.MOST_MEMBERS", 1_799, TEXTS)
test_zips = refused(
    {
        "two tables": (zipped({"a.csv": CSV, "b.csv": CSV}), "holds 2 tables: 'a.csv', 'b.csv'"),
        "pictures": (zipped({"a.jpg": "x"}), "holds no table and no folders of .txt files, but 'a.jpg'"),
        "nothing": (zipped({}), "but nothing"),
        "no class": (zipped({"1.txt": "a", "2.txt": "b"}), "no .txt files in sub-folders"),
        "an empty table": (zipped({"a.csv": ""}), "a.csv in a.zip is empty"),
        **{
            f"out of the folder by {name}": (zipped({name: CSV}), "leads out of the folder")
            for name in ("/a.csv", "good/../../a.txt", "good\\1.txt", "C:/a.csv")
        },
        "a document": (zipped({"mimetype": "application/vnd.oasis"}), "is an office document, but not an"),
        "a zip in it": (zipped({"a.csv": b"PK\x05\x06" + bytes(18)}), "a zip inside a zip"),
        **{
            f"as {name}": (zipped({"top/good/1.txt": "a", name: "b"}), "same name, 'top/good/1.txt'")
            for name in ("top//good/1.txt", "./top/good/1.txt", "top/./good//1.txt")
        },
        "one name twice": (twice, "two files of the same name"),
        "a row": (zipped({"a.csv": "text,label\na, b,1"}), "Row 1 of a.csv in a.zip (line 2) has 3 cells"),
        "a link": (zipped({LINK: "/etc/passwd"}), "'good/1.txt' in it is a symbolic link"),
        "a password": (with_password(), "protected by a password"),
        "LZMA": (zipped({"a.csv": CSV}, how=zipfile.ZIP_LZMA), "must be deflated or stored"),
        "many files": (TOO_MANY, "holds 1,800 files; a zip of texts has 1,799 at most"),
        "a long list": (bounded("source._MOST_DIRECTORY_BYTES", 100_000, TEXTS), "files is too long"),
        "a bomb": (bounded("source.UNPACKED_ANYWAY", 10_000, LARGE), "unpacks to 1,000,000 bytes from"),
        "a size that is hidden": (hiding_its_size(), "a.zip is damaged"),
        "cut": (MANY[:-10], "a.zip is damaged, or no zip"),
        "damaged": (MANY[:20_000] + bytes(100) + MANY[20_100:], "a.zip is damaged"),
        "a full disk": (on_a_full_disk, "temporary folder /some/tmp: No space left on device. Free"),
    },
    name="a.zip",
)

LONG_TEXT = bounded("folder.MOST_FILE_BYTES", 10, {"good/1.txt": "x" * 1_000})
THREE = {f"good/{number}.txt": "a" for number in range(3)}
test_folders = refused(
    {
        **{
            f"no class in {', '.join(files)}": (files, "films has no .txt files in sub-folders")
            for files in ({"1.txt": "a", "2.txt": "b"}, {"good/1.jpg": "a"}, {"train/1.txt": "a"})
        },
        "other bytes": ({**THREE, "good/1.txt": b"caf\xe9"}, "Row 2 of films (good/1.txt) has bytes that"),
        "NUL": ({**THREE, "good/1.txt": b"a\0b"}, "Row 2 of films (good/1.txt) has a NUL byte"),
        "a long text": (LONG_TEXT, "Row 1 of a.csv (good/1.txt) has over 10 bytes"),
        "many texts": (bounded("folder.MOST_FILES", 2, THREE), "more than 2 texts"),
    },
    name="films",
    encoding="utf-8",
)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
@pytest.mark.parametrize("name", [b"caf\xe9/1.txt", b"good/caf\xe9.txt"])
def test_a_name_in_a_folder_that_is_no_text(table_of, name):
    with pytest.raises(DataError, match=r"has a name that is no text, 'caf.udce9.*Rename it"):
        table_of({os.fsdecode(name): "some words"})


def pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    open_table(tmp_path / "pipe.csv")  # which is not waited for


def without_permission(path_of, monkeypatch):
    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")  # root, which tests may run as, has every permission

    path = path_of("a.csv", CSV)
    monkeypatch.setattr(type(path), "open", refuse)
    open_table(path)


OTHER_KINDS = {
    "a workbook with a password, or an old one": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "packed with gzip": b"\x1f\x8b\x08",
    "a PDF": b"%PDF-1.7",
    "a web page": b"<!DOCTYPE html><title>Not found</title>",
    "an encrypted Parquet file": b"PARE",
}
test_other_files = refused(
    {
        **{what: (start + bytes(20), f"a.csv is {what}") for what, start in OTHER_KINDS.items()},
        **{
            f"a CSV called {name}": (reading(CSV, name), "isn't what its name says")
            for name in ("films.parquet", "films.XLSX", "films.zip")
        },
        "no file": (lambda tmp_path: open_table(tmp_path / "a.csv"), "There is no file or folder"),
        "NUL in its name": (lambda tmp_path: open_table(tmp_path / "a\0"), "can't be read: embedded null"),
        "a long name": (lambda tmp_path: open_table(tmp_path / ("x" * 300)), "can't be read"),
        "a pipe": (pipe, "neither a file nor a folder"),
        "no permission": (without_permission, "a.csv can't be read: you have no permission"),
    }
)
