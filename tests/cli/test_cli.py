"""The command line as a person or a script would use it."""

import dataclasses
import json
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from rnn_core.cli import main
from rnn_core.cli.train import asked_config
from rnn_core.config.corpora import Download, kinds, shipped_names
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import all_settings
from rnn_core.data.sources import bare_config, load_corpus, recommended_config
from rnn_core.data.verdict import SPLIT_SIZES
from rnn_core.export.format import Format
from rnn_core.models.model import Model
from rnn_core.paths import artifacts_folder, package_folder
from rnn_core.runs.store import Store
from rnn_core.symbols import CELLS
from rnn_core.training.records import Record
from tests.own import make_own

pytestmark = pytest.mark.slow  # it trains

TINY = (
    "--data verdict --vocab-size 60 --max-length 12 --hidden-size 4 --embedding-size 3 "
    "--reviews 128 --batch-size 32 --epochs 2 --threads 1"
).split()


def call(*words, text=None):
    return CliRunner().invoke(main, list(words), input=text)


def said(*words, text=None):
    """The answer for machines."""
    return json.loads(call(*words, "--json", text=text).stdout)


def help_of(name, *words):
    """What is said of an option of a command, now."""
    with click.Context(main) as context:
        for word in words:
            context = click.Context(context.command.get_command(context, word), context)
        [option] = [one for one in context.command.params if one.name == name]
        return " ".join(option.get_help_record(context))


@pytest.mark.parametrize(("command", "start_from"), [("train", recommended_config), ("sweep", bare_config)])
def test_the_defaults_in_a_help_text_are_those_that_hold_for_each_corpus(command, start_from):
    for _, name, declared in all_settings():
        [shown] = re.findall(r"\[default: (.*)\]$", help_of(name, command))
        by_kind = {kind: values for *values, kind in re.findall(r"(?:(\S+) to )?(\S+) for (\w+)", shown)}
        for kind, of in kinds().items():
            defaults = {start_from(data).values()[name] for data in of.ships}
            if defaults:
                ends = {declared.parse(value) for value in by_kind.get(kind, [shown]) if value}
                assert ends == {min(defaults), max(defaults)}, (name, kind)


def test_a_cell_that_is_registered_later_is_offered_and_taken(monkeypatch):
    assert "leaky" not in help_of("cell", "train")
    leaky = dataclasses.replace(CELLS["elman"], kind="leaky", summary="Leaky forgets slowly")
    monkeypatch.setattr(CELLS, "_values", {**CELLS, "leaky": leaky})
    for command in ("train", "sweep"):
        shown = help_of("cell", command)
        assert "|leaky]" in shown
        assert "Leaky forgets slowly" in shown
    assert "got 1" in call("train", "--cell", "leaky", "--vocab-size", "1").stderr
    assert "'s6', 'leaky'." in " ".join(call("train", "--cell", "lost").stderr.split())


class Letters(kinds()["verdict"]):
    """A kind of corpora that is downloaded."""

    kind, ships, offer, title = "letters", ("letters",), "letters for letters", "Letters"
    download = Download(
        3_000_000, "nobody", "letters.zip", "an archive", lambda: iter(()), lambda path: Path("letters.zip")
    )

    @classmethod
    def claims(cls, name):
        return name == "letters"


def test_any_corpus_that_is_downloaded_is_offered_and_its_archive_is_named(monkeypatch, small_verdict):
    monkeypatch.setattr(kinds(), "_values", {"letters": Letters, **kinds()})
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    monkeypatch.setattr(Letters, "prepare", lambda *_, **__: iter(()))
    status = said("data", "status")
    assert (status["letters"], status["imdb"]) == ("letters.zip", None)
    lines = call("data", "status").stdout
    assert "Letters archive or folder: letters.zip\n" in lines
    assert "IMDB archive or folder: not on this machine (data download)\n" in lines
    assert "letters (3 MB), imdb (84 MB)" in help_of("data", "data", "download")
    assert "(Letters or IMDB)" in help_of("path", "data", "prepare")
    assert "letters for letters, or" in help_of("data", "train")
    monkeypatch.setattr("rnn_core.cli.data.load_corpus", lambda name: load_corpus("verdict"))
    assert call("data", "download").stdout.startswith(f"{sum(SPLIT_SIZES.values()):,} reviews")
    refused = call("data", "download", "--data", "verdict")
    assert "'verdict' is not one of 'letters', 'imdb'" in refused.stderr


