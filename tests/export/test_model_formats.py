"""An export finds its format, refuses what it can't take, and is written whole or not at all."""

import dataclasses
import errno
import io
import os
import zipfile
from pathlib import Path

import pytest

from rnn_core.errors import ConfigError, DataError, ExportError
from rnn_core.export.model_format import Exported
from rnn_core.export.model_formats import model_format
from rnn_core.export.written import TargetExistsError, check_target, downloaded, write_export
from rnn_core.models.model import Model
from rnn_core.progress import finish
from tests.export.made import FOLDER, FOLDER_FILES, NAMES, registered, save_small, spoil

ONE_FILE, FILES = Exported({"": b"new"}, ()), Exported(FOLDER_FILES, ())


def there(folder):
    """Every file below a folder, by its path, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder, in which we are."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_the_ending_of_a_file_says_its_format_unless_it_is_named():
    with registered(names=NAMES, folder=FOLDER):
        assert model_format(Path("a.names")) == model_format(Path("a.NAMES")) == "names"
        assert model_format(Path("a.zip")) == model_format(Path("a.zip"), "zip") == "zip"
        assert model_format(Path("a"), "folder") == model_format(Path("a.b"), "folder") == "folder"


@pytest.mark.parametrize(
    ("out", "to", "sentence"),
    [
        ("a.txt", None, r"one of .*, zip, names, folder\. .* \.zip or \.names, got 'a\.txt'"),
        ("a", None, r"must be said: one of .*, zip, names, folder"),
        ("a.zip", "names", r"must end in \.names for the format names, got 'a\.zip'"),
        ("a.zip", "folder", r"is a folder, and 'a\.zip' is called like a file of the format zip"),
        ("a.zip", "pdf", r"no format of a model called 'pdf'\. Choose one of: .*, zip, names, folder"),
    ],
)
def test_an_ending_that_says_no_format_or_another_one_is_refused(out, to, sentence):
    with registered(names=NAMES, folder=FOLDER), pytest.raises(ConfigError, match=sentence):
        model_format(Path(out), to)


def test_more_models_than_a_format_takes_are_refused(tmp_path):
    model = Model.load(save_small(tmp_path / "small"))
    with pytest.raises(ExportError, match="Numbers: it takes at most one network, got 2"):
        finish(FOLDER.export([model, model]))
    with pytest.raises(ExportError, match="at most 2 networks, got 3"):
        finish(NAMES.export([model] * 3))
    assert finish(NAMES.export([model, model])).files[""] == b"small\nsmall\n"


def test_what_a_format_refuses_is_refused_before_anything_is_made(tmp_path):
    def check(models):
        raise ExportError("No.")

    form = dataclasses.replace(NAMES, check=check, make=lambda models: pytest.fail("it was made"))
    with pytest.raises(ExportError, match="No"):
        finish(form.export([Model.load(save_small(tmp_path / "small"))]))


def test_a_weight_that_is_no_number_is_refused_by_every_format(tmp_path):
    model = Model.load(save_small(tmp_path / "small"))
    spoil(model.classifier.state_dict())
    with pytest.raises(ExportError, match=r"some of head\.weight of 'small' are not"):
        finish(NAMES.export([model]))


@pytest.mark.parametrize(("form", "made"), [(NAMES, ONE_FILE), (FOLDER, FILES)], ids=["file", "folder"])
def test_an_export_is_written_and_nothing_else(here, form, made):
    write_export(form, made, Path("new"), ())
    content = here / "new"
    assert (content.read_bytes() if made is ONE_FILE else there(content)) == (
        b"new" if made is ONE_FILE else FOLDER_FILES
    )
    assert [path.name for path in here.iterdir()] == ["new"]


def test_a_folder_that_is_empty_is_written_into(here):
    write_export(FOLDER, FILES, Path(), ())
    assert there(here) == FOLDER_FILES


@pytest.mark.parametrize("form", [NAMES, FOLDER], ids=["file", "folder"])
def test_what_is_there_is_replaced_only_by_force(here, form):
    made = ONE_FILE if form is NAMES else FILES
    target = Path("a.names")
    if form is NAMES:
        target.write_bytes(b"old")
    else:
        target.mkdir()
        (target / "one.txt").write_bytes(b"old")
        (target / "mine.txt").write_bytes(b"mine")
    before = there(here)
    with pytest.raises(TargetExistsError, match=r"a\.names (is there|has files) already"):
        write_export(form, made, target, ())
    assert there(here) == before
    write_export(form, made, target, (), force=True)
    if form is NAMES:
        assert there(here) == {"a.names": b"new"}
    else:
        assert there(target) == {**FOLDER_FILES, "mine.txt": b"mine"}


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_in_place_of_a_file_and_a_file_in_place_of_a_folder_are_refused(here, force):
    Path("file").write_bytes(b"old")
    Path("folder").mkdir()
    with pytest.raises(ExportError, match="file is a file, and Numbers is a folder"):
        write_export(FOLDER, FILES, Path("file"), (), force=force)
    with pytest.raises(ExportError, match=r"is one file: give its name, such as folder/network\.names"):
        write_export(NAMES, ONE_FILE, Path("folder"), (), force=force)
    os.mkfifo("pipe")
    with pytest.raises(ExportError, match="pipe is no file that could be replaced"):
        check_target(NAMES, Path("pipe"), (), force=force)
    assert Path("file").read_bytes() == b"old"


def test_a_file_of_the_export_replaces_no_folder_of_that_name(here):
    Path("out/one.txt").mkdir(parents=True)
    with pytest.raises(ExportError, match=r"out/one\.txt is a folder, in whose place a file would come"):
        write_export(FOLDER, FILES, Path("out"), (), force=True)
    assert there(here) == {}
    assert [path.name for path in Path("out").iterdir()] == ["one.txt"]


def test_a_folder_that_is_missing_is_named(here):
    with pytest.raises(ExportError, match=r"There is no folder .*/no/such: make it first"):
        check_target(NAMES, Path("no/such/a.names"), ())


def test_no_file_that_a_model_is_read_from_is_replaced(here):
    folder = save_small(here / "small")
    sources = tuple(folder.iterdir())
    with pytest.raises(DataError, match=r"would replace .* which is read"):
        check_target(NAMES, folder / "config.json", sources, force=True)
    with pytest.raises(DataError, match="is a folder that the model is read from"):
        check_target(FOLDER, folder, sources, force=True)
    check_target(FOLDER, here, sources, force=True)  # it holds the folder, of which nothing is replaced


def test_a_place_that_can_not_be_written_is_found_before_the_work(here, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system", "/made/up")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OSError, match="Read-only file system") as caught:
        check_target(NAMES, Path("a.names"), ())
    assert caught.value.filename == "a.names"


@pytest.fixture(params=["full disk", "Ctrl-C"])
def stops(request, monkeypatch):
    """The second file that is written on the disk does not come to its end; the first does."""
    asked, error = [], KeyboardInterrupt
    if request.param == "full disk":

        def error():
            return OSError(errno.ENOSPC, "No space left on device")

    def sync(number):
        asked.append(number)
        if len(asked) == 2:
            raise error()

    monkeypatch.setattr("os.fsync", sync)
    return OSError if request.param == "full disk" else KeyboardInterrupt


@pytest.mark.parametrize("is_there", [False, True], ids=["new", "there"])
def test_a_folder_is_written_whole_or_not_at_all(here, stops, is_there):
    target = here / "out"
    if is_there:
        target.mkdir()
        (target / "two.txt").write_bytes(b"old")
    before = there(here)
    with pytest.raises(stops) as caught:
        write_export(FOLDER, FILES, target, (), force=True)
    assert there(here) == before
    assert [path.name for path in here.iterdir()] == (["out"] if is_there else [])
    if stops is OSError:
        assert caught.value.filename == str(target)


def test_a_file_is_written_whole_or_not_at_all(here, monkeypatch):
    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    Path("a.names").write_bytes(b"old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: '.*a\.names'"):
        write_export(NAMES, ONE_FILE, here / "a.names", (), force=True)
    assert there(here) == {"a.names": b"old"}


@pytest.mark.parametrize("moves", [1, 2, 3])
def test_files_that_are_put_into_a_folder_come_back_unless_all_were_moved(here, monkeypatch, moves):
    Path("out").mkdir()
    Path("out/two.txt").write_bytes(b"old")
    rename, done = Path.rename, []

    def interrupted(path, target):
        done.append(path)
        if len(done) == moves:
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            write_export(FOLDER, FILES, Path("out"), (), force=True)
    assert there(here) == {"out/two.txt": b"old"}


def test_a_browser_gets_a_file_as_it_is_and_a_folder_in_a_zip():
    assert downloaded(NAMES, ONE_FILE, "small") == ("small.names", b"new", "text/plain")
    name, content, mime = downloaded(FOLDER, FILES, "small")
    assert (name, mime) == ("small.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == {
            f"small/{each}": data for each, data in FOLDER_FILES.items()
        }
