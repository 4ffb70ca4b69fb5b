"""`train`, `runs` and `sweep` in a shell: what they make, what they only say."""

import json
import re
import shutil

import pytest

import rnn_core as gs
from rnn_core.cli.train import asked_config
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import all_settings
from rnn_core.config.setting import flag
from rnn_core.data.sources import recommended_config
from rnn_core.data.verdict import SPLIT_SIZES
from rnn_core.runs.history import PAUSE, RESUME
from rnn_core.runs.store import Store
from rnn_core.sweeps.results import Results, all_results
from rnn_core.training.estimate import Estimate
from rnn_core.training.records import Record
from rnn_core.training.schedule import planned_rates
from tests.cli.calls import TINY, call, done, error_of, said
from tests.runs.workers import artifacts_in, at_work

pytestmark = pytest.mark.slow  # it trains


@pytest.fixture(scope="module")
def trained(verdict_cache, tmp_path_factory):
    """A run that was trained once for all tests of this file: its id, and the folder with it."""
    with artifacts_in(tmp_path_factory.mktemp("trained"), verdict_cache) as folder:
        return said("train", *TINY)["run"], folder


@pytest.fixture
def run_id(trained, with_corpus, tmp_path):
    """The id of that run, in a folder of the test's own."""
    run, folder = trained
    shutil.copytree(folder, tmp_path / "artifacts")
    return run


def test_train_without_settings_is_the_first_preset():
    settings = dict.fromkeys(all_settings())
    assert asked_config("imdb", settings) == next(iter(PRESETS.values())).config
    assert asked_config("imdb", settings | {"cell": "lstm"}).model.label_odds


def test_train_says_how_it_went(run_id):
    """Also with a teacher, by its id."""
    taught = said("train", *TINY, "--teachers", run_id)["run"]
    answer = said("train", *TINY, *"--cell lstm --padding post --no-start-token --teachers none".split())
    assert answer["state"] == "finished"
    assert 0 <= answer["validation_accuracy"] <= 1
    assert answer["seconds"] > 0
    config = Store().runs.get(answer["run"]).config
    assert (config.model.cell, config.text.padding, config.text.start_token) == ("lstm", "post", False)
    assert (Store().runs.get(taught).config.teachers, config.teachers) == ((run_id,), ())


def test_evaluate_scores_sentences_in_place_of_reviews(run_id):
    words = ("evaluate", run_id, "--data", "verdict", "--split", "test")
    reviews, sentences = said(*words), said(*words, "--sentences")
    assert (reviews["sentences"], sentences["sentences"]) == (False, True)
    assert reviews["reviews"] == SPLIT_SIZES["test"] < sentences["reviews"] <= 2 * reviews["reviews"]
    assert {mistake["index"] for mistake in sentences["mistakes"]} <= set(range(13_200, 14_400))
    assert said("runs", "show", run_id)["test"]["accuracy"] == reviews["accuracy"]
    wrong = error_of(call("evaluate", run_id, "--data", "imdb-characters"), 1)  # not on this machine
    assert "its texts are cut into other tokens" in wrong
    assert "copies of training reviews" in " ".join(done("evaluate --help").stdout.split())


def test_a_run_is_listed_published_and_deleted(run_id):
    assert [run["run"] for run in said("runs list")] == [run_id]
    words = ["runs", "publish", run_id, "small", "--weakness", "It is small."]
    done(*words)
    assert "There is a pretrained model called small already." in error_of(call(*words), 1)
    done(*words, "--replace")
    done("runs", "delete", run_id)
    assert said("runs list") == []
    error_of(call("evaluate", run_id), 1)


def test_a_file_that_is_read_is_not_written_over(run_id, tmp_path):
    (tmp_path / "lnk").symlink_to(tmp_path / "artifacts", target_is_directory=True)
    folder = tmp_path / "lnk" / "runs" / run_id
    files = {path: path.read_bytes() for path in folder.iterdir()}
    for words, out in (
        (["trace", run_id, "a film"], folder / "config.json"),
        (["runs", "export", run_id], folder / "weights.safetensors"),
        (["runs", "export", run_id], folder.parent / "runs.sqlite"),
    ):
        error = error_of(call(*words, "--out", out), 1)
        assert f"{out} would replace" in error
        assert "which is read" in error
    assert {path: path.read_bytes() for path in folder.iterdir()} == files
    done("runs", "show", run_id)


