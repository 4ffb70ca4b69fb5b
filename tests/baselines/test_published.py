"""The baselines: how words are counted, what is chosen on which reviews, and the file that keeps it."""

import importlib.util
import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from rnn_core.baselines import counting, measurement, scores
from rnn_core.baselines.counting import LinearModel, count_grams, count_in_texts, learn_grams
from rnn_core.baselines.measurement import METHODS, SEEDS, Measured, Trial, measure_baselines
from rnn_core.baselines.scores import Baseline, BaselineScore, read_baselines, write_baselines
from rnn_core.cli import main
from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.data.corpus import SPLITS
from rnn_core.data.encoding import split_reviews
from rnn_core.data.probes.pairs import HALVES, REPORTED, SETS, STRICT, THIRD, Pair, pairs, phenomena_of
from rnn_core.data.sources import recommended_config
from rnn_core.errors import BaselineError
from rnn_core.models import probing
from rnn_core.models.probing import ProbeShares, RightShares
from rnn_core.training.trainer import Trainer
from tests.refusals import refusals

pytestmark = pytest.mark.slow  # it prepares IMDB

QUESTIONS = Path(__file__).parents[2] / "docs" / "questions.md"
needs_scikit_learn = pytest.mark.skipif(
    importlib.util.find_spec("sklearn") is None, reason="needs scikit-learn (requirements-baselines.txt)"
)
SCORES = {"settings": {"alpha": 1.0, "C": 0.1}, "features": 1_000, "seconds": 2.5}
OF_SEEDS = (
    BaselineScore(seed=0, validation_accuracy=0.9, test_accuracy=0.8, **SCORES),
    BaselineScore(seed=1, validation_accuracy=0.92, test_accuracy=0.82, **SCORES),
)
BASELINES = (Baseline(name="nb-svm", title="NB-SVM on bigrams", scores=OF_SEEDS),)


@pytest.fixture
def two_films(make_corpus):
    texts = ("Good film, good cast", True, "training"), ("Film: bad!", False, "training")
    return make_corpus([*texts, ("Bad good unheard film", True, "test")])


def gram_names(corpus, grams):
    words = ("", *corpus.words)
    pairs = (divmod(code, len(corpus.words)) for code in grams.codes)
    return [f"{words[before]} {corpus.words[word]}".strip() for before, word in pairs]


def word_counter(corpus, grams, weights, **more):
    weight_of_each = np.array([weights.get(name, 0.0) for name in gram_names(corpus, grams)])
    return LinearModel(weights=weight_of_each, bias=0.0, **more)


def counted(corpus, matrix, grams):
    """One dictionary a review: gram -> count, where it is not 0."""
    names = gram_names(corpus, grams)
    return [{name: int(n) for name, n in zip(names, row, strict=True) if n} for row in matrix.toarray()]


@needs_scikit_learn
def test_words_and_pairs_of_training_are_counted(two_films):
    grams = learn_grams(two_films, np.array([0, 1]), 2)
    assert counted(two_films, count_grams(two_films, np.array([2, 0, 1]), grams), grams) == [
        {"bad": 1, "good": 1, "film": 1},
        {"good": 2, "film": 1, "cast": 1, "good film": 1, "film good": 1, "good cast": 1},
        {"film": 1, "bad": 1, "!": 1, "film bad": 1, "bad !": 1},
    ]
    assert "cast film" not in gram_names(two_films, grams)


@needs_scikit_learn
def test_log_count_ratio_is_that_worked_by_hand():
    from scipy.sparse import csr_matrix

    f = csr_matrix([[1.0, 1, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0]])
    labels = np.array([1, 1, 0, 0], np.int8)
    # p = 1 + (2, 1, 0) = (3, 2, 1), |p| = 6; q = 1 + (0, 2, 1) = (1, 3, 2), |q| = 6
    assert counting.log_count_ratio(f, labels, 1.0) == pytest.approx(np.log([3, 2 / 3, 1 / 2]))
    # p = (2.5, 1.5, 0.5), |p| = 4.5; q = (0.5, 2.5, 1.5), |q| = 4.5
    assert counting.log_count_ratio(f, labels, 0.5) == pytest.approx(np.log([5, 3 / 5, 1 / 3]))


