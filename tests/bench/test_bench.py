"""The benchmark: what it compares is the same, and what it prints is what it measured. The speedrun on a tiny
corpus: who runs, what is scored, what is said; no test speaks of seconds.
"""

import json
import sys
from importlib import import_module
from itertools import pairwise
from statistics import fmean

import pytest
import torch
from click.testing import CliRunner

from rnn_core.bench import speedrun as speed
from rnn_core.bench.compared import BenchRow, Case, Compared, table
from rnn_core.bench.forms import Forms, peak_megabytes, time_forms
from rnn_core.bench.reference import TorchClassifier, torch_module
from rnn_core.bench.speedrun import COUNTING, MARKS, OURS, PLAIN_WAY, Mark, MarkOutcome, Timed, speedrun
from rnn_core.bench.suite import CASES, MAX_LENGTH, REVIEWS, run_benchmark, sample_reviews
from rnn_core.cli import main
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig
from rnn_core.machine import alternate, describe_machine
from rnn_core.nn.classifier import Classifier, make_cell
from rnn_core.paths import package_folder
from rnn_core.progress import Progress
from rnn_core.tasks.classification import TextClassification
from rnn_core.training.device import gains_by_bfloat16
from rnn_core.training.trainer import Trainer

FORMS = ("naive", "fused", "sequence", "torch")


def make(cell="gru", reset="after"):
    torch.manual_seed(2)
    return make_cell(ModelConfig(cell=cell, reset=reset, embedding_size=3, hidden_size=4), vocab_size=1)


@pytest.mark.parametrize("cell", ["elman", "gru", "lstm"])
def test_every_timed_form_computes_the_same_gradient(cell, monkeypatch):
    monkeypatch.setattr("rnn_core.nn.kernels._WORTH_IT", 0)  # products however small
    forms = Forms(make(cell), batch_size=30, length=5)
    forms.sequence()
    expected = forms.xs.grad.clone()
    for form in FORMS:
        getattr(forms, form)()
        torch.testing.assert_close(forms.xs.grad, expected)
    # torch's LSTM refuses it on a processor without the instructions, where nothing of this is timed.
    theirs = [forms.torch_in_bfloat16] if gains_by_bfloat16() else []
    for form in (forms.sequence_in_bfloat16, *theirs):
        form()
        assert 0 < (forms.xs.grad - expected).norm() < 0.05 * expected.norm()


def test_what_this_processor_is_slower_at_is_left_out(monkeypatch):
    monkeypatch.setattr("rnn_core.bench.suite.gains_by_bfloat16", lambda: False)
    assert not list(run_benchmark(["gru-step-bfloat16", "gru-step-autocast"], rounds=1))


@pytest.mark.parametrize(("reset", "count"), [("after", 6), ("before", 9)])
def test_the_floor_is_the_products_of_one_block(reset, count):
    forms = Forms(make(reset=reset), batch_size=2, length=1)
    assert len(forms.products) == count
    forms.floor()  # which fails where two shapes don't fit


def test_each_answer_has_all_rounds_before_it():
    answers = list(time_forms(make(), batch_size=2, length=3, rounds=2))
    assert [answer.rounds for answer in answers] == [1, 2]
    assert set(answers[-1].milliseconds) == {*FORMS, "floor"}
    assert all(time > 0 for time in answers[-1].milliseconds.values())