def test_a_diverged_run_has_an_exit_code_of_its_own(with_corpus):
    wild = "--cell elman --optimizer sgd --schedule constant --learning-rate 100 --clip-norm 0".split()
    answer = call("train", *TINY, *wild, "--weight-decay", "10", "--epochs", "40", "--json")
    assert (json.loads(answer.stdout)["state"], answer.exit_code) == ("diverged", 3)


def test_what_goes_wrong_is_said_with_its_cure():
    store = Store()
    config = recommended_config("verdict").with_settings(clip_norm=0.0, learning_rate=1.0)
    kept = store.create(config)
    usual = {"kind": "training", "epoch": 1.0, "loss": 0.7, "accuracy": 0.5, "seconds": 1.0}
    exploding = {**usual, "gradient_norm": 1e9, "learning_rate": 1.0}
    store.records.append(kept.id, [Record(optimizer_step=step, **exploding) for step in range(30)])
    store.runs.finish(kept.id, "stopped", "")
    shown = done("runs", "show", kept.id).stdout
    assert "Exploding gradients: The gradient norm went up to 1e+09" in shown
    assert "Try: --clip-norm 1.0 --learning-rate 0.01" in shown
    [found] = said("runs", "show", kept.id)["diagnoses"]
    assert found["cure"] == {"clip_norm": 1.0, "learning_rate": 0.01}


def test_a_run_at_work_is_paused_and_given_a_rate():
    store, config = Store(), recommended_config("verdict").with_settings(schedule="one-cycle")
    run, planned = store.create(config), planned_rates(config.training, 100)

    def rate(*words):
        answer = said("runs", "rate", run.id, *words)
        store.commands.take(run.id, optimizer_step=10)  # as its worker does
        return answer

    assert "is not at work" in error_of(call("runs", "pause", run.id), 1)
    assert "takes no optimizer steps now" in error_of(call("runs", "rate", run.id), 1)
    with at_work(store, run):
        store.runs.update(run.id, total_steps=100, optimizer_step=10)
        assert rate()["learning_rate"] == planned[10]
        held = {"learning_rate": planned[10], "held": True, "peak": planned[10], "warning": ""}
        assert rate("--hold") == {"run": run.id, **held}
        high = 11 * float(planned.max())
        scaled = rate(repr(high))
        assert scaled["peak"] == pytest.approx(planned[10:].max() * high / planned[10])
        assert "times the highest that the settings plan" in scaled["warning"]
        assert rate()["learning_rate"] == high
        for wrong in ("nan", "0", "101"):
            error_of(call("runs", "rate", run.id, wrong), 2)
        said("runs", "pause", run.id)
        said("runs", "resume", run.id)
        assert [command.name for command in store.commands.take(run.id)] == [PAUSE, RESUME]


def test_how_many_runs_train_at_once_can_be_said():
    assert said("runs at-once 2") == {"at_once": 2}
    assert done("runs at-once").stdout == "Runs that train at once: 2\n"


VAIN = {"vocab_size": 20, "padding": "post", "head": "two-logit", "reset": "after", "teachers_share": 0.5}


def test_settings_that_change_nothing_are_named():
    """A language, a task, a cell or another setting can leave them without effect."""
    tiny = {"cell": "lstm", "reviews": 60, "epochs": 1, "hidden_size": 4, "threads": 1}
    options = [word for name, value in {**tiny, **VAIN}.items() for word in flag(name, value).split()]
    noted = done("train", "--data", "language-anbn-n3", *options).stderr
    with pytest.warns(UserWarning, match="has no effect") as warned:
        gs.train("language-anbn-n3", progress=False, **tiny, **VAIN)
    vocabulary = "has no effect: The vocabulary is all 2 symbols of the language aⁿbⁿ, n = 3."
    assert f"--vocab-size {vocabulary}" in noted
    assert f"vocab_size {vocabulary}" in str(warned[0].message)
    assert noted.count("has no effect") == len(warned) == len(VAIN)