def test_the_test_reviews_are_not_said_to_be_new_to_a_network_since_some_are_copies():
    shown = " ".join(call("evaluate", "--help").stdout.split())
    assert "never saw" not in shown
    assert "copies of training reviews" in shown


def test_train_without_settings_is_the_first_preset():
    settings = {name: None for _, name, _ in all_settings()}
    assert asked_config("imdb", settings) == next(iter(PRESETS.values())).config
    assert asked_config("imdb", settings | {"cell": "lstm"}).model.label_odds


@pytest.fixture(scope="module")
def trained(verdict_cache, tmp_path_factory):
    """A run that was trained once for all tests of this file: its id, and the folder with it."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("GATESCOPE_ARTIFACTS", str(folder))
        environment.setenv("GATESCOPE_CACHE", str(verdict_cache))
        done = call("train", *TINY, "--json")
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)["run"], folder


@pytest.fixture
def run_id(trained, with_corpus, tmp_path):
    """The id of that run, in a folder of the test's own."""
    run, folder = trained
    shutil.copytree(folder, tmp_path / "artifacts")
    return run


def test_train_ends_with_one_object_that_says_how_it_went(with_corpus):
    answer = said("train", *TINY, "--cell", "lstm", "--padding", "post", "--no-start-token")
    assert answer["state"] == "finished"
    assert 0 <= answer["validation_accuracy"] <= 1
    assert answer["seconds"] > 0
    config = Store().runs.get(answer["run"]).config
    assert (config.model.cell, config.text.padding, config.text.start_token) == ("lstm", "post", False)


def test_a_teacher_is_a_run_by_its_id_and_one_that_is_not_there_begins_no_run(run_id):
    taught = said("train", *TINY, "--teachers", run_id)["run"]
    assert Store().runs.get(taught).config.teachers == (run_id,)
    refused = call("train", *TINY, "--teachers", f"{run_id}+gone")
    assert refused.exit_code != 0
    assert "There is no model called 'gone'" in refused.stderr
    alone = said("train", *TINY, "--teachers", "none")["run"]
    assert Store().runs.get(alone).config.teachers == ()
    assert len(Store().runs.all()) == 3


def test_sentences_are_scored_in_place_of_their_reviews(run_id):
    words = ("evaluate", run_id, "--data", "verdict", "--split", "test")
    reviews, sentences = said(*words), said(*words, "--sentences")
    assert (reviews["sentences"], sentences["sentences"]) == (False, True)
    assert reviews["reviews"] < sentences["reviews"] <= 2 * reviews["reviews"]
    assert {mistake["index"] for mistake in sentences["mistakes"]} <= set(range(13_200, 14_400))


