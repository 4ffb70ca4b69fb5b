"""The speedrun on a tiny corpus: who runs, what is scored, what is said; no test speaks of seconds."""

import importlib
import importlib.util
import json
import sys
from itertools import pairwise
from statistics import fmean

import pytest
from click.testing import CliRunner

from rnn_core.bench import speedrun as module
from rnn_core.bench.speedrun import COUNTING, MARKS, OURS, PLAIN_WAY, Mark, Outcome, Timed, speedrun
from rnn_core.cli import main
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig
from rnn_core.machine import describe_machine
from rnn_core.paths import package_folder
from rnn_core.progress import Progress
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.trainer import Trainer

pytestmark = pytest.mark.slow  # it trains

needs_scikit_learn = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="needs scikit-learn (requirements-baselines.txt)"
)
COMMAND = importlib.import_module("rnn_core.cli.bench")  # the name in the package is the command itself
SIZES = {"vocab_size": 30, "max_length": 12, "hidden_size": 3, "embedding_size": 2, "batch_size": 20}
RECIPE = RunConfig().with_settings(**SIZES, label_odds=True, epochs=3, learning_rate=0.02)
TINY = (Mark(0.6, 1, RECIPE), Mark(0.9, 1, RECIPE.with_settings(bigrams=5, weight_averaging=0.5)))
"""With one thread: where other tests have the other core, two wait for each other for seconds."""


@needs_scikit_learn
def test_ours_run_once_a_seed_and_others_once(tiny_corpus, monkeypatch):
    """With its threads, and as many steps; test reviews are scored once a training, and nothing else is."""
    scored, original, asked, threads_here = [], TextClassification.evaluate, [], module.threads_here

    def evaluate(self, classifier, reviews, *others):
        scored.append(reviews.indices)
        return original(self, classifier, reviews, *others)

    marks = (TINY[0], TINY[1]._replace(threads=2))
    with monkeypatch.context() as watched:
        watched.setattr(TextClassification, "evaluate", evaluate)
        watched.setattr(module, "threads_here", lambda threads: asked.append(threads) or threads_here(1))
        events = list(speedrun(tiny_corpus, (0, 1), marks))
    assert asked == [1] * 3 + [2] * 3
    timed = [event for event in events if isinstance(event, Timed)]
    assert [(one.what, one.mark, one.seed) for one in timed] == [
        (COUNTING, None, 0),
        *((what, mark, seed) for mark in marks for what, seed in ((OURS, 0), (OURS, 1), (PLAIN_WAY, 0))),
    ]
    epochs = {OURS: 3, PLAIN_WAY: PRESETS["reference"].config.training.epochs}
    batches = {OURS: 3, PLAIN_WAY: 1}  # 54 reviews, in batches of 20 or 64
    for one in timed:
        assert one.seconds > 0
        steps = None if one.what == COUNTING else epochs[one.what] * batches[one.what]
        assert one.optimizer_steps == steps
    assert len(scored) == len(timed) - 1
    assert all((indices == tiny_corpus.indices("test")).all() for indices in scored)
    before_an_end = [first for first, then in pairwise(events) if isinstance(then, Timed)]
    assert all(isinstance(one, Progress) and one.done == one.total for one in before_an_end)
    for one in (one for one in timed if one.what == OURS):  # the weights after the last optimizer step
        again = Trainer(one.mark.recipe.with_settings(seed=one.seed, keep="last"), tiny_corpus)
        assert list(again)[-1].optimizer_step == again.total_steps
        assert again.score_test().accuracy == one.test_accuracy


@pytest.mark.parametrize("mark", MARKS)
def test_the_plain_way_trains_as_the_assignment_does(mark):
    plain, assignment = module.plain_way(mark), PRESETS["reference"].config
    assert plain.training == assignment.training
    assert plain.text == mark.recipe.text
    assert plain.model.reset == "after"
    for size in ("hidden_size", "bigrams"):
        assert getattr(plain.model, size) == getattr(mark.recipe.model, size)
    assert not plain.model.label_odds