@needs_scikit_learn
def test_nb_svm_is_the_papers_mixture(two_films):
    from sklearn.svm import LinearSVC

    grams = learn_grams(two_films, np.array([0, 1]), 2)
    counts, labels = count_grams(two_films, np.array([0, 1]), grams), np.array([1, 0], np.int8)
    f, r = counting.present(counts).toarray(), counting.log_count_ratio(counting.present(counts), labels, 1.0)
    svm = LinearSVC(C=0.5, dual=True, tol=1e-6, max_iter=100_000, random_state=0).fit(f * r, labels)
    model = counting.fit_nb_svm(counts, labels, 0, alpha=1.0, C=0.5)
    mixed = 0.75 * np.abs(svm.coef_[0]).mean() + 0.25 * svm.coef_[0]
    assert model.weights == pytest.approx(r * mixed, abs=5e-3)
    assert model.bias == pytest.approx(0.25 * svm.intercept_[0], abs=5e-3)  # as many of each label
    assert model.accuracy(counts, labels) == 1


@needs_scikit_learn
def test_presence_counts_a_word_once(two_films):
    grams = learn_grams(two_films, np.array([0, 1]), 1)
    counts = count_grams(two_films, np.array([0, 1, 2]), grams)
    labels = np.array([1, 0, 1], np.int8)
    for presence in (False, True):
        model = word_counter(two_films, grams, {"good": 1.0, "film": -1.5}, presence=presence)
        assert model.accuracy(counts[:1], labels[:1]) == (not presence)
    assert counting.fit_majority(counts, labels, 0).accuracy(counts, labels) == pytest.approx(2 / 3)


@needs_scikit_learn
def test_texts_of_others_are_counted(two_films):
    grams = learn_grams(two_films, np.array([0, 1]), 2)
    texts = ["A good, good film", "good new film", "unseen good film", "bad", ""]
    assert counted(two_films, count_in_texts(two_films, texts, grams), grams) == [
        {"good": 2, "film": 1, "good film": 1},  # "good good" is no pair of the reviews
        {"good": 1, "film": 1},
        {"good": 1, "film": 1, "good film": 1},
        {"bad": 1},
        {},
    ]
    as_text = count_in_texts(two_films, [two_films.text(index) for index in range(3)], grams)
    assert (as_text != count_grams(two_films, np.arange(3), grams)).nnz == 0


MADE = (
    Pair("plain", "Good film", "Bad film"),
    Pair("but", "Bad but good", "Good but bad"),
    Pair("negation", "Good cast", "Not good"),
)
"""The words "not" and "but" stand in no review."""


@pytest.fixture
def made_probes(monkeypatch):
    monkeypatch.setattr(probing, "pairs", lambda half: MADE)
    monkeypatch.setattr(probing, "texts_without_opinion", lambda half: ("Cast.", "Good!", "Unseen"))


def right(shares):
    return (shares.pairs, shares.sentences_right, shares.pairs_right)


@needs_scikit_learn
def test_made_probes_are_right_as_counted_by_hand(two_films, made_probes):
    grams = learn_grams(two_films, np.array([0, 1]), 1)
    model = word_counter(two_films, grams, {"good": 2.0, "bad": -1.0}, gives_probability=True)
    found = measurement.probe_baseline(model, two_films, grams, "development")
    # Values: 2, -1; 1, 1; 2, 2.
    assert right(found.all) == (3, 4 / 6, 1 / 3)
    assert right(found.phenomena["plain"]) == (1, 1, 1)
    assert right(found.phenomena["but"]) == right(found.phenomena["negation"]) == (1, 1 / 2, 0)
    assert right(found.same_words) == (1, 1 / 2, 0)
    # Probabilities of the texts without an opinion: 1/2, 1 / (1 + e^-2), 1/2.
    assert 1 / (1 + math.exp(-2)) > 0.7
    assert found.undecided == 2 / 3


