"""Sweeps on a corpus of the user's own: its classes come along, rare classes count, findings name it."""

import json

import pandas as pd
import pytest

import rnn_core.sweeps.cluster as cluster
from rnn_core.config.corpora import corpus_named
from rnn_core.config.words import value_in_words
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.sources import bare_config, load_corpus
from rnn_core.errors import DataError
from rnn_core.runs import process
from rnn_core.runs.at_work import sweep_folder
from rnn_core.runs.store import Store
from rnn_core.sweeps.cluster import train_there, version, without_texts
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.findings.finding import finding_of
from rnn_core.sweeps.findings.sentences import Words
from rnn_core.sweeps.own_corpus import remove_corpus
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.tasks.class_scores import balanced_accuracy, macro_f1
from tests.own import make_own

CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture
def sweep():
    make_own("tickets", CLASSES, [40, 24, 24])
    base = bare_config("tickets", hidden_size=4, embedding_size=4, epochs=1, evaluations_per_epoch=1)
    return Sweep(name="on-tickets", base=base, cases=[{"cell": "elman"}, {"cell": "gru"}], seeds=[0])


def test_the_settings_that_are_kept_have_the_classes_of_the_corpus(sweep):
    assert sweep.base.classes == CLASSES
    assert {point.config.classes for point in sweep.points()} == {CLASSES}
    assert sweep.corpora == (corpus_named("tickets"),)
    assert Sweep.from_dict(json.loads(json.dumps(sweep.to_dict()))) == sweep


def test_the_corpus_of_a_sweep_at_work_is_not_removed_and_another_one_is(sweep):
    make_own("letters", CLASSES, [40, 24, 24])
    Results(sweep.name).begin(sweep)
    with process.hold(sweep_folder(sweep.name)):
        remove_corpus(Store(), "letters")
        with pytest.raises(DataError, match="the sweep on-tickets trains on it"):
            remove_corpus(Store(), "tickets")
    assert own_names() == ["tickets"]
    remove_corpus(Store(), "tickets")
    assert own_names() == []


@pytest.mark.slow
def test_a_run_has_the_scores_in_which_a_rare_class_counts_and_the_finding_names_the_corpus(sweep):
    store = Store()
    results = [ended.result for ended in run_sweep(sweep, store)]
    assert len(results) == 2
    for result in results:
        confusion = store.runs.get(result.run).scores["confusion"]
        assert result.balanced_accuracy == pytest.approx(balanced_accuracy(confusion))
        assert result.macro_f1 == pytest.approx(macro_f1(confusion))
        assert store.runs.get(result.run).config.classes == CLASSES
    table = Results("on-tickets").table()
    assert {"balanced_accuracy", "macro_f1"} <= set(table)
    assert "of the test texts of tickets" in finding_of(sweep, table, Words(str, value_in_words)).lead or (
        table["test_accuracy"].nunique() == 1
    )


def test_the_best_and_the_worst_are_shares_of_the_texts_of_the_corpus(sweep):
    table = pd.DataFrame(
        {"cell": ["elman", "gru"], "seed": [0, 0], "test_accuracy": [0.5, 0.75], "seconds_per_epoch": 1.0}
    )
    says = finding_of(sweep, table, Words(str, value_in_words)).lead
    assert says.startswith("The highest share right of the test texts of tickets is 75.0% (cell GRU)")


@pytest.mark.slow
def test_the_encoded_texts_of_the_corpus_are_all_that_a_cluster_needs(sweep, monkeypatch):
    sent = without_texts(load_corpus("tickets"))
    assert sent.table is None
    assert (sent.classes, sent.tokens) == (CLASSES, sweep.base.tokens)
    distributed = pytest.importorskip("dask.distributed", reason="needs Dask: requirements-cluster.txt")

    class Worker:
        class state:  # noqa: N801
            nthreads = 1

    monkeypatch.setattr(distributed, "get_worker", lambda: Worker)
    monkeypatch.setattr(cluster, "load_corpus", None)
    trained = train_there(next(sweep.points()).config, sent, version())
    assert len(trained.scores["confusion"]) == 3