def test_a_run_can_be_evaluated_predicted_with_listed_and_deleted(run_id):
    score = said("evaluate", run_id, "--data", "verdict", "--split", "test")
    assert score["reviews"] == SPLIT_SIZES["test"]
    assert 0 <= score["accuracy"] <= 1
    assert score["loss"] > 0
    assert said("runs", "show", run_id)["test"]["accuracy"] == score["accuracy"]
    answer = said("predict", run_id, "A wonderful film!")
    assert 0 <= answer["probability"] <= 1
    assert answer["label"] == ("positive" if answer["probability"] > 0.5 else "negative")
    assert said("predict", run_id, "-", text="A wonderful film!") == answer
    assert [run["run"] for run in said("runs", "list")] == [run_id]
    assert call("runs", "delete", run_id).exit_code == 0
    assert said("runs", "list") == []
    assert call("evaluate", run_id).exit_code == 1


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["train", "--vocab-size", "1"], 2, "Vocabulary size must be between 4 and 200,000, got 1"),
        (["train", "--learning-rate", "nan"], 2, "Learning rate must be between"),
        (["train", "--cell", "transformer"], 2, "'transformer' is not one of"),
        (["predict", "nothing", "hello"], 1, "There is no model called 'nothing'"),
        (["evaluate", "../../etc"], 1, "There is no model called"),
        (["runs", "show", "../x"], 1, "is not the id of a run"),
        (["runs", "stop"], 2, "Name the runs to stop, or give --all"),
        (["data", "prepare", "--path", "nowhere.tar.gz"], 1, "nowhere.tar.gz"),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence_with_an_exit_code(words, code, sentence):
    answer = call(*words)
    assert answer.exit_code == code
    assert sentence in answer.stderr
    assert "Traceback" not in answer.output


@pytest.mark.parametrize("text", ["", "...", "🎬"])
def test_a_text_without_a_word_is_refused(run_id, text):
    answer = call("predict", run_id, text)
    assert answer.exit_code == 2
    assert "no word in this text" in answer.stderr


NO_INPUT = "There is no standard input to read: it is closed."
NO_OUTPUT = "There is no standard output to write to: it is closed."


@pytest.mark.parametrize(
    ("stream", "code", "sentence", "words"),
    [
        ("stdin", 2, NO_INPUT, "predict RUN -"),
        ("stdin", 2, NO_INPUT, "trace RUN - --out a.json"),
        ("stdin", 2, NO_INPUT, "runs import -"),
        ("stdout", 1, NO_OUTPUT, "predict RUN Good --json"),
        ("stdout", 1, NO_OUTPUT, "runs list --json"),
    ],
)
def test_a_closed_input_or_output_is_said_before_any_work(
    run_id, monkeypatch, capsys, stream, code, sentence, words
):
    """A file that a shell closed is None in Python, as a test below shows."""
    monkeypatch.setattr(sys, stream, None)
    with pytest.raises(SystemExit) as ended:
        main(words.replace("RUN", run_id).split())
    assert ended.value.code == code
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="its shell closes no file")
def test_that_a_shell_closed_the_output_is_said_by_a_whole_process():
    answer = python(">&-", "-m", "rnn_core", "runs", "list", "--json")
    assert answer.returncode == 1
    assert NO_OUTPUT in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there an argument is always text")
def test_what_tests_take_for_a_closed_input_and_for_bytes_is_what_python_makes_of_them():
    shown = python("<&-", "-c", "import sys; print(sys.stdin, ascii(sys.argv[1]))", b"good \xff film")
    assert shown.stdout.strip() == r"None 'good \udcff film'"


def python(redirection, *words):
    """A whole process of Python, begun by a shell."""
    command = ["sh", "-c", f'exec "$@" {redirection}', "sh", sys.executable, *words]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=300, cwd=package_folder().parent
    )


@pytest.mark.parametrize(
    ("words", "encoding", "shut", "code", "ends"),
    [
        (("runs", "list"), "utf-8", "stdout", 141, ""),
        (("runs", "list"), "ascii", "stdout", 141, ""),
        (("--help",), "utf-8", "stdout", 141, ""),
        (("train", *TINY, "--json"), "utf-8", "stderr", 0, "finished"),
    ],
    ids=["a command", "a command in ASCII", "help", "progress of a run"],
)
def test_a_reader_who_leaves_is_no_full_disk(with_corpus, monkeypatch, words, encoding, shut, code, ends):
    """As `head` does. Without a reader of its answer a command ends silently; of its progress, it goes on."""
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    reader, pipe = os.pipe()
    os.close(reader)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, shut: pipe}
    command = [sys.executable, "-m", "rnn_core", *words]
    done = subprocess.run(
        command, cwd=package_folder().parent, text=True, timeout=300, check=False, **streams
    )
    os.close(pipe)
    assert done.returncode == code
    assert not done.stderr
    assert json.loads(done.stdout)["state"] == ends if ends else not done.stdout


