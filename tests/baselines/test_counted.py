"""Counting words: on reviews and on corpora of the user's own, of K classes; what is chosen, what the probes
get; baselines of an own corpus are kept beside it and valid while it is the same.
"""

import math
import os
import shutil

import numpy as np
import pytest

from rnn_core.baselines import counting, measurement
from rnn_core.baselines.counting import LinearModel, count_grams, count_in_texts, learn_grams
from rnn_core.baselines.measurement import METHODS, SEEDS, Measured, Trial, count_trials, measure_baselines
from rnn_core.baselines.scores import read_baselines, reviews_of_baselines
from rnn_core.baselines.ways import measuring
from rnn_core.config.corpora import corpus_named
from rnn_core.data.corpus import SPLITS
from rnn_core.data.encoding import split_reviews
from rnn_core.data.own.catalogue import OwnTexts, own_folder, own_names, remove
from rnn_core.data.probes.pairs import HALVES, Pair
from rnn_core.data.sources import recommended_config
from rnn_core.errors import BaselineError, DataError
from rnn_core.models import probing
from rnn_core.training.trainer import Trainer
from tests.data.own.made import added, table, two_classes
from tests.own import make_own


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


def test_words_and_pairs_of_training_are_counted(two_films):
    grams = learn_grams(two_films, np.array([0, 1]), 2)
    assert counted(two_films, count_grams(two_films, np.array([2, 0, 1]), grams), grams) == [
        {"bad": 1, "good": 1, "film": 1},
        {"good": 2, "film": 1, "cast": 1, "good film": 1, "film good": 1, "good cast": 1},
        {"film": 1, "bad": 1, "!": 1, "film bad": 1, "bad !": 1},
    ]
    assert "cast film" not in gram_names(two_films, grams)


def test_log_count_ratio_is_that_worked_by_hand():
    from scipy.sparse import csr_matrix  # which takes seconds

    f = csr_matrix([[1.0, 1, 0], [1, 0, 0], [0, 1, 1], [0, 1, 0]])
    labels = np.array([1, 1, 0, 0], np.int8)
    # p = 1 + (2, 1, 0) = (3, 2, 1), |p| = 6; q = 1 + (0, 2, 1) = (1, 3, 2), |q| = 6
    assert counting.log_count_ratio(f, labels, 1.0) == pytest.approx(np.log([3, 2 / 3, 1 / 2]))
    # p = (2.5, 1.5, 0.5), |p| = 4.5; q = (0.5, 2.5, 1.5), |q| = 4.5
    assert counting.log_count_ratio(f, labels, 0.5) == pytest.approx(np.log([5, 3 / 5, 1 / 3]))


def test_nb_svm_is_the_papers_mixture(two_films):
    from sklearn.svm import LinearSVC  # which takes seconds

    grams = learn_grams(two_films, np.array([0, 1]), 2)
    counts, labels = count_grams(two_films, np.array([0, 1]), grams), np.array([1, 0], np.int8)
    f, r = counting.present(counts).toarray(), counting.log_count_ratio(counting.present(counts), labels, 1.0)
    svm = LinearSVC(C=0.5, dual=True, tol=1e-6, max_iter=100_000, random_state=0).fit(f * r, labels)
    model = counting.fit_nb_svm(counts, labels, 0, alpha=1.0, C=0.5)
    mixed = 0.75 * np.abs(svm.coef_[0]).mean() + 0.25 * svm.coef_[0]
    assert model.weights == pytest.approx(r * mixed, abs=5e-3)
    assert model.bias == pytest.approx(0.25 * svm.intercept_[0], abs=5e-3)  # as many of each label
    assert model.accuracy(counts, labels) == 1


def test_presence_counts_a_word_once(two_films):
    grams = learn_grams(two_films, np.array([0, 1]), 1)
    counts = count_grams(two_films, np.array([0, 1, 2]), grams)
    labels = np.array([1, 0, 1], np.int8)
    for presence in (False, True):
        model = word_counter(two_films, grams, {"good": 1.0, "film": -1.5}, presence=presence)
        assert model.accuracy(counts[:1], labels[:1]) == (not presence)
    assert counting.fit_majority(counts, labels, 0).accuracy(counts, labels) == pytest.approx(2 / 3)


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


def test_a_model_without_probabilities_says_its_sign(two_films, made_probes):
    grams = learn_grams(two_films, np.array([0, 1]), 2)
    model = word_counter(two_films, grams, {"good": 0.01, "bad": -0.01, "good film": -1.0})
    found = measurement.probe_baseline(model, two_films, grams, "development")
    # Values: -0.99, -0.01; 0, 0; 0.01, 0.01. What is not above 0 is negative, as of a review.
    assert right(found.all) == (3, 3 / 6, 0)
    assert found.undecided is None


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
    assert all([score.seed for score in one.seeds] == list(SEEDS) for one in read)


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


