"""Sweeps of the user's own: on a corpus, whose rare classes count, and of a cell, whose code runs apart."""

import json

import pandas as pd
import pytest

import rnn_core.sweeps.cluster as cluster
from rnn_core.config.corpora import corpus_named
from rnn_core.config.words import value_in_words
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.sources import bare_config, load_corpus
from rnn_core.errors import DataError, RunError, SweepError
from rnn_core.own_cells.here import runs_own_code_here
from rnn_core.own_cells.process import close_all
from rnn_core.paths import own_cells_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import sweep_folder
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.sweeps.cluster import train_there, version, without_texts
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.findings.finding import finding_of
from rnn_core.sweeps.findings.sentences import Words
from rnn_core.sweeps.own_corpus import remove_corpus
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, parse_factor
from rnn_core.tasks.class_scores import balanced_accuracy, macro_f1
from tests.cell_files.sources import write
from tests.own import QUICK, make_own
from tests.own_cells.files import LEAKY, leaky_that

CLASSES = ("printer", "invoice", "parcel")


@pytest.fixture
def sweep():
    make_own("tickets", CLASSES, [40, 24, 24])
    base = bare_config("tickets", hidden_size=4, embedding_size=4, epochs=1, evaluations_per_epoch=1)
    return Sweep(name="on-tickets", base=base, cases=[{"cell": "elman"}, {"cell": "gru"}], seeds=[0])


def test_a_sweep_keeps_the_classes_of_its_corpus(sweep):
    assert {sweep.base.classes, *(point.config.classes for point in sweep.points())} == {CLASSES}
    assert sweep.corpora == (corpus_named("tickets"),)
    assert Sweep.from_dict(json.loads(json.dumps(sweep.to_dict()))) == sweep


def test_the_corpus_of_a_sweep_at_work_is_not_removed(sweep):
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
def test_a_run_has_the_scores_in_which_a_rare_class_counts(sweep):
    store = Store()
    results = [ended.result for ended in run_sweep(sweep, store)]
    assert len(results) == 2
    for result in results:
        confusion = store.runs.get(result.run).scores["confusion"]
        assert result.balanced_accuracy == pytest.approx(balanced_accuracy(confusion))
        assert result.macro_f1 == pytest.approx(macro_f1(confusion))
        assert store.runs.get(result.run).config.classes == CLASSES
    assert {"balanced_accuracy", "macro_f1"} <= set(Results("on-tickets").table())


def test_a_finding_speaks_of_the_texts_of_the_corpus(sweep):
    accuracies = {"cell": ["elman", "gru"], "seed": [0, 0], "test_accuracy": [0.5, 0.75]}
    says = finding_of(
        sweep, pd.DataFrame(accuracies).assign(seconds_per_epoch=1.0), Words(str, value_in_words)
    ).lead
    assert says.startswith("The highest share right of the test texts of tickets is 75.0% (cell GRU)")


@pytest.mark.slow
def test_a_cluster_needs_the_encoded_texts_alone(sweep, monkeypatch):
    sent = without_texts(load_corpus("tickets"))
    assert (sent.table, sent.classes, sent.tokens) == (None, CLASSES, sweep.base.tokens)
    distributed = pytest.importorskip("dask.distributed", reason="needs Dask: requirements-cluster.txt")

    class Worker:
        class state:  # noqa: N801
            nthreads = 1

    monkeypatch.setattr(distributed, "get_worker", lambda: Worker)
    monkeypatch.setattr(cluster, "load_corpus", None)
    trained = train_there(next(sweep.points()).config, sent, version())
    assert len(trained.scores["confusion"]) == 3


def sweep_of(*cells):
    return Sweep(name="mine", base=QUICK, cases=[{"cell": cell} for cell in cells])


@pytest.fixture
def leaky(with_corpus):
    """The version of a cell of the user's own."""
    close_all()  # the processes that other tests kept warm know other folders
    return write("leaky", LEAKY).version


@pytest.mark.slow
def test_an_own_cell_is_trained_beside_others(leaky):
    """No process of the sweep runs its code, and it stays when its file goes while the sweep waits."""
    _, cells = parse_factor("cell=gru,leaky")
    assert cells == ["gru", leaky]
    sweep, store = sweep_of(*cells), Store()
    steps = run_sweep(sweep, store)
    next(steps)
    (own_cells_folder() / "leaky.py").unlink()
    [last] = steps
    assert last.result.case["cell"] == leaky
    assert not runs_own_code_here()
    run = store.runs.get(last.result.run)
    assert (run.state, run.name) == (FINISHED, f"mine, seed 0: Cell leaky, older ({leaky[6:10]})")
    assert (store.folder(run.id) / "cell.py").read_text() == LEAKY
    assert Sweep.from_dict(sweep.to_dict()) == sweep
    assert list(run_sweep(Results("mine").sweep(), store)) == []


@pytest.mark.slow
@pytest.mark.usefixtures("with_corpus")
def test_what_an_own_cell_raises_ends_the_sweep_in_words():
    broken = write("leaky", leaky_that("raise ValueError('no')").source).version
    with pytest.raises(RunError, match=r"^leaky\.py, line 15: ValueError: no"):
        list(run_sweep(sweep_of("gru", broken), Store()))
    assert len(Results("mine").all()) == 1


def test_a_cluster_refuses_an_own_cell(leaky):
    with pytest.raises(SweepError, match=r"leaky\.py is code of your own, which stays on this machine"):
        list(run_sweep(sweep_of(leaky), Store(), address="tcp://127.0.0.1:1"))
    assert not Results("mine").exists()