def test_bytes_that_are_no_text_are_refused_in_every_argument():
    asked = 0
    for path, command in commands():
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        options = [one for one in command.params if isinstance(one, click.Option)]
        others = ["2" if one.type.name in ("integer", "float") else "x" for one in arguments]
        for bad in (one for one in command.params if one.type.name in ("text", "path", "file")):
            needed = (one.opts[0] for one in options if one.required and one is not bad)
            given = [word for option in needed for word in (option, "x.json")]
            given += [bad.opts[0], "\udcff.json", *others] if bad in options else ["\udcff.json", *others[1:]]
            answer = call(*path, *given)
            assert answer.exit_code == 2, (path, given, answer.output)
            refused = ("no UTF-8 text", "does not exist", "There is no file", "name tasks such as")
            assert any(said in answer.stderr for said in refused), (path, given)
            asked += 1
    assert asked > 20


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("data prepare --data verdict --path x", "--path has no effect on --data verdict"),
        ("sweep --rebuild --vary cell=gru", "--vary has no effect beside --rebuild"),
        ("sweep --rebuild --epochs 3", "--epochs has no effect beside --rebuild"),
        ("sweep vocabulary --publish curves --plan", "--plan has no effect beside --publish"),
        ("sweep vocabulary --seeds 7", "--seeds has no effect without --vary or --case"),
        ("sweep vocabulary --data verdict", "--data has no effect without --vary or --case"),
        ("sweep vocabulary --backend dask --address tcp://x:1 --workers 2", "--workers has no effect on a"),
    ],
)
def test_an_option_without_effect_is_refused(words, sentence):
    answer = call(*words.split())
    assert answer.exit_code == 2
    assert sentence in " ".join(answer.stderr.split())


@pytest.mark.parametrize("out", ["nowhere/x{}", "folder{}", "device{}"])
@pytest.mark.parametrize(
    "words", [["trace", "gru", "a film", "--out"], ["runs", "export", "260101-000000-abcd", "--out"]]
)
def test_a_file_that_cannot_be_written_is_found_before_any_work(words, out, tmp_path, monkeypatch):
    out = tmp_path / out.format(".json" if words[0] == "trace" else ".zip")
    (tmp_path / f"folder{out.suffix}").mkdir()
    os.mkfifo(tmp_path / f"device{out.suffix}")

    def work(*_arguments):
        raise AssertionError("this is work")

    for made in ((Model, "load"), (Format, "write")):
        monkeypatch.setattr(*made, work)
    monkeypatch.setattr("rnn_core.cli.trace.find_model", lambda name: tmp_path)
    answer = call(*words, str(out))
    assert answer.exit_code in (1, 2)
    assert out.name in answer.stderr
    assert not isinstance(answer.exception, AssertionError)


def test_a_file_that_a_command_reads_is_not_written_over_by_it(run_id, tmp_path):
    (tmp_path / "lnk").symlink_to(tmp_path / "artifacts", target_is_directory=True)
    folder = tmp_path / "lnk" / "runs" / run_id
    files = {path: path.read_bytes() for path in folder.iterdir()}
    for words, out in (
        (["trace", run_id, "a film"], folder / "config.json"),
        (["runs", "export", run_id], folder / "weights.safetensors"),
        (["runs", "export", run_id], folder.parent / "runs.sqlite"),
    ):
        refused = call(*words, "--out", str(out))
        assert refused.exit_code == 1
        assert f"{out} would replace" in refused.stderr
        assert "which is read" in refused.stderr
    assert {path: path.read_bytes() for path in folder.iterdir()} == files
    assert call("runs", "show", run_id).exit_code == 0


