"""The benchmarks of sweeps and of sentences train on real corpora, and leave nothing behind."""

from pathlib import Path

import pytest

from benchmarks import sentences as benchmark
from benchmarks import sweep as of_sweeps
from benchmarks.sentences import last_sentence, measure_sentences, sentences_of
from benchmarks.sweep import measure_sweep
from rnn_core.config.corpora import corpus_named, offered_names, shipped_names
from rnn_core.data.corpus import Text, build_corpus
from rnn_core.data.own.make import add
from rnn_core.data.sources import load_corpus
from rnn_core.runs.store import Store
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.results import all_results
from rnn_core.tables.open import open_table
from tests.own import QUICK


@pytest.mark.slow
def test_a_sweep_is_measured_beside_its_own_run_and_two_workers_beside_one(with_corpus, monkeypatch):
    asked = []

    def here(sweep, store, workers):
        """All runs in this process: those of two are tested in tests/sweeps/test_engine.py."""
        asked.append((len(sweep), workers))
        return run_sweep(sweep, store)

    monkeypatch.setattr(of_sweeps, "run_sweep", here)
    measured = list(measure_sweep(QUICK))
    assert asked == [(1, 1), (2, 2)]
    assert [(one.unit, one.at_most) for one in measured] == [("s", None), ("%", 3.0), ("times", 1.15)]
    assert all(one.measured > 0 for one in measured)
    assert all_results() == []
    assert Store().runs.all() == []


@pytest.fixture
def reviews():
    """300 reviews in the place of IMDB's."""
    said = "Here is film {0}. In the end it is {1}, says viewer {0}."
    texts = [
        Text(said.format(n, ("bad", "good")[n % 2]), n % 2, "training" if n % 5 else "test")
        for n in range(300)
    ]
    for _ in build_corpus("imdb", texts, corpus_named("imdb").folder, len(texts)):
        pass
    return load_corpus("imdb")


@pytest.mark.parametrize(
    ("review", "sentence"),
    [
        ("One. It was far too long.", "It was far too long."),
        ("It was far too long!<br /><br />Avoid it.", "It was far too long!"),
        ("It was far too long. 3/10 ", "It was far too long."),
        ("Bad. Bad.", "Bad. Bad."),
    ],
)
def test_the_last_sentence_is_the_last_one_that_says_something(review, sentence):
    assert last_sentence(review) == sentence


def test_the_sentences_are_those_of_training_reviews_and_fewer_are_a_part_of_more(reviews):
    some, more = sentences_of(reviews, 20), sentences_of(reviews, 60)
    assert more[:20] == some
    assert [sentence.label for sentence in some].count("positive") == 10
    training = {last_sentence(reviews.text(row)) for row in reviews.indices("training")}
    assert {sentence.text for sentence in more} <= training


@pytest.mark.slow
def test_networks_and_nb_svm_are_scored_on_the_same_held_out_sentences(reviews, monkeypatch):
    def add_here(name, recipe):
        yield from add(name, open_table(Path(recipe.source)), recipe)

    monkeypatch.setattr(benchmark, "add_apart", add_here)
    monkeypatch.setattr(benchmark, "_HELD_OUT", 40)
    monkeypatch.setattr(benchmark, "_PROMISED", 100)
    measured = list(measure_sentences([60, 120], [0]))
    assert len(measured) == 2 * 2 * 3
    for counted, reached, ahead in zip(measured[::3], measured[1::3], measured[2::3], strict=True):
        assert ahead.measured == pytest.approx(counted.measured - reached.measured)
        assert counted.measured == 100  # one word decides
    assert [one.at_most for one in measured[2::3]] == [None, None, 1.0, 1.0]
    assert offered_names() == shipped_names()