def test_the_document_says_what_nb_svm_reaches():
    root = package_folder().parent
    kept = json.loads((root / "artifacts" / "results" / "baselines-imdb.json").read_text())["baselines"]
    [of_seeds] = [one["seeds"] for one in kept if one["name"] == "nb-svm"]
    mean = fmean(one["test_accuracy"] for one in of_seeds)
    document = " ".join((root / "docs" / "benchmarks.md").read_text(encoding="utf-8").split())
    assert [one["seed"] for one in of_seeds] == [0, 1]
    assert of_seeds[0]["settings"] == module.NB_SVM
    assert f"NB-SVM is right on {100 * mean:.2f} % on average over seeds 0 and 1" in document
    assert f"NB-SVM 8.6 s to {100 * of_seeds[0]['test_accuracy']:.2f} %" in document


def timed(mark, *accuracies):
    of_all = {"what": OURS, "mark": mark, "threads": mark.threads, "optimizer_steps": 1_234}
    return [
        Timed(**of_all, seed=seed, seconds=10.0 + seed, test_accuracy=accuracy)
        for seed, accuracy in enumerate(accuracies)
    ]


BESIDE = Timed(what=COUNTING, seed=0, threads=1, seconds=7.0, test_accuracy=0.91)


@pytest.mark.parametrize(("accuracies", "word"), [((0.5, 0.7), "reached"), ((0.5, 0.69), "missed")])
def test_a_mark_is_reached_by_the_mean_over_seeds(accuracies, word):
    mark = TINY[0]
    outcome = Outcome.of(mark, [BESIDE, *timed(mark, *accuracies)])
    assert outcome.test_accuracy == fmean(accuracies)
    lines = module.table([outcome], describe_machine()).splitlines()
    assert f"| **60.0%**: {word} | ours, mean of 2 seeds | 1 | 1,234 | **10.5** (10.0 to 11.0) |" in lines[2]
    assert lines[3] == "|  | NB-SVM on bigrams, seed 0 | 1 |  | 7.0 | 91.00% |"
    assert len({line.count("|") for line in lines[:4]}) == 1
    assert Outcome.of(TINY[1], [BESIDE, *timed(mark, 0.5)]) is None  # it has no run of ours


@pytest.fixture
def on_tiny_corpus(tiny_corpus, monkeypatch):
    monkeypatch.setattr(COMMAND, "prepare", lambda _: iter(()))
    monkeypatch.setattr(COMMAND, "need_scikit_learn", lambda: "")
    monkeypatch.setattr(COMMAND, "load_corpus", lambda _: tiny_corpus)
    monkeypatch.setattr(COMMAND, "MARKS", TINY)
    monkeypatch.setattr(COMMAND, "speedrun", lambda corpus, seeds: speedrun(corpus, seeds, TINY))


@needs_scikit_learn
def test_the_command_prints_json_for_machines(on_tiny_corpus):
    done = CliRunner().invoke(main, ["bench", "speedrun", "--seeds", "2", "--json"])
    assert done.exit_code == 0, done.stderr
    for said, mark in zip(json.loads(done.stdout)["marks"], TINY, strict=True):
        assert said["mark"] == mark.accuracy
        assert RunConfig.from_dict(said["recipe"]) == mark.recipe
        ours = [one for one in said["trainings"] if one["what"] == OURS]
        assert [one["what"] for one in said["trainings"][len(ours) :]] == [PLAIN_WAY, COUNTING]
        assert said["mean_test_accuracy"] == pytest.approx(fmean(one["test_accuracy"] for one in ours))
        assert said["is_reached"] == (said["mean_test_accuracy"] >= mark.accuracy)


def test_ctrl_c_prints_what_was_measured(on_tiny_corpus, monkeypatch):
    def interrupted(*_):
        yield from timed(TINY[0], 0.7)
        raise KeyboardInterrupt

    monkeypatch.setattr(COMMAND, "speedrun", interrupted)
    done = CliRunner().invoke(main, ["bench", "speedrun"])
    assert done.exit_code == 130
    assert "| **60.0%**: reached | ours | 1 |" in done.stdout
    assert "Given up." in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["speedrun", "--json"], 1, "Counting words needs scikit-learn"),
        (["--rounds", "3", "speedrun"], 2, "--rounds has no effect before speedrun"),
    ],
)
def test_what_it_can_not_do_is_said(monkeypatch, words, code, said):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    done = CliRunner().invoke(main, ["bench", *words])
    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr
