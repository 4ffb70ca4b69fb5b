"""An export is written whole or not at all, in the place of nothing that has to stay."""

import errno
import io
import os
import zipfile
from pathlib import Path

import pytest

from rnn_core.errors import DataError, ExportError
from rnn_core.export.model_format import Exported
from rnn_core.export.written import TargetExistsError, check_target, downloaded, write_export
from tests.export.made import FOLDER, FOLDER_FILES, NAMES, save_small
from tests.refusals import refusals

ONE_FILE, FILES = Exported({"": b"new"}, ()), Exported(FOLDER_FILES, ())


def there(folder):
    """Every file below a folder, by its path, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder in which we are, with a file, a folder, a pipe and a model."""
    folder = tmp_path / "here"
    save_small(folder / "small")
    monkeypatch.chdir(folder)
    Path("file").write_bytes(b"old")
    Path("folder").mkdir()
    Path("folder/one.txt").write_bytes(b"old")
    Path("folder/mine.txt").write_bytes(b"mine")
    Path("taken/one.txt").mkdir(parents=True)
    os.mkfifo("pipe")
    return folder


def write(form, target, **more):
    write_export(form, FILES if form is FOLDER else ONE_FILE, Path(target), (), **more)


@pytest.mark.parametrize(
    ("form", "target", "then"),
    [
        (NAMES, "new", {"new": b"new"}),
        (NAMES, "file", {"file": b"new"}),
        (FOLDER, "new", {f"new/{name}": content for name, content in FOLDER_FILES.items()}),
        (FOLDER, "folder", {f"folder/{name}": content for name, content in FOLDER_FILES.items()}),
        (FOLDER, ".", FOLDER_FILES),
    ],
)
def test_an_export_is_written_and_nothing_else(here, form, target, then):
    before = there(here)
    write(form, target, force=True)
    assert there(here) == {**before, **then}
    assert not [*here.rglob(".gatescope*")]


test_what_is_there_is_not_replaced_unasked = refusals(
    TargetExistsError,
    {
        "a file": (lambda here: write(NAMES, "file"), "file is there already"),
        "a folder": (lambda here: write(FOLDER, "folder"), "folder has files already"),
    },
)


def check(form, target):
    """Checks a place for an export of the model `small`, with force."""
    check_target(form, Path(target), tuple(Path("small").iterdir()), force=True)


test_no_place_for_an_export = refusals(
    ExportError,
    {
        "a file for a folder": (
            lambda here: write(FOLDER, "file", force=True),
            "file is a file, and Numbers",
        ),
        "a folder for a file": (
            lambda here: write(NAMES, "folder", force=True),
            "is one file: give its name, such as folder/network.names",
        ),
        "a pipe": (lambda here: check(NAMES, "pipe"), "pipe is no file that could be replaced"),
        "a folder for a file inside": (
            lambda here: write(FOLDER, "taken", force=True),
            "taken/one.txt is a folder, in whose place a file would come",
        ),
        "no folder": (
            lambda here: check(NAMES, "no/such/a.names"),
            ("There is no folder", "no/such: make it"),
        ),
    },
)
test_no_file_that_a_model_is_read_from_is_replaced = refusals(
    DataError,
    {
        "a file": (lambda here: check(NAMES, "small/config.json"), ("would replace", "which is read")),
        "its folder": (lambda here: check(FOLDER, "small"), "is a folder that the model is read from"),
    },
)


def test_a_folder_around_a_model_can_be_written_into(here):
    check(FOLDER, ".")


def test_a_place_that_can_not_be_written_is_found_early(here, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system", "/made/up")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OSError, match="Read-only file system") as caught:
        check(NAMES, "a.names")
    assert caught.value.filename == "a.names"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize(
    ("form", "target", "stops_at"), [(NAMES, "file", 1), (FOLDER, "new", 2), (FOLDER, "folder", 2)]
)
def test_an_export_is_written_whole_or_not_at_all(here, monkeypatch, form, target, stops_at, error):
    """The disk is full, or Ctrl-C comes, while this file is written on the disk."""
    before, asked = there(here), []

    def sync(number):
        asked.append(number)
        if len(asked) == stops_at:
            raise error

    monkeypatch.setattr("os.fsync", sync)
    with pytest.raises(type(error)) as caught:
        write(form, target, force=True)
    assert there(here) == before
    assert not Path("new").exists()
    if isinstance(error, OSError):
        assert Path(caught.value.filename).name == target


@pytest.mark.parametrize("moves", [1, 2, 3])
def test_files_moved_into_a_folder_come_back_unless_all_were(here, monkeypatch, moves):
    before, rename, done = there(here), Path.rename, []

    def interrupted(path, target):
        done.append(path)
        if len(done) == moves:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(FOLDER, "folder", force=True)
    assert there(here) == before


def test_a_browser_gets_a_file_as_it_is_and_a_folder_in_a_zip():
    assert downloaded(NAMES, ONE_FILE, "small") == ("small.names", b"new", "text/plain")
    name, content, mime = downloaded(FOLDER, FILES, "small")
    assert (name, mime) == ("small.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == {
            f"small/{each}": data for each, data in FOLDER_FILES.items()
        }