@needs_scikit_learn
def test_a_model_without_probabilities_says_its_sign(two_films, made_probes):
    grams = learn_grams(two_films, np.array([0, 1]), 2)
    model = word_counter(two_films, grams, {"good": 0.01, "bad": -0.01, "good film": -1.0})
    found = measurement.probe_baseline(model, two_films, grams, "development")
    # Values: -0.99, -0.01; 0, 0; 0.01, 0.01. What is not above 0 is negative, as of a review.
    assert right(found.all) == (3, 3 / 6, 0)
    assert found.undecided is None


@needs_scikit_learn
def test_counting_solves_what_one_word_decides(tiny_corpus):
    """The majority does not, and has one sentence of each pair right; what was measured is kept."""
    steps = measure_baselines(tiny_corpus, SEEDS, HALVES)
    measured = [step for step in steps if isinstance(step, Measured)]
    named = [(one.method.name, one.score.seed) for one in measured]
    assert named == [(method.name, seed) for seed in SEEDS for method in METHODS]
    for one in measured:
        assert one.score.test_accuracy == (0.5 if one.method.name == "majority" else 1)
    assert set(measured[0].score.probes) == set(HALVES)
    for found in measured[0].score.probes.values():
        assert {right(one)[1:] for one in found.phenomena.values()} == {(0.5, 0)}

    kept = measurement.keep_baselines("verdict", tiny_corpus, measured)
    assert kept["reviews"] == {"training": 54, "validation": 6, "test": 20}
    assert kept["command"] == "python -m rnn_core baselines --data verdict"
    read = read_baselines("verdict")
    assert [one.name for one in read] == ["majority", "bag-of-words", "nb-svm"]
    assert all([score.seed for score in one.scores] == list(SEEDS) for one in read)


