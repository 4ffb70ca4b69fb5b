"""`export`: one whole file or folder of any model, in the command's words and in a notebook."""

import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnn_core.cli import output
from rnn_core.config.run import RunConfig
from rnn_core.errors import ConfigError, ExportError
from rnn_core.export.format import Exported
from rnn_core.models.catalogue import PUBLISHED
from rnn_core.notebook import Model
from rnn_core.paths import pretrained_folder, published_folder
from rnn_core.progress import Progress
from rnn_core.runs.store import Store
from tests.cli.calls import call, done, error_of, said
from tests.export.made import FOLDER, FOLDER_FILES, NAMES, registered, save_small
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


def written():
    return sorted(str(path) for path in Path().rglob("*"))


def test_a_file_is_said_with_its_inside_and_size():
    answer = done("export made other --out a.names")
    assert (Path("a.names").read_text(), written()) == ("made\nother\n", ["a.names"])
    assert answer.stdout == "Wrote a.names: Names, 0.0 kB\nInside: the name.\n"
    assert "no training text" in answer.stderr


def test_each_file_of_a_folder_is_said():
    answer = {"models": ["made"], "to": "folder", "file": "out", "bytes": 3, "said": ["Inside: two numbers."]}
    assert said("export made --to folder --out out") == {**answer, "files": {"one.txt": 1, "two.txt": 2}}
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == FOLDER_FILES
    refused = call("export made --to folder --out out --json")  # machines are asked nothing
    assert (refused.exit_code, refused.stdout) == (1, "")
    new = done("export made --to folder --out new")
    assert "one.txt, 0.0 kB" in new.stdout
    assert "made has 8 words and 2 classes. This export will be larger than usual, about 30 MB" in new.stderr
    refused = call(f"export made --force --to folder --out {pretrained_folder() / 'made'}")
    assert "that the model is read from" in error_of(refused, 1)


@pytest.mark.parametrize(("asked", "says"), [(False, "y\n"), (True, "y\n"), (True, "n\n"), (True, "")])
def test_a_terminal_is_asked_before_a_file_is_replaced(monkeypatch, asked, says):
    """Nobody can be asked here, so it is replaced by force alone."""
    Path("a.names").write_text("old")
    monkeypatch.setattr(import_module("rnn_core.cli.export"), "_is_terminal", lambda: asked)
    question = "It is replaced if you say yes: go on?" if asked else "It is replaced with --force."
    is_replaced = asked and says == "y\n"
    error = error_of(call("export made --out a.names", text=says), 0 if is_replaced else 1)
    assert f"a.names is there already. {question}" in error
    assert Path("a.names").read_text() == ("made\n" if is_replaced else "old")
    done("export made --out a.names --force")
    assert Path("a.names").read_text() == "made\n"


def test_a_bar_is_drawn_of_work_over_two_seconds(monkeypatch):
    clock, drawn = iter([0.0, 1.0, 2.5, 3.0]), []  # of the command alone: other threads ask for the time, too
    now = SimpleNamespace(monotonic=lambda: next(clock))

    def work():
        for step in range(3):
            yield Progress("Working", step, 3)
        return Exported({}, ())

    with monkeypatch.context() as patched:
        patched.setattr(output, "time", now)
        patched.setattr(output, "show_progress", drawn.extend)
        assert output.run_with_progress(work(), 2.0) == Exported({}, ())
    assert [progress.done for progress in drawn] == [1, 2]


def test_a_run_is_exported_by_its_id_once_it_has_ended(store):
    """It may be of an older version."""
    run = trained(store, RunConfig(data="verdict").with_settings(**SMALL))
    store.runs.describe(run.id, name="the first", note="", starred=False)
    older = json.loads(run.config.to_json())
    for part in ("model", "training"):  # settings that came later
        older[part] = {name: older[part][name] for name in older[part] if name not in ("layers", "precision")}
    (store.folder(run.id) / "config.json").write_text(json.dumps(older), encoding="utf-8")
    with store.database.writing() as connection:
        connection.execute("UPDATE runs SET config = ? WHERE id = ?", (json.dumps(older), run.id))
    done(f"export {run.id} --out a.names")
    assert Path("a.names").read_text() == "the first\n"
    waiting = store.create(run.config)
    error = error_of(call(f"export {waiting.id} --out b.names"), 1)
    assert f"Run {waiting.id} has no model yet: it can be exported once it has ended" in error
    store.runs.finish(waiting.id, "failed", "It failed.")
    error_of(call(f"export {waiting.id} --out b.names"), 1)
    assert written() == ["a.names"]


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
    },
)
