"""Zips: those with a table, those with folders of texts, and those that are a trap."""

import gc
import io
import stat
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rnn_core.errors import DataError
from rnn_core.tables import archive
from rnn_core.tables.open import open_table

CSV = "text,label\ngood,1\nbad,0\n"
ROWS = [{"text": "good", "label": "1"}, {"text": "bad", "label": "0"}]


@pytest.fixture
def zip_of(tmp_path):
    """Writes a zip of these files."""

    def written(files, how=zipfile.ZIP_DEFLATED):
        path = tmp_path / "films.zip"
        with zipfile.ZipFile(path, "w", how) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return path

    return written


def parquet():
    content = io.BytesIO()
    pq.write_table(pa.table({"text": ["good", "bad"], "label": [1, 0]}), content)
    return content.getvalue()


def workbook():
    book, content = openpyxl.Workbook(), io.BytesIO()
    for row in (["text", "label"], ["good", 1], ["bad", 0]):
        book.active.append(row)
    book.save(content)
    return content.getvalue()


JSON_LINES = '{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n'


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("a.csv", CSV, "CSV"),
        ("a.tsv", CSV.replace(",", "\t"), "TSV"),
        ("a.jsonl", JSON_LINES, "JSON Lines"),
        ("a.parquet", parquet(), "Parquet"),
        ("a.xlsx", workbook(), "Excel"),
        ("a.txt", CSV, "CSV"),
    ],
)
def test_a_table_in_a_zip_is_read(zip_of, name, content, form):
    path = zip_of({name: content, "__MACOSX/._a.csv": "of a Mac"})
    table = open_table(path)
    assert (table.format, table.path) == (form, path)
    assert table.head() == ROWS
    assert list(table.batches())[-1].bytes_done == table.total_bytes


def test_a_note_beside_the_table_is_passed_over(zip_of):
    assert open_table(zip_of({"films/a.csv": CSV, "films/readme.txt": "About"})).head() == ROWS


@pytest.mark.parametrize("before", ["", "./", "films/"])
def test_folders_of_texts_in_a_zip_are_read(zip_of, before):
    table = open_table(zip_of({before + "good/1.txt": "A good film", before + "bad/1.txt": "A bad film"}))
    assert (table.format, table.columns) == ("zip", ("text", "label", "file"))
    read = [(row["text"], row["label"]) for row in table.head()]
    assert read == [("A bad film", "bad"), ("A good film", "good")]


def test_what_zipfile_keeps_of_the_files_is_let_go_before_the_zip_is_opened_again(zip_of, monkeypatch):
    path = zip_of({f"{'good' if i % 2 else 'bad'}/{i}.txt": f"text {i}" for i in range(200)})
    lists, opened = [], zipfile.ZipFile.__init__

    def open_and_count(self, *args, **options):
        opened(self, *args, **options)
        lists.append(sum(isinstance(thing, zipfile.ZipInfo) for thing in gc.get_objects()))

    gc.collect()
    monkeypatch.setattr(zipfile.ZipFile, "__init__", open_and_count)
    assert sum(len(batch.columns["text"]) for batch in open_table(path).batches()) == 200
    assert len(lists) > 2
    assert set(lists) == {200}


def test_train_and_test_in_a_zip_are_splits(zip_of):
    table = open_table(zip_of({"a/train/good/1.txt": "a", "a/test/good/1.txt": "b", "a/README": "About"}))
    assert [row["split"] for row in table.head()] == ["test", "train"]


def test_an_error_in_a_table_names_the_table_and_the_zip_and_a_zip_that_changes_is_refused(zip_of):
    table = open_table(zip_of({"a.csv": CSV}))
    zip_of({"a.csv": CSV, "note.txt": "More"})
    with pytest.raises(DataError, match=r"films\.zip grew while it was read"):
        list(table.batches())
    with pytest.raises(DataError, match=r"Row 1 of a\.csv in films\.zip \(line 2\) has 4 cells"):
        list(open_table(zip_of({"a.csv": "text,label\nwell, well, well,1\n"})).batches())


