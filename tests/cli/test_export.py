"""`export`: one whole file or folder of any model, in the command's words and in a notebook."""

import errno
import json
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnn_core.cli.export import _after
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, ExportError
from rnn_core.export.model_format import Exported
from rnn_core.export.model_formats import MODEL_FORMATS
from rnn_core.models.catalogue import PUBLISHED
from rnn_core.models.model import Model
from rnn_core.paths import pretrained_folder, published_folder
from rnn_core.progress import Progress, finish
from rnn_core.runs.store import Store
from rnn_core.text.vocabulary import Vocabulary
from tests.cell_files.sources import write
from tests.cli.calls import call, done, error_of, said
from tests.export.made import FOLDER, FOLDER_FILES, NAMES, registered, save_small, spoil
from tests.own_cells.files import LEAKY
from tests.refusals import refusals
from tests.runs.workers import SMALL, trained


@pytest.fixture(autouse=True)
def formats(here):
    """Two made-up formats, and a second model."""
    save_small(pretrained_folder() / "other", cell="lstm")
    with registered(names=NAMES, folder=FOLDER):
        yield


@pytest.fixture
def store(with_corpus):
    return Store()


@pytest.fixture
def run(store):
    """A run that has ended."""
    return trained(store, RunConfig(data="verdict").with_settings(**SMALL))


def written():
    return sorted(str(path) for path in Path().rglob("*"))


def test_a_file_is_said_with_what_is_inside_and_its_size():
    answer = done("export made other --out a.names")
    assert Path("a.names").read_text() == "made\nother\n"
    assert written() == ["a.names"]
    assert answer.stdout == "Wrote a.names: Names, 0.0 kB\nInside: the name.\n"
    assert "no training text" in answer.stderr


def test_each_file_of_a_folder_is_said():
    answer = {"models": ["made"], "to": "folder", "file": "out", "bytes": 3, "said": ["Inside: two numbers."]}
    assert said("export made --to folder --out out") == {**answer, "files": {"one.txt": 1, "two.txt": 2}}
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == FOLDER_FILES
    refused = call("export made --to folder --out out --json")  # machines are asked nothing
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "one.txt, 0.0 kB" in done("export made --to folder --out new").stdout


@pytest.mark.parametrize(
    ("asked", "says", "code", "then"),
    [(False, "y\n", 1, "old"), (True, "y\n", 0, "made\n"), (True, "n\n", 1, "old"), (True, "", 1, "old")],
)
def test_a_terminal_is_asked_before_a_file_is_replaced(monkeypatch, asked, says, code, then):
    """Where nobody can be asked it is replaced by force alone."""
    Path("a.names").write_text("old")
    monkeypatch.setattr(import_module("rnn_core.cli.export"), "_is_terminal", lambda: asked)
    question = "It is replaced if you say yes: go on?" if asked else "It is replaced with --force."
    error = error_of(call("export made --out a.names", text=says), code)
    assert f"a.names is there already. {question}" in error
    assert Path("a.names").read_text() == then
    done("export made --out a.names --force")
    assert Path("a.names").read_text() == "made\n"


def refuse(models):
    raise ExportError("The page has no such cell. Export it as a zip.")


def interrupt(models):
    yield Progress("Working", 0, 2)
    raise KeyboardInterrupt


def test_what_ends_before_its_end_leaves_nothing(monkeypatch):
    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    save_small(pretrained_folder() / "spoilt", change=spoil)
    refusing, slow = (
        replace(NAMES, suffix=".no", check=refuse),
        replace(NAMES, suffix=".slow", make=interrupt),
    )
    with registered(refusing=refusing, slow=slow):
        assert error_of(call("export made --out a.no"), 1).endswith("no such cell. Export it as a zip.")
        assert "Given up." in error_of(call("export made --out a.slow"), 130)
    assert "all its weights must be finite" in error_of(call("export spoilt --out a.names"), 1)
    monkeypatch.setattr("os.fsync", full)
    assert "a.names: No space left on device." in error_of(call("export made --out a.names"), 1)
    assert written() == []


def test_no_file_that_the_model_is_read_from_is_replaced():
    folder = pretrained_folder() / "made"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    error = error_of(call("export", "made", "--to", "folder", "--out", folder, "--force"), 1)
    assert "that the model is read from" in error
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_bar_is_drawn_of_work_longer_than_two_seconds(monkeypatch):
    clock = iter([0.0, 1.0, 2.5, 3.0])  # of the command alone: other threads ask for the time, too
    now = SimpleNamespace(monotonic=lambda: next(clock))

    def work():
        for step in range(3):
            yield Progress("Working", step, 3)
        return Exported({}, ())

    with monkeypatch.context() as patched:
        patched.setattr(import_module("rnn_core.cli.export"), "time", now)
        assert [progress.done for progress in _after(2.0, work())] == [1, 2]
    assert finish(_after(0.0, work())) == Exported({}, ())