QUICK = ["--data", "language-anbn-n3", "--hidden-size", "4", "--embedding-size", "3", "--epochs", "1"]
QUICK += ["--reviews", "64", "--evaluations-per-epoch", "1"]
GRID = ["sweep", "mine", "--vary", "cell=elman,gru", *QUICK]


@pytest.fixture(autouse=True)
def known_cost(monkeypatch):
    """Leaves the run's duration unmeasured: a measurement would take longer than the run."""
    monkeypatch.setattr("rnn_core.cli.sweep.estimate", lambda config, corpus: Estimate(10, 5, 0.5))


def test_a_grid_is_planned_and_run_with_every_seed():
    plan = said(*GRID, "--plan")
    assert (plan["missing"], plan["sweep"]["name"], plan["seconds"]) == (2, "mine", 1)  # 0.5 s for each
    assert (all_results(), Store().runs.all()) == ([], [])
    answer = done(*GRID, "--seeds", "0,3")
    assert "4 of 4 runs to do" in answer.stderr
    lines = answer.stdout.splitlines()
    cells = [f"{n} of 4: cell {cell}" for n, cell in enumerate(["elman", "gru"] * 2, 1)]
    assert [line.split(",")[0] for line in lines] == cells
    number = r"[\d.]+"
    scores = rf"validation {number} bits per symbol, test {number}, right strings {number}%, "
    scores += rf"right longer strings {number}%, bits above the truth {number}, \d+ s"
    assert re.search(scores, lines[0]), lines[0]
    assert len(Results("mine").all()) == len(Store().runs.all()) == 4
    again = done("sweep mine")
    assert "0 of 4 runs to do" in again.stderr
    assert again.stdout == ""
    path, runs = Results("mine").path, [one.run for one in Results("mine").all()]
    assert said("sweep mine") == {"file": str(path), "runs": runs}
    file = path.read_text()
    path.unlink()
    assert [one["file"] for one in said("sweep --rebuild")] == [str(path)]
    assert path.read_text() == file


def test_cases_are_named_and_languages_varied():
    cases = ("--case", "cell=elman,data=language-anbn-n3", "--case", "cell=gru,data=language-parity-bits3")
    assert said("sweep", "mine", *cases, *QUICK, "--plan")["sweep"]["cases"] == [
        {"cell": "elman", "data": "language-anbn-n3"},
        {"cell": "gru", "data": "language-parity-bits3"},
    ]


def test_the_cases_may_be_what_is_left_of_a_cell():
    asked = "--without", "gru", "--part", "r and z coupled", "--seeds", "0,1"
    cases = said("sweep", "mine", *asked, *QUICK, "--plan")["sweep"]["cases"]
    assert [case["cell"].partition("\n")[0] for case in cases] == ["gru", "# name: GRU_r_and_z_coupled"]


@pytest.mark.usefixtures("with_corpus")
@pytest.mark.parametrize(
    ("given", "varied", "said"),
    [
        ("--bigram-dropout 0.3", "bigrams=0,30", ""),
        ("--layer-dropout 0.2", "layers=1,2", ""),
        ("--cell lstm --reset after", "cell=lstm,gru", ""),
        ("--reset after", "cell=lstm,elman", "--reset"),
    ],
)
def test_only_what_is_in_vain_in_every_run_is_said(given, varied, said):
    answer = done("sweep", "mine", *TINY, "--vary", varied, *given.split(), "--plan")
    assert [line.split()[0] for line in answer.stderr.splitlines() if "no effect" in line] == said.split()


def test_another_sweep_of_that_name_is_refused_first(monkeypatch):
    done(*GRID)
    monkeypatch.setattr("rnn_core.cli.sweep.estimate", lambda *_: pytest.fail("it was measured"))
    for words in (("--plan",), ()):
        error = error_of(call("sweep", "mine", "--vary", "max_length=5", *QUICK, *words), 2)
        assert "already a sweep called mine" in error


def test_a_question_of_before_is_the_one_in_its_place(monkeypatch):
    planned = []  # the estimate itself writes the corpora of seven distances
    monkeypatch.setattr("rnn_core.cli.sweep._planned", lambda sweep, *_: planned.append(sweep) or (7, 60.0))
    done("sweep distance-of-cells --plan")
    assert [(sweep.name, len(sweep)) for sweep in planned] == [("distance", 105)]