@pytest.mark.parametrize(
    ("files", "what"),
    [
        ({"a.csv": CSV, "b.csv": CSV}, r"holds 2 tables: 'a\.csv', 'b\.csv'"),
        ({"a.jpg": "picture"}, r"holds no table and no folders of \.txt files, but 'a\.jpg'"),
        ({}, "but nothing"),
        ({"1.txt": "a", "2.txt": "b"}, r"no \.txt files in sub-folders"),
        ({"a.csv": ""}, r"a\.csv in films\.zip is empty"),
        ({"/a.csv": CSV}, "leads out of the folder"),
        ({"good/../../a.txt": "a"}, "leads out of the folder"),
        ({"good\\1.txt": "a"}, "leads out of the folder"),
        ({"C:/a.csv": CSV}, "leads out of the folder"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "is an office document, but not an"),
        ({"a.csv": b"PK\x05\x06" + bytes(18)}, "a zip inside a zip"),
        *(
            ({"top/good/1.txt": "a", other: "b", "top/bad/1.txt": "c"}, r"same name, 'top/good/1\.txt'")
            for other in ("top//good/1.txt", "./top/good/1.txt", "top/./good//1.txt")
        ),
    ],
)
def test_a_zip_that_is_none_of_texts_is_refused(zip_of, files, what):
    with pytest.raises(DataError, match=what):
        open_table(zip_of(files))


def test_a_link_is_refused(zip_of):
    link = zipfile.ZipInfo("good/1.txt")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(DataError, match=r"'good/1\.txt' in it is a symbolic link"):
        open_table(zip_of({link: "/etc/passwd"}))


def test_a_password_is_refused(zip_of):
    path = zip_of({"a.csv": CSV})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="protected by a password"):
        open_table(path)


def test_other_ways_of_packing_are_refused(zip_of):
    with pytest.raises(DataError, match="must be deflated or stored"):
        open_table(zip_of({"a.csv": CSV}, zipfile.ZIP_LZMA))


def test_two_files_of_one_name_are_refused(zip_of):
    with pytest.warns(UserWarning, match="Duplicate"):
        path = zip_of({zipfile.ZipInfo("good/1.txt"): "a", "good/1.txt": "b"})
    with pytest.raises(DataError, match="two files of the same name"):
        open_table(path)


@pytest.mark.parametrize(
    ("bound", "most", "files", "what"),
    [
        ("MOST_MEMBERS", 2, 3, "holds 3 files; a zip of texts has 2 at most"),
        ("_MOST_DIRECTORY_BYTES", 100_000, 1_800, "its list of files is too long"),
        ("UNPACKED_ANYWAY", 10_000, 0, r"films\.zip unpacks to 1,000,000 bytes from"),
    ],
)
def test_a_zip_of_too_much_is_refused(zip_of, monkeypatch, bound, most, files, what):
    monkeypatch.setattr(archive, bound, most)
    with pytest.raises(DataError, match=what):
        open_table(
            zip_of({f"good/{number}.txt": "a" for number in range(files)} or {"a.csv": "x" * 1_000_000})
        )


def test_a_zip_that_hides_its_size_yields_no_more_than_it_admits(zip_of):
    content = "text,label\n" + "good,1\n" * 100_000
    path = zip_of({"a.csv": content})
    packed = path.read_bytes()
    path.write_bytes(packed.replace(len(content).to_bytes(4, "little"), (18).to_bytes(4, "little")))
    with pytest.raises(DataError, match=r"films\.zip is damaged"):
        list(open_table(path).batches())


def test_a_damaged_zip_is_refused(zip_of):
    path = zip_of({"a.csv": "".join(f"text {n},{n * n}\n" for n in range(10_000))})
    content = path.read_bytes()
    path.write_bytes(content[:-10])
    with pytest.raises(DataError, match=r"films\.zip is damaged, or no zip"):
        open_table(path)
    path.write_bytes(content[:20_000] + bytes(100) + content[20_100:])
    with pytest.raises(DataError, match=r"films\.zip is damaged"):
        list(open_table(path).batches())


def test_a_full_disk_is_not_taken_for_a_damaged_zip(zip_of, monkeypatch):
    def full():
        copy = io.BytesIO()
        copy.write = lambda content: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        return copy

    monkeypatch.setattr(archive.tempfile, "TemporaryFile", full)
    monkeypatch.setattr(archive.tempfile, "gettempdir", lambda: "/some/tmp")
    path = zip_of({"t.parquet": parquet()})
    with pytest.raises(DataError, match=r"temporary folder /some/tmp: No space left on device\. Free"):
        open_table(path)