def test_a_large_model_and_private_texts_are_said():
    words = Vocabulary([*Vocabulary.from_counts({}, 3).words, *(f"w{number}" for number in range(99_997))])
    config = RunConfig(data="tickets", classes=tuple(f"class {number}" for number in range(50)))
    save_small(pretrained_folder() / "large", config.with_settings(vocab_size=100_000), words=words)
    save_small(pretrained_folder() / "private", config)
    said = done("export large --out a.names").stderr
    assert "large has 100,000 words and 50 classes. This export will be larger than usual, about" in said
    said = done("export private --out b.names").stderr
    assert "the 5 most frequent words of tickets. If these texts are private, so is the export" in said


def test_a_run_is_exported_by_its_id_once_it_has_ended(store, run):
    store.runs.describe(run.id, name="the first", note="", starred=False)
    done(f"export {run.id} --out a.names")
    assert Path("a.names").read_text() == "the first\n"
    waiting = store.create(run.config)
    error = error_of(call(f"export {waiting.id} --out b.names"), 1)
    assert f"Run {waiting.id} has no model yet: it can be exported once it has ended" in error
    store.runs.finish(waiting.id, "failed", "It failed.")
    error_of(call(f"export {waiting.id} --out b.names"), 1)
    assert written() == ["a.names"]


def test_a_run_of_an_older_version_is_exported(store, run):
    """One that can't be read is refused in words."""
    older = json.loads(run.config.to_json())
    for part in ("model", "training"):  # settings that came later
        older[part] = {name: older[part][name] for name in older[part] if name not in ("layers", "precision")}
    for content, code in ((json.dumps(older), 0), ('{"model": {"cell": "no such"}}', 1)):
        (store.folder(run.id) / "config.json").write_text(content, encoding="utf-8")
        with store.database.writing() as connection:
            connection.execute("UPDATE runs SET config = ? WHERE id = ?", (content, run.id))
        error = error_of(call(f"export {run.id} --out a.names --force"), code)
    assert f"Run {run.id} can't be read by this version of Gatescope" in error


def test_a_cell_of_ones_own_is_exported_where_it_may_run(store, monkeypatch):
    write("leaky", LEAKY)
    run = trained(store, RunConfig(data="verdict").with_settings(**SMALL, cell="leaky"))
    for name in set(MODEL_FORMATS) - {"zip", "names", "folder"}:  # they have code for a cell themselves
        error = error_of(call(f"export {run.id} --to {name} --out a{MODEL_FORMATS[name].suffix}"), 1)
        assert " cell" in error, name
        assert "zip" in error, name
    done(f"export {run.id} --out a.zip")
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    assert f"runs export {run.id} --out FILE.zip" in error_of(call(f"export {run.id} --out b.zip"), 1)
    done(f"runs export {run.id} --out b.zip")
    assert written() == ["a.zip", "b.zip"]


def test_a_network_of_a_published_question_is_exported(store):
    folder = save_small(published_folder() / "asked")
    (folder / PUBLISHED).write_text("{}", encoding="utf-8")
    done("export asked --out a.zip")
    done("runs import a.zip")


def test_a_notebook_exports_by_the_ending_or_a_name():
    one, two = Model.load("made"), Model.load("other")
    one.export("b.names", beside="other")
    assert one.export("b.names", beside=two, force=True) == ("Inside: the name.",)
    assert Path("b.names").read_text() == "made\nother\n"
    one.export("out", "folder")
    assert written() == ["b.names", "out", "out/one.txt", "out/two.txt"]


test_a_notebook = refusals(
    (ConfigError, ExportError),
    {
        "two by a number": (lambda: Model.load("made").export("b.names", beside=3), "its folder, got 3"),
        "a file there": (
            lambda: [Model.load("made").export("a.names") for _ in range(2)],
            "a.names is there already. With force=True it is replaced",
        ),
        "a folder in place of a file": (
            lambda: Model.load("made").export(pretrained_folder() / "made/config.json", "folder", force=True),
            "config.json is a file, and Numbers is a folder",
        ),
    },
)
