"""Files of own cells: what they may be called, how they are read, their versions, and whose they are.

A version is kept with a run and found whatever becomes of the file. Own cells are off where other machines
can open the app, unless a terminal turns them on.
"""

import os
import runpy
import sys
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from click.testing import CliRunner

from pages.components.shared import server
from rnn_core.cell_files import folder, switch
from rnn_core.cell_files.folder import cell_file, cell_files, new_cell_file, read_cell_file
from rnn_core.cell_files.typed import refused_cells
from rnn_core.cell_files.versions import allow_to_run, current, is_allowed, keep, kept
from rnn_core.cli import main
from rnn_core.errors import CellError
from rnn_core.paths import own_cells_folder
from tests.cell_files.sources import PLAIN, of, write
from tests.pages.shared.test_server import live
from tests.refusals import refusals

REFUSED = {
    "already a cell called lstm": ["LSTM"],
    "an identifier": ["my cell", "2d", "größe", "", "../outside", "class", "a\u202eb"],
    "at most 40": ["x" * 41],
    "Windows has no file": ["nul"],
    "already a file .*taken.py": ["taken", "Taken"],
}


@pytest.mark.parametrize(("name", "why"), [(name, why) for why in REFUSED for name in REFUSED[why]])
def test_a_name_that_a_cell_cannot_have_is_refused(name, why):
    write("taken")
    before = sorted(own_cells_folder().parent.rglob("*"))
    with pytest.raises(CellError, match=why):
        new_cell_file(name, PLAIN)
    assert sorted(own_cells_folder().parent.rglob("*")) == before


def test_a_new_file_is_found_at_once():
    made = new_cell_file("leaky", PLAIN)
    assert (made.name, made.source, made.path) == ("leaky", PLAIN, own_cells_folder() / "leaky.py")
    assert cell_files() == [made]
    assert (made.version, len(made.digest)) == (f"leaky@{made.digest[:12]}", 64)


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
    read = folder.CellFile.of(Path("leaky.py"), content)
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
    with pytest.raises(folder.SourceError, match=why) as refused:
        folder.CellFile.of(Path("leaky.py"), content)
    assert refused.value.line == line


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "large.py").write_bytes(b"#" * (folder.MOST_BYTES + 1))
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
    (tmp_path / "largest.py").write_bytes(b"#" * folder.MOST_BYTES)
    assert read_cell_file(tmp_path / "largest.py").source


def test_the_folder_says_why_it_refuses_a_file():
    assert cell_files() == []
    leaky, other = write("leaky"), write("other")
    write("gru")
    write("Leaky")
    place = own_cells_folder()
    (place / "folder.py").mkdir()
    (place / "not a name.py").write_text(PLAIN)
    (place / "broken.py").write_bytes(b"\xff")
    (place / "dangling.py").symlink_to(place / "gone.py")
    (place / ".hidden.py").write_text(PLAIN)
    (place / "notes.txt").write_text("no equations")
    assert {file.name for file in cell_files()} == {"Leaky", "other"}  # capital letters come first
    refused = {path.stem: str(error) for path, error in refused_cells().items()}
    assert set(refused) == {"leaky", "gru", "folder", "not a name", "broken", "notes"}
    assert "capital letters alone" in refused["leaky"]
    assert "is a folder" in refused["folder"]
    (place / "Leaky.py").unlink()
    assert cell_files() == [leaky, other]


@pytest.mark.parametrize("way", ["in place", "by renaming", "as large as before", "with an old time"])
def test_a_change_is_seen_however_an_editor_saves(way):
    path = write("leaky").path
    long_ago = (1_000_000_000, 1_000_000_000)
    os.utime(path, long_ago)
    assert [file.source for file in cell_files()] == [PLAIN]
    changed = PLAIN.replace("0.5", "0.7") if way == "as large as before" else PLAIN + "# more\n"
    new = path if way == "in place" else path.with_suffix(".tmp")
    new.write_text(changed)
    new.replace(path)
    if way == "with an old time":
        os.utime(path, long_ago)
    assert [file.source for file in cell_files()] == [changed]
    path.write_text(PLAIN.replace("0.5", "0.6"))  # twice within a moment, and as large
    path.write_text(PLAIN.replace("0.5", "0.4"))
    assert "0.4" in cell_files()[0].source


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
    assert refused_cells() == {}