def test_things_are_timed_in_turns_after_a_first_call():
    called = []
    *_, medians = alternate({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, rounds=2)
    assert called == ["a", "b"] * 3
    assert set(medians) == {"a", "b"}


@pytest.mark.parametrize("padding", [9, "longest", "none"])
@pytest.mark.parametrize(
    ("cell", "bigrams", "counted"),
    [("elman", 0, 0), ("gru", 0, 0), ("gru", 2, 0), ("gru", 0, 2), ("gru", 2, 2), ("lstm", 0, 0)],
)
def test_the_reference_network_says_the_same_as_ours(cell, bigrams, counted, padding):
    config = ModelConfig(
        cell=cell, reset="after", embedding_size=3, hidden_size=4, bigrams=bigrams, counted_bigrams=counted
    )
    torch.manual_seed(1)
    ours, theirs = Classifier(config, 20), TorchClassifier(config, 20, padding=padding)
    theirs.embedding.load_state_dict(ours.embedding.state_dict())
    theirs.head.load_state_dict(ours.head.state_dict())
    theirs.module.load_state_dict(torch_module(ours.cell).state_dict())
    ids, lengths = torch.randint(3, 20, (4, 7)), torch.tensor([7, 5, 2, 1])
    for network in (ours, theirs):
        if counted:
            network.counted.know(ids[:2, 3:5])
            network.counted.set_odds(torch.ones(2), torch.tensor([[2.0, 3.0], [4.0, 5.0]]))
        if bigrams:
            network.bigrams.know(ids[:2, 3:5])
            torch.nn.init.ones_(network.bigrams.vectors.weight[1:])
    folds = torch.tensor([1, -1, 0, 1]) if counted else None
    torch.testing.assert_close(theirs(ids, lengths, folds), ours(ids, lengths, folds))


def test_a_sample_is_drawn_where_imdb_is_not_at_hand(monkeypatch):
    monkeypatch.delenv("GATESCOPE_IMDB", raising=False)
    reviews, source = sample_reviews()
    assert "drawn" in source
    lengths = reviews.lengths()
    assert len(lengths) == REVIEWS
    assert lengths.max() == MAX_LENGTH
    assert 200 < lengths.mean() < 215  # of IMDB's windows it is 206


def test_a_made_up_case_is_an_entry_of_its_own():
    """A reference that this machine can't be asked for has no row."""
    compared = Compared(
        lambda rounds: {"sequence": 2.0 * rounds, "slow": 5.0},
        (Case("made-up", "a loop", "slow", 1.5), Case("elsewhere", "a graphics card", "cuda")),
        lambda: ", here",
    )
    for cases in (["made-up", "elsewhere"], ["made-up"]):
        (row,) = run_benchmark(cases, 1, [compared])
        assert row.to_dict() == {
            "case": "made-up",
            "against": "a loop, here",
            "ours_ms": 2.0,
            "reference_ms": 5.0,
            "at_least": 1.5,
            "ratio": 2.5,
        }
    assert not list(run_benchmark(["gru-step"], 1, [compared]))


def test_a_row_has_a_ratio_and_may_fall_short():
    measured = {"case": "x", "against": "y", "ours_ms": 2.0, "reference_ms": 5.0}
    rows = [BenchRow(**measured, at_least=least) for least in (2.0, 3.0)]
    assert rows[0].to_dict() == {**measured, "at_least": 2.0, "ratio": 2.5}
    lines = table(rows, describe_machine()).splitlines()
    assert len({line.count("|") for line in lines[:4]}) == 1
    assert ["(short)" in line for line in lines[2:4]] == [False, True]


def test_the_command_prints_json_or_a_table():
    runner = CliRunner()
    asked = ["bench", "--case", "read-400", "--rounds", "1", "--threads", "1"]
    machine = runner.invoke(main, [*asked, "--json"])
    (row,) = json.loads(machine.stdout)
    assert row["case"] == "read-400"
    assert len(CASES) == len(set(CASES))
    assert {"case", "ours_ms", "reference_ms", "ratio", "machine"} <= set(row)
    assert row["ratio"] == pytest.approx(row["reference_ms"] / row["ours_ms"], rel=0.01)
    people = runner.invoke(main, asked)
    assert people.stdout.startswith("| Case |")


@pytest.mark.slow
def test_memory_is_that_of_the_step_alone():
    short, long = (peak_megabytes("gru-after", "fused", 64, length) for length in (32, 256))
    if short is None:
        pytest.skip("only Linux keeps a record of the highest point")
    assert 0 <= short < long < 500


COMMAND = import_module("rnn_core.cli.bench")  # the name in the package is the command itself
SIZES = {"vocab_size": 30, "max_length": 12, "hidden_size": 3, "embedding_size": 2, "batch_size": 20}
RECIPE = RunConfig().with_settings(**SIZES, label_odds=True, epochs=3, learning_rate=0.02)
TINY = (Mark(0.6, 1, RECIPE), Mark(0.9, 1, RECIPE.with_settings(bigrams=5, weight_averaging=0.5)))
"""Marks with one thread: where other tests have the other core, two wait for each other for seconds."""


def test_ours_run_once_a_seed_and_others_once(tiny_corpus, monkeypatch):
    """It has its threads, and as many steps; test reviews are scored once a training, and nothing else is."""
    scored, original, asked, threads_here = [], TextClassification.evaluate, [], speed.threads_here

    def evaluate(self, classifier, reviews, *others):
        scored.append(reviews.indices)
        return original(self, classifier, reviews, *others)

    marks = (TINY[0], TINY[1]._replace(threads=2))
    with monkeypatch.context() as watched:
        watched.setattr(TextClassification, "evaluate", evaluate)
        watched.setattr(speed, "threads_here", lambda threads: asked.append(threads) or threads_here(1))
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
    plain, assignment = speed.plain_way(mark), PRESETS["reference"].config
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
    assert of_seeds[0]["settings"] == speed.NB_SVM
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
    outcome = MarkOutcome.of(mark, [BESIDE, *timed(mark, *accuracies)])
    assert outcome.test_accuracy == fmean(accuracies)
    lines = speed.table([outcome], describe_machine()).splitlines()
    assert f"| **60.0%**: {word} | ours, mean of 2 seeds | 1 | 1,234 | **10.5** (10.0 to 11.0) |" in lines[2]
    assert lines[3] == "|  | NB-SVM on bigrams, seed 0 | 1 |  | 7.0 | 91.00% |"
    assert len({line.count("|") for line in lines[:4]}) == 1
    assert MarkOutcome.of(TINY[1], [BESIDE, *timed(mark, 0.5)]) is None  # it has no run of ours


@pytest.fixture
def on_tiny_corpus(tiny_corpus, monkeypatch):
    monkeypatch.setattr(COMMAND, "prepare", lambda _: iter(()))
    monkeypatch.setattr(COMMAND, "load_corpus", lambda _: tiny_corpus)
    monkeypatch.setattr(COMMAND, "MARKS", TINY)
    monkeypatch.setattr(COMMAND, "speedrun", lambda corpus, seeds: speedrun(corpus, seeds, TINY))


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
