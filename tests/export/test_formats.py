"""Claims on every format of a model, on how one is found, and how it is written whole or not at all."""

import errno
import io
import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import torch

from rnn_core.config.readouts import READOUTS
from rnn_core.errors import ConfigError, DataError, ExportError
from rnn_core.export import stored
from rnn_core.export.format import Exported
from rnn_core.export.formats import to_csv
from rnn_core.export.written import (
    MODEL_FORMATS,
    TargetExistsError,
    check_target,
    downloaded,
    model_format,
    write_export,
)
from rnn_core.progress import Progress, finish
from tests.export.made import FOLDER, FOLDER_FILES, NAMES, registered, save_small, small_model
from tests.refusals import refusals
from tests.zips import unzipped


@pytest.fixture(autouse=True)
def measured_on_few_texts(monkeypatch):
    monkeypatch.setattr(stored, "TEXTS", 20)


@pytest.fixture
def made_up():
    """A readout that no format has code for."""
    READOUTS.register("first", replace(READOUTS["last"], reads="the first state"))
    yield
    READOUTS.remove("first")


@pytest.mark.parametrize("form", MODEL_FORMATS.values(), ids=MODEL_FORMATS)
def test_a_model_gives_the_same_bytes_each_time(form):
    model = small_model()
    steps = [*form.export([model])]
    assert steps
    assert all(isinstance(step, Progress) and step.done <= step.total for step in steps)
    once, again = (finish(form.export([model])) for _ in range(2))
    assert once == again
    assert ("" in once.files) != form.is_folder
    assert "vocabulary" in " ".join(once.said)


def exporting(form, count=1, spoilt=False, **settings):
    def export(made_up):
        models = [small_model(**settings) for _ in range(count)]
        if spoilt:
            models[0].classifier.head.weight.data[0, 0] = torch.nan
        finish(form.export(models))

    return export


test_every_format_refuses = refusals(
    ExportError,
    {
        f"{name}, {what}": (exporting(form, **given), said)
        for name, form in MODEL_FORMATS.items()
        for what, given, said in (
            ("too many", {"count": form.most_models + 1}, ("at most", f"got {form.most_models + 1}")),
            ("no number", {"spoilt": True}, "some of head.weight of 'small' are not"),
            ("readout", {"readout": "first"}, ("readout", "first", "Export it as a zip")),
        )
        if name != "zip" or what in ("too many", "no number")  # it takes any readout
    },
)


@pytest.fixture
def offered():
    with registered(names=NAMES, folder=FOLDER):
        yield


def test_the_ending_of_a_file_says_its_format(offered):
    assert model_format(Path("a.names")) == model_format(Path("a.NAMES")) == "names"
    assert model_format(Path("a.zip")) == model_format(Path("a.zip"), "zip") == "zip"
    assert model_format(Path("a"), "folder") == model_format(Path("a.b"), "folder") == "folder"


def ending(name, to=None):
    return lambda offered: model_format(Path(name), to)


test_another_ending_is_refused = refusals(
    ConfigError,
    {
        "of no format": (ending("a.txt"), ("zip, names, folder", ".zip or .names, got 'a.txt'")),
        "none": (ending("a"), "must be said: one of "),
        "of another file": (ending("a.zip", "names"), "end in .names for the format names, got 'a.zip'"),
        "of a file for a folder": (ending("a.zip", "folder"), "is called like a file of the format zip"),
        "no such format": (ending("a.zip", "pdf"), ("model called 'pdf'", "zip, names, folder")),
    },
)


def test_a_csv_file_is_safe_in_a_spreadsheet():
    tokens = ["=1+1", "-5", "@x", "-", "fine"]
    made = to_csv(pa.table({"token": tokens, "verdict": [0.5] * 5, "h": [[1.0]] * 5}))
    kept = pd.read_csv(io.BytesIO(made), dtype=str)
    assert kept["token"].tolist() == ["'=1+1", "-5", "'@x", "'-", "fine"]
    assert list(kept) == ["token", "verdict"]  # no lists


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


def source():
    """The files of the model."""
    return tuple(Path("small").iterdir())


def write(form, target, **more):
    write_export(form, FILES if form is FOLDER else ONE_FILE, Path(target), source(), **more)


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
    check_target(form, Path(target), source(), force=True)


test_no_place_for_an_export = refusals(
    (ExportError, DataError),
    {
        "a file for a folder": (lambda here: check(FOLDER, "file"), "file is a file, and Numbers"),
        "a folder for a file": (lambda here: check(NAMES, "folder"), "such as folder/network.names"),
        "a pipe": (lambda here: check(NAMES, "pipe"), "pipe is no file that could be replaced"),
        "a folder for a file inside": (
            lambda here: write(FOLDER, "taken", force=True),
            "taken/one.txt is a folder, in whose place a file would come",
        ),
        "no folder": (lambda here: check(NAMES, "no/such/a"), ("There is no folder", "no/such: make it")),
        "a file of the model": (lambda here: check(NAMES, "small/config.json"), "would replace"),
        "its folder": (lambda here: check(FOLDER, "small"), "is a folder that the model is read from"),
    },
)


def test_a_place_without_writing_is_found_early(here, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system", "/made/up")

    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with pytest.raises(OSError, match="Read-only file system") as caught:
        check(NAMES, "a.names")
    assert caught.value.filename == "a.names"


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()], ids=repr)
@pytest.mark.parametrize(("form", "target"), [(NAMES, "file"), (FOLDER, "new"), (FOLDER, "folder")])
def test_an_export_is_written_whole_or_not_at_all(here, monkeypatch, form, target, error):
    """The disk is full, or Ctrl-C comes, while this file is written on the disk."""
    before, asked = there(here), []

    def sync(number):
        asked.append(number)
        if len(asked) == (2 if form is FOLDER else 1):
            raise type(error)(*error.args)

    monkeypatch.setattr("os.fsync", sync)
    with pytest.raises(type(error)) as caught:
        write(form, target, force=True)
    assert there(here) == before
    assert not Path("new").exists()
    if isinstance(error, OSError):
        assert Path(caught.value.filename).name == target


@pytest.mark.parametrize("moves", [1, 2, 3])
def test_files_moved_into_a_folder_come_back(here, monkeypatch, moves):
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


def test_a_browser_gets_a_folder_in_a_zip():
    assert downloaded(NAMES, ONE_FILE, "small") == ("small.names", b"new", "text/plain")
    name, content, mime = downloaded(FOLDER, FILES, "small")
    assert (name, mime) == ("small.zip", "application/zip")
    assert unzipped(content) == {f"small/{each}": data for each, data in FOLDER_FILES.items()}
