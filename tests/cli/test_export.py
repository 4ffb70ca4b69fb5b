"""`export`: one whole file or folder of any model, or a sentence on why not."""

import dataclasses
import errno
import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from rnn_core.cli import main
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
from tests.export.made import FOLDER, FOLDER_FILES, NAMES, registered, save_small, spoil
from tests.own_cells.files import LEAKY
from tests.runs.workers import SMALL, trained


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Two made-up formats, a small untrained model called "made", and a folder of our own to write into."""
    save_small(pretrained_folder() / "made")
    save_small(pretrained_folder() / "other", cell="lstm")
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with registered(names=NAMES, folder=FOLDER):
        yield folder


@pytest.fixture
def store(with_corpus):
    return Store()


def call(*words, text=None):
    return CliRunner().invoke(main, ["export", *words], input=text)


def written():
    return sorted(str(path) for path in Path().rglob("*"))


def test_a_file_is_written_and_what_is_inside_and_its_size_are_said():
    done = call("made", "--out", "a.names")
    assert done.exit_code == 0, done.output
    assert Path("a.names").read_text() == "made\n"
    assert written() == ["a.names"]
    assert done.stdout == "Wrote a.names: Names, 0.0 kB\nInside: the name.\n"
    assert "no training text" in done.stderr


def test_a_folder_is_written_and_each_of_its_files_is_said():
    done = call("made", "--to", "folder", "--out", "out")
    assert done.exit_code == 0, done.output
    assert {path.name: path.read_bytes() for path in Path("out").iterdir()} == FOLDER_FILES
    assert "one.txt, 0.0 kB" in done.stdout


def test_two_models_go_into_one_file_of_a_format_that_takes_two():
    assert call("made", "other", "--out", "a.names").exit_code == 0
    assert Path("a.names").read_text() == "made\nother\n"
    refused = call("made", "other", "--to", "folder", "--out", "out")
    assert refused.exit_code == 1
    assert "Numbers: it takes at most one network, got 2" in refused.stderr


def test_machines_get_one_value_and_are_asked_nothing():
    said = json.loads(call("made", "--to", "folder", "--out", "out", "--json").stdout)
    assert said == {
        "models": ["made"],
        "to": "folder",
        "file": "out",
        "bytes": 3,
        "files": {"one.txt": 1, "two.txt": 2},
        "said": ["Inside: two numbers."],
    }
    refused = call("made", "--to", "folder", "--out", "out", "--json")
    assert refused.exit_code == 1
    assert refused.stdout == ""


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["nothing", "--out", "a.names"], 1, "There is no model called 'nothing'"),
        (["../made", "--out", "a.names"], 1, "There is no model called '../made'"),
        (["made", "--out", "no/such/a.names"], 1, "There is no folder"),
        (["made", "--out", "a.txt"], 2, ", zip, names, folder"),
        (["made", "--to", "names", "--out", "a.zip"], 2, "must end in .names"),
        (["made", "--to", "pdf", "--out", "a.zip"], 2, "'pdf' is not one of "),
        (["made"], 2, "Missing option '--out'"),
        (["--out", "a.zip"], 2, "Missing argument 'MODEL [MODEL2]"),
        (["made", "made", "made", "--out", "a.names"], 1, "at most 2 networks, got 3"),
        (["ma\udcffde", "--out", "a.names"], 2, "no UTF-8 text"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence_and_leaves_nothing(words, code, sentence):
    answer = call(*words)
    assert answer.exit_code == code
    assert sentence in answer.stderr
    assert written() == []


def test_what_a_format_refuses_ends_with_its_sentence(monkeypatch):
    def check(models):
        raise ExportError("The page has no such cell. Export it as a zip.")

    with registered(refusing=dataclasses.replace(NAMES, suffix=".no", check=check)):
        answer = call("made", "--out", "a.no")
    assert answer.exit_code == 1
    assert answer.stderr.endswith("Error: The page has no such cell. Export it as a zip.\n")
    assert written() == []


def test_a_weight_that_is_no_number_is_refused():
    save_small(pretrained_folder() / "spoilt", change=spoil)
    answer = call("spoilt", "--out", "a.names")
    assert answer.exit_code == 1
    assert "all its weights must be finite numbers" in answer.stderr
    assert written() == []


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("config.json", b"[]", "The model damaged can't be read: config.json"),
        ("weights.safetensors", b"cut", "The model damaged can't be read: weights.safetensors"),
        ("vocabulary.txt", None, "The model damaged has no vocabulary.txt"),
    ],
)
def test_a_folder_that_is_damaged_or_foreign_is_named(file, content, sentence):
    path = save_small(pretrained_folder() / "damaged") / file
    path.unlink() if content is None else path.write_bytes(content)
    answer = call("damaged", "--out", "a.names")
    assert answer.exit_code == 1
    assert sentence in answer.stderr


def test_a_file_that_is_there_is_replaced_by_force_alone_where_nobody_can_be_asked():
    Path("a.names").write_text("old")
    refused = call("made", "--out", "a.names", text="y\n")
    assert refused.exit_code == 1
    assert "a.names is there already. It is replaced with --force." in refused.stderr
    assert Path("a.names").read_text() == "old"
    assert call("made", "--out", "a.names", "--force").exit_code == 0
    assert Path("a.names").read_text() == "made\n"


@pytest.mark.parametrize(("says", "code", "then"), [("y\n", 0, "made\n"), ("n\n", 1, "old"), ("", 1, "old")])
def test_a_terminal_is_asked_before_a_file_is_replaced(monkeypatch, says, code, then):
    Path("a.names").write_text("old")
    export = import_module("rnn_core.cli.export")
    monkeypatch.setattr(export, "_is_terminal", lambda: True)
    answer = call("made", "--out", "a.names", text=says)
    assert answer.exit_code == code
    assert "a.names is there already. It is replaced if you say yes: go on?" in answer.stderr
    assert Path("a.names").read_text() == then


def test_no_file_that_the_model_is_read_from_is_replaced():
    folder = pretrained_folder() / "made"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    into, over = ["--to", "folder", "--out", str(folder)], ["--out", str(folder / "weights.zip")]
    for words, says in ((into, "that the model is read from"), (over, "which is read")):
        (folder / "weights.zip").write_bytes(b"")
        answer = call("made", *words, "--force")
        assert answer.exit_code == 1
        assert says in answer.stderr
    (folder / "weights.zip").unlink()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("out", ["a.names", "out"])
def test_a_full_disk_leaves_nothing(monkeypatch, out):
    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    answer = call("made", "--to", "names" if out == "a.names" else "folder", "--out", out)
    assert answer.exit_code == 1
    assert f"{out}: No space left on device." in answer.stderr
    assert written() == []


def test_ctrl_c_in_the_middle_of_the_work_leaves_nothing():
    closed = []

    def make(models):
        try:
            yield Progress("Working", 0, 2)
            raise KeyboardInterrupt
        finally:
            closed.append(True)

    with registered(slow=dataclasses.replace(NAMES, suffix=".slow", make=make)):
        answer = call("made", "--out", "a.slow")
    assert answer.exit_code == 130
    assert "Given up." in answer.stderr
    assert closed
    assert written() == []


def test_a_bar_is_drawn_of_work_that_takes_longer_than_two_seconds(monkeypatch):
    clock = iter([0.0, 1.0, 2.5, 3.0])  # of the command alone: other threads ask for the time, too
    export = import_module("rnn_core.cli.export")
    monkeypatch.setattr(export, "time", SimpleNamespace(monotonic=lambda: next(clock)))

    def work():
        for done in range(3):
            yield Progress("Working", done, 3)
        return Exported({}, ())

    steps, shown = _after(2.0, work()), []
    shown.extend(progress.done for progress in steps)
    assert shown == [1, 2]
    monkeypatch.undo()
    assert finish(_after(0.0, work())) == Exported({}, ())


def test_a_large_model_is_said_to_be_before_the_work_and_is_exported():
    words = Vocabulary([*Vocabulary.from_counts({}, 3).words, *(f"w{number}" for number in range(99_997))])
    classes = tuple(f"class {number}" for number in range(50))
    base = RunConfig(data="tickets", classes=classes).with_settings(vocab_size=100_000)
    save_small(pretrained_folder() / "large", base, words=words)
    answer = call("large", "--out", "a.names")
    assert answer.exit_code == 0, answer.stderr
    assert (
        "large has 100,000 words and 50 classes. This export will be larger than usual, about"
        in answer.stderr
    )


def test_of_private_texts_it_is_said_how_much_of_them_is_inside():
    base = RunConfig(data="tickets", classes=("one", "two", "three"))
    save_small(pretrained_folder() / "private", base)
    answer = call("private", "--out", "a.names")
    assert (
        "the 5 most frequent words of tickets. If these texts are private, so is the export" in answer.stderr
    )


def test_a_run_is_exported_by_its_id_and_a_run_that_has_not_ended_is_refused(store):
    run = trained(store, RunConfig(data="verdict").with_settings(**SMALL))
    store.runs.describe(run.id, name="the first", note="", starred=False)
    done = call(run.id, "--out", "a.names")
    assert done.exit_code == 0, done.stderr
    assert Path("a.names").read_text() == "the first\n"
    waiting = store.create(run.config)
    refused = call(waiting.id, "--out", "b.names")
    assert refused.exit_code == 1
    assert f"Run {waiting.id} has no model yet: it can be exported once it has ended" in refused.stderr
    store.runs.finish(waiting.id, "failed", "It failed.")
    assert call(waiting.id, "--out", "b.names").exit_code == 1
    assert written() == ["a.names"]


def test_a_run_of_an_older_version_is_exported_and_one_that_can_not_be_read_is_refused_in_words(store):
    run = trained(store, RunConfig(data="verdict").with_settings(**SMALL))
    older = json.loads(run.config.to_json())
    for part in ("model", "training"):  # settings that came later
        older[part] = {name: older[part][name] for name in older[part] if name not in ("layers", "precision")}
    for content, code in ((json.dumps(older), 0), ('{"model": {"cell": "no such"}}', 1)):
        (store.folder(run.id) / "config.json").write_text(content, encoding="utf-8")
        with store.database.writing() as connection:
            connection.execute("UPDATE runs SET config = ? WHERE id = ?", (content, run.id))
        answer = call(run.id, "--out", "a.names", "--force")
        assert answer.exit_code == code, answer.output
    assert f"Run {run.id} can't be read by this version of Gatescope" in answer.stderr


def test_a_run_with_a_cell_of_ones_own_is_exported_and_its_zip_without_its_code(store, monkeypatch):
    write("leaky", LEAKY)
    run = trained(store, RunConfig(data="verdict").with_settings(**SMALL, cell="leaky"))
    assert call(run.id, "--out", "a.zip").exit_code == 0
    monkeypatch.setenv("GATESCOPE_OWN_CELLS", "0")
    answer = call(run.id, "--out", "b.zip")
    assert answer.exit_code == 1
    assert f"runs export {run.id} --out FILE.zip" in answer.stderr
    assert CliRunner().invoke(main, ["runs", "export", run.id, "--out", "b.zip"]).exit_code == 0


def test_what_has_no_code_for_a_cell_of_ones_own_refuses_it_in_words(store):
    write("leaky", LEAKY)
    run = trained(store, RunConfig(data="verdict").with_settings(**SMALL, cell="leaky"))
    for name in MODEL_FORMATS:
        if name in ("zip", "names", "folder"):
            continue
        refused = call(run.id, "--to", name, "--out", f"a{MODEL_FORMATS[name].suffix}")
        assert refused.exit_code == 1, name
        assert " cell" in refused.stderr
        assert "zip" in refused.stderr
    assert written() == []


def test_a_network_of_a_published_question_is_exported(store):
    folder = save_small(published_folder() / "asked")
    (folder / PUBLISHED).write_text("{}", encoding="utf-8")
    assert call("asked", "--out", "a.zip").exit_code == 0
    assert CliRunner().invoke(main, ["runs", "import", "a.zip"]).exit_code == 0


def test_a_notebook_exports_by_the_ending_or_a_name_and_replaces_by_force_alone():
    one, two = Model.load("made"), Model.load("other")
    one.export("b.names", beside="other")
    Path("b.names").rename("a.names")
    with pytest.raises(ConfigError, match="by its name or the path of its folder, got 3"):
        one.export("b.names", beside=3)
    assert one.export("a.names", beside=two, force=True) == ("Inside: the name.",)
    assert Path("a.names").read_text() == "made\nother\n"
    with pytest.raises(ExportError, match=r"a\.names is there already\. With force=True it is replaced"):
        one.export("a.names")
    one.export("a.names", force=True)
    assert Path("a.names").read_text() == "made\n"
    one.export("out", "folder")
    assert sorted(written()) == ["a.names", "out", "out/one.txt", "out/two.txt"]
    with pytest.raises(ExportError, match=r"config\.json is a file, and Numbers is a folder"):
        one.export(pretrained_folder() / "made" / "config.json", "folder", force=True)
