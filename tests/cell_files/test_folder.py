"""Files of own cells: what they may be called, how they are read, and what is in their folder now."""

import os
from pathlib import Path

import pytest

from rnn_core.cell_files.folder import (
    MOST_BYTES,
    CellFile,
    SourceError,
    cell_file,
    cell_files,
    new_cell_file,
    read_cell_file,
    refused_files,
)
from rnn_core.errors import CellError
from rnn_core.paths import own_cells_folder
from tests.cell_files.sources import PLAIN, write


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("gru", "already a cell called gru"),
        ("LSTM", "already a cell called lstm"),
        ("my cell", "an identifier"),
        ("2d", "an identifier"),
        ("größe", "an identifier"),
        ("", "an identifier"),
        ("../outside", "an identifier"),
        ("/tmp/outside", "an identifier"),
        ("class", "an identifier"),
        ("None", "an identifier"),
        ("x" * 41, "at most 40"),
        ("nul", "Windows has no file"),
        ("taken", "already a file .*taken.py"),
        ("Taken", "already a file .*taken.py"),
    ],
)
def test_a_name_that_a_cell_cannot_have_is_refused(name, why):
    write("taken")
    before = sorted(own_cells_folder().parent.rglob("*"))
    with pytest.raises(CellError, match=why):
        new_cell_file(name, PLAIN)
    assert sorted(own_cells_folder().parent.rglob("*")) == before


def test_a_new_file_has_the_source_and_is_found_at_once():
    made = new_cell_file("leaky", PLAIN)
    assert (made.name, made.source, made.path) == ("leaky", PLAIN, own_cells_folder() / "leaky.py")
    assert cell_files() == [made]
    assert made.version == f"leaky@{made.digest[:12]}"
    assert len(made.digest) == 64


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (b"\xef\xbb\xbfa = 1\n", "a = 1\n"),
        ("# coding: latin-1\na = 'ä'\n".encode("latin-1"), "# coding: latin-1\na = 'ä'\n"),
        ("#!/usr/bin/python\n# -*- coding: cp1251 -*-\n# привет".encode("cp1251"), None),
        (b"a = 1\r\n\tb = 2\r\n", "a = 1\n\tb = 2\n"),
        (b"a = 1\rb = 2", "a = 1\nb = 2"),
        (b"", ""),
    ],
)
def test_encodings_and_ends_of_lines_are_followed(content, source):
    read = CellFile.of(Path("leaky.py"), content)
    assert read.source == source if source is not None else read.source.endswith("# привет")
    assert read.content == content


@pytest.mark.parametrize(
    ("content", "why", "line"),
    [
        (b"a = 1\nb = '\xe4'\n", "leaky.py, line 2: this is no text in utf-8", 2),
        ("a = 1".encode("utf-16"), "no text in UTF-8", 0),
        (b"a = '\0'", "no text in UTF-8", 0),
        (b"# coding: klingon\n", "unknown encoding", 0),
        (b"\xef\xbb\xbf# coding: latin-1\n", "encoding problem", 0),
        (b"# coding: rot13\n", "can't be read in rot13", 0),
        (b"# coding: ascii\n\n'\xe4'", "leaky.py, line 3: this is no text in ascii, as the file says", 3),
        (b"# coding: punycode\n", "is in punycode", 1),
        (b"# coding: unicode_escape\n'\\ud800'", "can't be read in unicode_escape", 0),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(content, why, line):
    with pytest.raises(SourceError, match=why) as refused:
        CellFile.of(Path("leaky.py"), content)
    assert refused.value.line == line


def test_a_file_that_cannot_be_read_is_refused_in_words(tmp_path):
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "large.py").write_bytes(b"#" * (MOST_BYTES + 1))
    (tmp_path / "dangling.py").symlink_to(tmp_path / "gone.py")
    for name, why in (
        ("folder", "is a folder"),
        ("pipe", "is no file"),
        ("large", "at most 1,000,000 bytes"),
        ("dangling", "There is no file"),
        ("gone", "There is no file"),
        ("nul\0l", "can't be read"),
    ):
        with pytest.raises(CellError, match=why):
            read_cell_file(tmp_path / f"{name}.py")
    (tmp_path / "largest.py").write_bytes(b"#" * MOST_BYTES)
    assert read_cell_file(tmp_path / "largest.py").source


def test_the_folder_says_why_it_refuses_a_file():
    assert cell_files() == []
    leaky, other = write("leaky"), write("other")
    write("gru")
    write("Leaky")
    folder = own_cells_folder()
    (folder / "folder.py").mkdir()
    (folder / "not a name.py").write_text(PLAIN)
    (folder / "broken.py").write_bytes(b"\xff")
    (folder / "dangling.py").symlink_to(folder / "gone.py")
    (folder / ".hidden.py").write_text(PLAIN)
    (folder / "notes.txt").write_text("not looked at")
    assert {file.name for file in cell_files()} == {"Leaky", "other"}  # capital letters come first
    refused = {path.stem: str(error) for path, error in refused_files().items()}
    assert set(refused) == {"leaky", "gru", "folder", "not a name", "broken"}
    assert "capital letters alone" in refused["leaky"]
    assert "is a folder" in refused["folder"]
    (folder / "Leaky.py").unlink()
    assert cell_files() == [leaky, other]


@pytest.mark.parametrize("way", ["in place", "by renaming", "as large as before", "with an old time"])
def test_a_change_is_seen_however_an_editor_saves(way):
    path = write("leaky").path
    long_ago = (1_000_000_000, 1_000_000_000)
    os.utime(path, long_ago)
    assert [file.source for file in cell_files()] == [PLAIN]
    changed = PLAIN.replace("0.5", "0.7") if way == "as large as before" else PLAIN + "# more\n"
    if way == "in place":
        path.write_text(changed)
    else:
        new = path.with_suffix(".tmp")
        new.write_text(changed)
        new.replace(path)
    if way == "with an old time":
        os.utime(path, long_ago)
    assert [file.source for file in cell_files()] == [changed]
    path.write_text(PLAIN.replace("0.5", "0.6"))  # twice within a moment, and as large
    path.write_text(PLAIN.replace("0.5", "0.4"))
    assert "0.4" in cell_files()[0].source


def test_a_file_that_has_not_changed_is_not_read_again(monkeypatch):
    os.utime(write("leaky").path, (1_000_000_000, 1_000_000_000))
    first = cell_files()
    monkeypatch.setattr(Path, "open", None)
    assert cell_files()[0] is first[0]


def test_a_file_has_the_name_that_its_folder_says(monkeypatch):
    """Even on a disk that knows no capital letters."""
    file, stat = write("Leaky"), Path.stat
    monkeypatch.setattr(
        Path, "stat", lambda path, **how: stat(path.with_name(path.name.lower().capitalize()), **how)
    )
    assert cell_file("Leaky") == file
    assert cell_file("leaky") is None
    with pytest.raises(CellError, match=r"already a file .*Leaky\.py"):
        new_cell_file("leaky", PLAIN)


def test_a_file_that_disappears_while_it_is_listed(monkeypatch):
    leaky, other = write("leaky"), write("other")
    there = list(own_cells_folder().iterdir())
    leaky.path.unlink()
    monkeypatch.setattr(Path, "iterdir", lambda _folder: there)
    assert cell_files() == [other]
    assert refused_files() == {}