def test_publishing_over_a_model_of_that_name_wants_a_word_more(run_id):
    words = ["runs", "publish", run_id, "small", "--weakness", "It is small."]
    assert call(*words).exit_code == 0
    refused = call(*words)
    assert refused.exit_code == 1
    assert "There is a pretrained model called small already." in refused.stderr
    assert call(*words, "--replace").exit_code == 0
    blank = call("runs", "publish", run_id, "other", "--weakness", " ")
    assert blank.exit_code == 2
    assert "--weakness must be a sentence" in blank.stderr


def test_a_diverged_run_has_an_exit_code_of_its_own(with_corpus):
    wild = "--cell elman --optimizer sgd --schedule constant --learning-rate 100 --clip-norm 0".split()
    done = call("train", *TINY, *wild, "--weight-decay", "10", "--epochs", "40", "--json")
    answer = json.loads(done.stdout)
    assert (answer["state"], done.exit_code) == ("diverged", 3)
    assert "Diverged at optimizer step" in answer["message"]


def test_what_goes_wrong_is_said_with_the_options_that_would_change_it():
    store = Store()
    config = recommended_config("verdict").with_settings(clip_norm=0.0, learning_rate=1.0)
    kept = store.create(config)
    usual = {"kind": "training", "epoch": 1.0, "loss": 0.7, "accuracy": 0.5, "seconds": 1.0}
    exploding = {**usual, "gradient_norm": 1e9, "learning_rate": 1.0}
    store.records.append(kept.id, [Record(optimizer_step=step, **exploding) for step in range(30)])
    store.runs.finish(kept.id, "stopped", "")
    shown = call("runs", "show", kept.id).stdout
    assert "Exploding gradients: The gradient norm went up to 1e+09" in shown
    assert "Try: --clip-norm 1.0 --learning-rate 0.01" in shown
    [found] = said("runs", "show", kept.id)["diagnoses"]
    assert found["cure"] == {"clip_norm": 1.0, "learning_rate": 0.01}


def test_how_many_runs_train_at_once_can_be_said():
    assert said("runs", "at-once", "2") == {"at_once": 2}
    assert call("runs", "at-once").stdout == "Runs that train at once: 2\n"
    refused = call("runs", "at-once", "99")
    assert refused.exit_code == 1
    assert "Between 1 and 16 runs can train at once, got 99" in refused.stderr


def test_data_status_says_what_is_ready(small_verdict):
    assert said("data", "status")["prepared"] == []
    assert said("data", "prepare", "--data", "verdict")["reviews"] == sum(SPLIT_SIZES.values())
    assert said("data", "status")["prepared"] == ["verdict"]
    assert "Freed" in call("data", "clear").stdout
    assert said("data", "status")["prepared"] == []