@needs_scikit_learn
def test_settings_are_chosen_on_validation_alone(make_corpus):
    """Whatever the test reviews are; of several that do best the first."""
    reviews = [(f"{'good' if n % 2 else 'bad'} film {n % 7}", n % 14 > 6, "training") for n in range(70)]
    found = []
    for test in (("good film 6", True), ("good film 6", False), ("an unheard of masterpiece", True)):
        steps = list(measure_baselines(make_corpus([*reviews, (*test, "test")]), seeds=(0,)))
        found.append([step.score for step in steps if isinstance(step, Measured)])
        for method, score in zip(METHODS, found[-1], strict=True):
            trials = [step for step in steps if isinstance(step, Trial) and step.method is method]
            best = max(trials, key=lambda trial: trial.validation_accuracy)
            assert [trial.settings for trial in trials] == list(method.grid)
            assert (score.settings, score.validation_accuracy) == (best.settings, best.validation_accuracy)
    right, wrong, unheard = ([(one.settings, one.features) for one in of] for of in found)
    assert right == wrong == unheard
    assert all(one.test_accuracy == 1 - other.test_accuracy for one, other in zip(*found[:2], strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_run_of_that_seed_holds_out_the_same(tiny_corpus, seed):
    config = recommended_config("verdict").with_settings(seed=seed, hidden_size=2)
    run = Trainer(config, tiny_corpus)
    splits = split_reviews(tiny_corpus, len(tiny_corpus), seed)
    for part in SPLITS:
        assert np.array_equal(getattr(run, part).indices, getattr(splits, part))


def shares(right):
    one = RightShares(pairs=4, sentences_right=right, pairs_right=right / 2)
    return ProbeShares(all=one, phenomena={"plain": one}, same_words=one, undecided=right)


def test_baselines_are_read_as_they_were_written():
    """Probes too; all is the mean over the seeds."""
    assert read_baselines("imdb") == ()
    [plain] = BASELINES
    asked = tuple(
        replace(score, probes={"development": shares(0.25 + score.seed / 2)}) for score in plain.scores
    )
    written = write_baselines("imdb", {"what": "Baselines."}, [replace(plain, scores=asked)])
    assert json.loads(corpus_named("imdb").baselines_file.read_text()) == written
    [read] = read_baselines("imdb")
    assert read.scores == asked
    assert (read.test_accuracy, read.validation_accuracy) == pytest.approx((0.81, 0.91))
    assert read.probes("development") == shares(0.5)
    assert read.probes("reported") is None


def test_files_of_before_are_read():
    """From before there were probes, and from when baselines were called bars, until there is another."""
    content = write_baselines("verdict", {"reviews": {"training": 8}}, BASELINES)
    for score in content["baselines"][0]["seeds"]:
        del score["probes"]
    kept = corpus_named("verdict").baselines_file
    kept.with_name("bars-verdict.json").write_text(json.dumps({**content, "bars": content["baselines"]}))
    kept.unlink()
    assert read_baselines("verdict") == BASELINES
    assert scores.reviews_of_baselines("verdict") == {"training": 8}
    write_baselines("verdict", {}, [replace(BASELINES[0], title="Another")])
    assert read_baselines("verdict")[0].title == "Another"


def spoilt(*without, **values):
    """The JSON of a file without these of the first baseline, and with other values of its second score."""
    content = write_baselines("verdict", {}, BASELINES)
    for name in without:
        del content["baselines"][0][name]
    if values:
        content["baselines"][0]["seeds"][1].update(values)
    return json.dumps(content)


def read_damaged(content):
    """Reads a file with this content, which says where it is and what to do."""

    def read():
        path = corpus_named("verdict").baselines_file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else content())
        read_baselines("verdict")

    return read


def write_into_a_file():
    folder = corpus_named("imdb").baselines_file.parent
    folder.parent.mkdir(parents=True)
    folder.write_text("in the way")
    write_baselines("imdb", {}, BASELINES)


NO_SEED = '{"baselines": [{"name": "a", "title": "A", "seeds": []}]}'
DAMAGED = {
    "cut off": (lambda: spoilt()[:99], "can't be read"),
    "a list": ("[]", "can't be read"),
    "deep within": ('{"baselines": ' + "[" * 100_000, "baselines[0]: it must be an object"),
    "nothing": ("{}", "it must have baselines"),
    "no title": (lambda: spoilt("title"), "it must have title"),
    "percent": (lambda: spoilt(test_accuracy=91.2), "test_accuracy: it must be a number <= 1.0, got 91.2"),
    "no number": (lambda: spoilt(test_accuracy=float("nan")), "it must be a number, got null"),
    "no seed": (NO_SEED, "must be a list of length >= 1, got []"),
}
WHERE = ("baselines-verdict.json in artifacts/results", "python -m rnn_core baselines --data verdict")
test_a_damaged_file_says_what_to_do = refusals(
    BaselineError,
    {
        **{name: (read_damaged(content), (said, *WHERE)) for name, (content, said) in DAMAGED.items()},
        "no folder": (write_into_a_file, "could not be written"),
    },
)


@pytest.mark.parametrize("data", [name for name in shipped_names() if corpus_named(name).is_published])
def test_baselines_come_with_the_project(data, monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    majority, bag_of_words, nb_svm = read_baselines(data)
    assert majority.test_accuracy == 0.5 < bag_of_words.test_accuracy < nb_svm.test_accuracy
    for one in (majority, bag_of_words, nb_svm):
        assert [score.seed for score in one.scores] == list(SEEDS)


def test_no_bag_of_words_tells_the_same_words_apart(monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    for name in SETS:
        majority, bag_of_words, nb_svm = [one.probes(name) for one in read_baselines("imdb")]
        assert majority.same_words.pairs_right == bag_of_words.same_words.pairs_right == 0
        assert majority.undecided is None
        assert nb_svm.undecided is None
        assert (bag_of_words.undecided is None) == (not probing.texts_without_opinion(name))
        assert set(bag_of_words.phenomena) == set(phenomena_of(name))
        assert bag_of_words.all.pairs == len(pairs(name))
        assert 0 < bag_of_words.same_words.pairs < bag_of_words.all.pairs


def test_the_questions_say_what_the_file_has(monkeypatch):
    monkeypatch.delenv("GATESCOPE_ARTIFACTS")
    nb_svm = read_baselines("imdb")[-1]
    said = " ".join(QUESTIONS.read_text(encoding="utf-8").split())
    of = {REPORTED: "reported half right", STRICT: "its strict part", THIRD: "the third set"}
    for name, words in of.items():
        share = f"{nb_svm.probes(name).all.pairs_right:.0%}".replace("%", " %")
        assert re.search(f"{share} of (the )?{words}", said), name


@pytest.fixture
def baselines(tiny_corpus, monkeypatch):
    """Runs the command on a tiny corpus."""
    command = import_module("rnn_core.cli.baselines")
    monkeypatch.setattr(command, "prepare", lambda data: iter(()))
    monkeypatch.setattr(command, "load_corpus", lambda data: tiny_corpus)
    return lambda *words: CliRunner().invoke(main, ["baselines", *words])


@needs_scikit_learn
def test_the_command_says_how_it_goes_to_machines(baselines):
    done = baselines("--data", "verdict", "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert said == json.loads(corpus_named("verdict").baselines_file.read_text())
    assert not any(seed["probes"] for one in said["baselines"] for seed in one["seeds"])
    assert "Bag of words, seed 1: 100.00% of the test reviews, scored once" in done.stderr
    assert "NB-SVM on bigrams, seed 0, alpha 0.3, C 0.01: " in done.stderr


@needs_scikit_learn
def test_the_command_says_what_is_right_of_each_set(baselines):
    """The probes are asked on IMDB."""
    said = baselines().stdout
    assert "Bag of words: 100.00%" in said
    for name in SETS:
        assert said.count(f"probes, {name}: sentences right") == len(METHODS)
    assert "probes, development: sentences right 50.0%, pairs right 0.0%" in said


@needs_scikit_learn
def test_composed_sentences_may_be_counted_too(baselines, monkeypatch):
    """They outnumber the reviews and say the opposite here, and what is found is not kept."""
    opposite = ("good", "bad") * 500, np.tile([0, 1], 500).astype(np.int8)
    monkeypatch.setattr(measurement, "composed_sentences", lambda count, seed, epoch: opposite)
    done = baselines("--composed", "1000", "--json")
    assert done.exit_code == 0, done.stderr
    scores = [score for method in json.loads(done.stdout)[1:] for score in method["scores"]]
    assert max(score["test_accuracy"] for score in scores) < 1  # of the reviews alone all are right
    assert all({*score["probes"]} == {*SETS} for score in scores)
    assert not corpus_named("imdb").baselines_file.exists()


def test_the_command_was_called_bars():
    answer = CliRunner().invoke(main, ["bars", "--data", "verdict"])
    assert answer.exit_code == 2
    assert "bars is called baselines now: python -m rnn_core baselines" in answer.stderr


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(BaselineError):
        counting.need_scikit_learn()
    answer = CliRunner().invoke(main, ["baselines", "--data", "verdict"])
    assert answer.exit_code == 1
    assert "python -m pip install -r requirements-baselines.txt" in answer.stderr


def test_scikit_learn_is_imported_only_to_count():
    code = "import sys, rnn_core.cli; sys.exit(bool({'sklearn', 'scipy'} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", code], check=True)