def test_a_run_of_that_seed_holds_out_the_same(tiny_corpus):
    config = recommended_config("verdict").with_settings(seed=1, hidden_size=2)
    run = Trainer(config, tiny_corpus)
    splits = split_reviews(tiny_corpus, len(tiny_corpus), 1)
    for part in SPLITS:
        assert np.array_equal(getattr(run, part).indices, getattr(splits, part))


CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture
def tickets():
    make_own("tickets", CLASSES, [60, 40, 40])
    return OwnTexts("tickets").open()


def learned_from(corpus, training, longest):
    return count_grams(corpus, training, learn_grams(corpus, training, longest)), corpus.labels[training]


def test_each_of_three_classes_is_held_against_others(tickets):
    counts, labels = learned_from(tickets, tickets.indices("training"), 1)
    for method in measurement.METHODS[1:]:
        model = counting.fit_classes(method.fit, counts, labels, 3, 0, **method.grid[-1])
        assert isinstance(model, counting.OneAgainstRest)
        for label, one in enumerate(model.models):
            alone = method.fit(counts, (labels == label).astype(np.int8), 0, **method.grid[-1])
            assert one.weights == pytest.approx(alone.weights)
        assert model.accuracy(counts, labels) == 1


def test_a_class_without_a_text_is_never_said(tickets):
    training = tickets.indices("training")[tickets.labels[tickets.indices("training")] < 2]
    counts, labels = learned_from(tickets, training, 1)
    model = counting.fit_classes(counting.fit_nb_svm, counts, labels, 3, 0, alpha=1.0, C=0.1)
    assert set(model.values(counts).argmax(axis=1)) <= {0, 1}


def test_they_are_kept_beside_the_corpus(tickets):
    steps = list(measurement.measure("tickets"))
    assert sum(isinstance(step, Trial) for step in steps) == count_trials()
    measured = {step.method.name: step.score for step in steps if isinstance(step, Measured)}
    kept = read_baselines("tickets")
    assert {one.name: one.seeds[0] for one in kept} == measured
    assert measured["majority"].test_accuracy == pytest.approx(60 / 140, abs=0.01)
    assert measured["bag-of-words"].test_accuracy > 0.9
    assert measured["nb-svm"].test_accuracy > 0.9
    assert reviews_of_baselines("tickets")["test"] == len(tickets.indices("test"))
    assert corpus_named("tickets").baselines_file.parent == own_folder("tickets").parent
    assert own_names() == ["tickets"]


def test_those_of_a_corpus_made_again_are_worthless(tickets):
    list(measurement.measure("tickets"))
    for file in own_folder("tickets").iterdir():
        os.utime(file, ns=(1, 1))  # a copy of the folder is the same corpus
    assert read_baselines("tickets")
    about = own_folder("tickets") / "about.json"
    about.write_text(about.read_text().replace('"mark": ""', '"mark": "another"'))
    assert OwnTexts("tickets").open().mark == "another"
    assert read_baselines("tickets") == ()
    shutil.rmtree(own_folder("tickets"))
    assert read_baselines("tickets") == ()


def test_they_go_with_the_corpus(tickets, tmp_path):
    make_own("others", CLASSES, [20, 20, 20])
    make_own("letters", CLASSES, [20, 20, 20])
    for name in ("tickets", "others", "letters"):
        list(measurement.measure(name))
    remove("tickets")
    shutil.rmtree(own_folder("letters"))
    added(table(tmp_path, two_classes()), "letters")
    for name, are_there in (("tickets", False), ("others", True), ("letters", False)):
        assert corpus_named(name).baselines_file.exists() == are_there


def test_a_damaged_file_says_how_to_make_it_again(tickets):
    corpus_named("tickets").baselines_file.write_text("{")
    with pytest.raises(BaselineError, match=r"tickets\.baselines\.json in .*baselines --data tickets"):
        read_baselines("tickets")


def test_progress_counts_every_choice(tickets):
    progress = list(measuring("tickets", "words"))
    assert (progress[0].done, progress[-1].done) == (0, count_trials())
    assert {one.total for one in progress} == {count_trials()}
    with pytest.raises(DataError, match="no corpus"):
        list(measuring("gone", "words"))


def test_of_many_tokens_only_so_many_are_learned_from(tickets, monkeypatch):
    whole = measurement.splits_of(tickets)
    tokens = int(tickets.lengths()[whole.training].sum())
    monkeypatch.setattr(measurement, "_MOST_TOKENS", tokens // 2)
    half = measurement.splits_of(tickets)
    assert set(half.training) < set(whole.training)
    assert abs(int(tickets.lengths()[half.training].sum()) - tokens / 2) < tokens / 10
    assert np.array_equal(half.test, whole.test)