INTERRUPTED_AS_IT_LOADS = """
import os, runpy, signal, sys

class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[0]:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
runpy.run_module("rnn_core", run_name="__main__")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
@pytest.mark.parametrize(
    ("module", "words"), [("rnn_core.cli.options", "runs list"), ("streamlit.web.cli", "app")]
)
def test_ctrl_c_while_the_command_line_loads_gives_up_in_a_sentence(module, words):
    begun = f"import sys; sys.argv = {[module, *words.split()]}"
    answer = python("", "-c", begun + INTERRUPTED_AS_IT_LOADS)
    assert (answer.returncode, answer.stderr.splitlines()[-1]) == (130, "Given up.")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (KeyboardInterrupt(), 130, "Given up"),
        (
            PermissionError(13, "Permission denied", "/shut/corpora"),
            1,
            "/shut/corpora: Permission denied. Check that you may read and write there, or choose another "
            "place.",
        ),
    ],
    ids=["Ctrl-C", "no right to write"],
)
def test_ctrl_c_and_a_place_that_is_shut_end_in_a_sentence_and_an_exit_code(
    monkeypatch, error, code, sentence
):
    def fails(*_arguments):
        raise error

    monkeypatch.setattr("rnn_core.cli.data.prepare", fails)
    answer = call("data", "prepare", "--data", "verdict")
    assert answer.exit_code == code
    assert sentence in answer.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no signals of this kind")
def test_ctrl_c_that_python_ignores_in_a_finalizer_gives_up_all_the_same(monkeypatch):
    class Interrupted:
        def __del__(self):
            os.kill(os.getpid(), signal.SIGINT)

    def work(*_arguments):
        Interrupted()
        for _ in range(1_000):
            time.sleep(0.01)

    monkeypatch.setattr("rnn_core.cli.data.prepare", work)
    answer = call("data", "prepare", "--data", "verdict")
    assert (answer.exit_code, answer.stderr.strip()) == (130, "Given up.")


def test_app_becomes_a_server_in_its_own_folder_and_uses_the_one_named_from_where_it_is_started(
    tmp_path, monkeypatch
):
    began = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATESCOPE_ARTIFACTS", "mine")
    monkeypatch.setattr(sys, "argv", ["rnn_core", "app"])
    monkeypatch.setattr(runpy, "run_module", lambda name, **_: began.extend([name, *sys.argv[1:]]))
    assert call("app", "--server.port=8600").exit_code == 0
    assert Path(".streamlit", "config.toml").is_file()
    assert began == ["streamlit", "run", "app.py", "--server.port=8600"]
    assert artifacts_folder() == tmp_path / "mine"


def test_app_becomes_a_server_before_torch_is_imported():
    late = "import sys; sys.modules['torch'] = None; from rnn_core.cli import main; main(['app', '--help'])"
    assert "Usage" in subprocess.run([sys.executable, "-c", late], capture_output=True, text=True).stdout


def test_a_mistyped_command_is_told_what_it_may_have_meant():
    assert "train" in call("trian").stderr


@pytest.mark.parametrize(
    "words",
    ["app", "baselines", "runs publish run name --weakness None.", "sweep vocabulary --publish curves"],
)
def test_an_installed_package_says_what_needs_a_checkout(words, monkeypatch):
    monkeypatch.setattr("rnn_core.cli.errors.project_folder", lambda: None)
    monkeypatch.setattr("rnn_core.cli.app.app_folder", lambda: None)  # a package that lies alone
    answer = call(*words.split())
    assert answer.exit_code == 1
    assert "needs a checkout of the project, and this is an installed package." in answer.stderr


def test_help_names_every_command_and_all_but_the_app_answer_machines():
    assert {path[0] for path, _ in commands()} <= set(call("--help").stdout.split())
    for path, command in commands():
        if path != ("app",):
            assert "as_json" in {parameter.name for parameter in command.params}, path


def commands(group=main, path=()):
    """Each command that is shown, with the words that call it."""
    for name in group.commands:
        command = group.get_command(None, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        elif not command.hidden:
            yield (*path, name), command


def test_baselines_of_a_corpus_of_ones_own_are_measured_without_a_checkout():
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    make_own("tickets", ("printer", "invoice", "parcel"), [40, 40, 40])
    done = call("baselines", "--data", "tickets", "--json")
    assert done.exit_code == 0, done.output
    kept = json.loads(done.stdout)
    assert [one["name"] for one in kept["baselines"]] == ["majority", "bag-of-words", "nb-svm"]
    assert kept["reviews"]["test"] == 30
    refused = call("baselines", "--data", "tickets", "--composed", "5")
    assert (refused.exit_code, "opinions about films" in refused.output) == (1, True)
    refused = call("baselines", "--data", "nothing")
    assert refused.exit_code == 2
    assert f"'nothing' is not one of {', '.join(shipped_names())}, tickets" in refused.output.replace(
        '"', "'"
    )
