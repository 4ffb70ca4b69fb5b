"""A folder of .txt files, a sub-folder for each class."""

import os
import sys

import pytest

from rnn_core.errors import DataError
from rnn_core.tables import folder
from rnn_core.tables.open import open_table
from rnn_core.tables.table import GUESS, Options


@pytest.fixture
def table_of(tmp_path):
    """Opens a folder with these files."""

    def opened(files, options=GUESS):
        top = tmp_path / "films"
        for name, content in files.items():
            path = top / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return open_table(top, options)

    return opened


def rows_of(table):
    return [tuple(row.values()) for row in table.head(100)]


def test_a_sub_folder_is_a_class(table_of):
    table = table_of({"good/1.txt": "A good film", "bad/2.TXT": "A bad\nfilm", "bad/1.txt": ""})
    assert (table.format, table.columns) == ("folder", ("text", "label", "file"))
    assert rows_of(table) == [
        (None, "bad", "bad/1.txt"),
        ("A bad\nfilm", "bad", "bad/2.TXT"),
        ("A good film", "good", "good/1.txt"),
    ]
    (batch,) = table.batches(["label"])
    assert batch.columns == {"label": ["bad", "bad", "good"]}
    assert batch.bytes_done == table.total_bytes == 21


@pytest.mark.parametrize("wrapping", ["", "films of 1999/"])
def test_train_and_test_at_the_top_are_splits(table_of, wrapping):
    names = ["train/good/1.txt", "train/bad/1.txt", "Test/good/1.txt", "train/stray.txt"]
    table = table_of({wrapping + name: name for name in names} | {"README.txt": "About"})
    assert [row["split"] for row in table.head()] == ["Test", "train", "train"]
    assert [row["label"] for row in table.head()] == ["good", "bad", "good"]


def test_folders_inside_a_class_belong_to_it_and_a_single_split_is_a_split(table_of, tmp_path):
    table = table_of({"good/a/1.txt": "a", "good/a/b/2.txt": "b", "bad/3.txt": "c"})
    assert [row["label"] for row in table.head()] == ["bad", "good", "good"]
    (tmp_path / "films").rename(tmp_path / "others")
    assert rows_of(table_of({"train/good/1.txt": "a"})) == [("a", "good", "train/good/1.txt", "train")]


def test_links_hidden_files_and_other_kinds_are_passed_over(table_of, tmp_path):
    names = ("good/1.txt", "good/.2.txt", "good/3.jpg", ".git/4.txt", "__MACOSX/5.txt")
    table_of(dict.fromkeys(names, "some words"))
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "films/good/link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "films/linked").symlink_to(tmp_path / "films/good")
    assert [row["file"] for row in table_of({}).head()] == ["good/1.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such a name")
@pytest.mark.parametrize("name", [b"caf\xe9/1.txt", b"good/caf\xe9.txt"])
def test_a_name_of_a_file_or_folder_that_is_no_text_is_refused(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    path.parent.mkdir()
    path.write_text("some words")
    with pytest.raises(DataError, match=r"has a name that is no text, 'caf.udce9.*Rename it"):
        open_table(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16"])
def test_the_encoding_is_guessed_by_many_files(table_of, encoding):
    texts = ["plain words", "un café où l'on dîne"]
    table = table_of({f"a/{place}.txt": text.encode(encoding) for place, text in enumerate(texts)})
    assert table.options == Options(encoding=encoding)
    assert [text for text, *_ in rows_of(table)] == texts


@pytest.mark.parametrize("files", [{"1.txt": "a", "2.txt": "b"}, {"good/1.jpg": "a"}, {"train/1.txt": "a"}])
def test_a_folder_without_classes_is_refused(table_of, files):
    with pytest.raises(DataError, match=r"films has no \.txt files in sub-folders"):
        table_of(files)


@pytest.mark.parametrize(
    ("content", "what"), [(b"caf\xe9", "has bytes that aren't utf-8"), (b"a\0b", "has a NUL byte")]
)
def test_a_file_that_is_no_text_is_named(table_of, content, what):
    table = table_of({"good/1.txt": "a", "good/2.txt": content}, Options(encoding="utf-8"))
    with pytest.raises(DataError, match=rf"Row 2 of films \(good/2\.txt\) {what}"):
        list(table.batches())


def test_a_file_that_is_too_long_is_named_and_not_read_whole(table_of, monkeypatch):
    monkeypatch.setattr(folder, "MOST_FILE_BYTES", 10)
    with pytest.raises(DataError, match=r"Row 1 of films \(good/1\.txt\) has over 10 bytes"):
        list(table_of({"good/1.txt": "x" * 1_000}).batches())


def test_too_many_files_are_refused(table_of, monkeypatch):
    monkeypatch.setattr(folder, "MOST_FILES", 2)
    with pytest.raises(DataError, match="more than 2 texts"):
        table_of({f"good/{number}.txt": "a" for number in range(3)})


def test_a_file_that_changes_or_vanishes_while_the_folder_is_read_is_named(table_of):
    table = table_of({"good/1.txt": "a", "good/2.txt": "b"})
    (table.path / "good/1.txt").write_text("longer")
    with pytest.raises(DataError, match=r"good/1\.txt\) changed while it was read: it had 1 bytes and has 6"):
        list(table.batches())
    (table.path / "good/1.txt").unlink()
    with pytest.raises(DataError, match="There is no file or folder"):
        list(table.batches())
