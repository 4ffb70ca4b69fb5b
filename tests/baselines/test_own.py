"""Baselines of a corpus of the user's own: of K classes, kept beside it, valid while it is the same."""

import os
import shutil
from importlib.util import find_spec

import numpy as np
import pytest

from rnn_core.baselines import measurement
from rnn_core.baselines.counting import OneAgainstRest, count_grams, fit_classes, learn_grams
from rnn_core.baselines.measurement import Measured, Trial, count_trials, own_splits
from rnn_core.baselines.scores import read_baselines, reviews_of_baselines
from rnn_core.config.corpora import corpus_named
from rnn_core.data.own.catalogue import open_own, own_folder, own_names, remove
from rnn_core.errors import BaselineError, DataError
from tests.data.own.made import added, table, two_classes
from tests.own import make_own

# Looked for and not imported, which takes seconds in each process of the tests.
pytestmark = pytest.mark.skipif(find_spec("sklearn") is None, reason="scikit-learn is not installed")
CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture
def tickets():
    make_own("tickets", CLASSES, [60, 40, 40])
    return open_own("tickets")


def counted(corpus, training, longest):
    return count_grams(corpus, training, learn_grams(corpus, training, longest)), corpus.labels[training]


def test_each_of_three_classes_is_held_against_others(tickets):
    counts, labels = counted(tickets, tickets.indices("training"), 1)
    for method in measurement.METHODS[1:]:
        model = fit_classes(method.fit, counts, labels, 3, 0, **method.grid[-1])
        assert isinstance(model, OneAgainstRest)
        for label, one in enumerate(model.models):
            alone = method.fit(counts, (labels == label).astype(np.int8), 0, **method.grid[-1])
            assert one.weights == pytest.approx(alone.weights)
        assert model.accuracy(counts, labels) == 1


def test_a_class_without_a_text_is_never_said(tickets):
    training = tickets.indices("training")[tickets.labels[tickets.indices("training")] < 2]
    counts, labels = counted(tickets, training, 1)
    model = fit_classes(measurement.fit_nb_svm, counts, labels, 3, 0, alpha=1.0, C=0.1)
    assert set(model.values(counts).argmax(axis=1)) <= {0, 1}


def test_they_are_kept_beside_the_corpus(tickets):
    steps = list(measurement.measure("tickets"))
    assert sum(isinstance(step, Trial) for step in steps) == count_trials()
    measured = {step.method.name: step.score for step in steps if isinstance(step, Measured)}
    kept = read_baselines("tickets")
    assert {one.name: one.scores[0] for one in kept} == measured
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
    assert open_own("tickets").mark == "another"
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
    progress = list(measurement.measuring("tickets"))
    assert (progress[0].done, progress[-1].done) == (0, count_trials())
    assert {one.total for one in progress} == {count_trials()}
    with pytest.raises(DataError, match="no corpus"):
        list(measurement.measuring("gone"))


def test_of_many_tokens_only_so_many_are_learned_from(tickets, monkeypatch):
    whole = own_splits(tickets)
    tokens = int(tickets.lengths()[whole.training].sum())
    monkeypatch.setattr(measurement, "_MOST_TOKENS", tokens // 2)
    half = own_splits(tickets)
    assert set(half.training) < set(whole.training)
    assert abs(int(tickets.lengths()[half.training].sum()) - tokens / 2) < tokens / 10
    assert np.array_equal(half.test, whole.test)