@pytest.mark.parametrize("content", [PLAIN.encode() + b"# more", b"\xff", None])
def test_a_kept_version_is_found_without_its_file(content, monkeypatch):
    file = write("leaky")
    version = keep(file)
    if content is None:
        file.path.unlink()
    else:
        file.path.write_bytes(content)
    monkeypatch.setattr(folder, "_seen", {})  # as in another process
    assert current("leaky") != version
    found = kept(version)
    assert (found.name, found.source, found.version, found.digest) == ("leaky", PLAIN, version, file.digest)
    assert is_allowed(file.digest)


def test_the_current_version_is_that_of_the_file_now():
    assert current("leaky") is None
    first = write("leaky")
    assert current("leaky") == first.version
    assert is_allowed(first.digest)
    assert kept(first.version).content == first.content  # not kept by any run
    second = write("leaky", PLAIN + "# more")
    assert current("leaky") == second.version != first.version
    assert current("LEAKY") is None
    second.path.unlink()
    assert kept(second.version) == second  # which this process has read


def test_what_was_imported_is_the_own_once_noted():
    """And stays so when it comes again with an import."""
    file = of(PLAIN)
    version = keep(file, allow=False)
    assert kept(version).source == PLAIN
    assert not is_allowed(file.digest)
    allow_to_run(file.digest)
    keep(file, allow=False)
    assert is_allowed(file.digest)


def test_a_changed_copy_is_refused_until_kept_again():
    file = of(PLAIN)
    keep(file)
    path = own_cells_folder() / "versions" / f"{file.version}.py"
    for content in (PLAIN.encode() + b"import os", b"\xff"):
        path.write_bytes(content)
        with pytest.raises(CellError, match="is not what it was"):
            kept(file.version)
    keep(file)
    assert kept(file.version).source == PLAIN


NO_VERSIONS = ["leaky", "leaky@123", "../leaky@3f2a9c01b2d4", "leaky@3F2A9C01B2D4", "leaky@../../../etc"]
NO_DIGESTS = ["", "3f2a", "../../x", "F" * 64]
NO_FILES = {
    **{f"kept {one}": (partial(kept, one), "is written like leaky@3f2a9c01b2d4") for one in NO_VERSIONS},
    **{f"allowing {one}": (partial(allow_to_run, one), "64 digits") for one in NO_DIGESTS},
    **{f"asking for {one}": (partial(is_allowed, one), "64 digits") for one in NO_DIGESTS},
    "a version of nobody": (lambda: kept("leaky@3f2a9c01b2d4"), "no cell leaky@3f2a9c01b2d4"),
}
test_what_leads_to_no_file_is_refused = refusals(CellError, NO_FILES)


HERE, ELSEWHERE = ["127.0.0.1", "::1", "localhost"], ["0.0.0.0", "::", "10.0.0.9", "lab.example"]


@pytest.mark.parametrize("address", [*HERE, *ELSEWHERE])
def test_the_address_decides_unless_somebody_has(monkeypatch, address):
    assert (switch.are_on(), switch.why_off()) == (True, "")  # without an app
    for said, on in (("", address in HERE), ("1", True), ("0", False), ("off", False), ("what", False)):
        monkeypatch.setenv(switch.SWITCH, said)
        switch.decide(address)
        assert (switch.are_on(), switch.why_off() == "") == (on, on)
        assert ("gatescope app --own-cells" in switch.why_off()) == (not on)


@pytest.mark.parametrize(("address", "on"), [("127.0.0.1", True), ("0.0.0.0", False), (None, False)])
def test_a_server_decides_before_it_opens(monkeypatch, capsys, address, on):
    options = {"server.address": address, "server.port": 8501, "server.headless": True}
    monkeypatch.setattr(st, "get_option", lambda name: options.get(name) or [])
    monkeypatch.setattr(server, "end_all", lambda: None)
    met = []
    live(lambda: met.append(switch.are_on()))
    assert met == [on]
    assert ("--own-cells" in capsys.readouterr().out) == (not on)


@pytest.mark.parametrize("flags", [[], ["--own-cells"], ["--server.address", "0.0.0.0", "--own-cells"]])
def test_a_terminal_turns_own_cells_on(monkeypatch, tmp_path, flags):
    began = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["rnn_core", "app"])
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: began.extend(sys.argv[1:]))
    assert CliRunner().invoke(main, ["app", *flags]).exit_code == 0
    assert os.environ[switch.SWITCH] == ("1" if flags else "")
    assert began == ["run", "app.py", *flags[:-1]]
