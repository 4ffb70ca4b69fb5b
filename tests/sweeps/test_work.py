"""One run of a sweep, here and apart: what it is asked, of which weights; and on what is the user's own."""

import json
import os
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

import rnn_core.sweeps.engine as engine
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.config.words import value_in_words
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.probes.pairs import pairs
from rnn_core.data.sources import bare_config, load_corpus
from rnn_core.errors import DataError, RunError, SweepError
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.models.probing import probe
from rnn_core.own_cells.here import runs_own_code_here
from rnn_core.own_cells.process import close_all
from rnn_core.paths import own_cells_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import sweep_folder
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.sweeps.apart import train_apart, train_in
from rnn_core.sweeps.cluster import without_texts
from rnn_core.sweeps.engine import LostWorkError, run_sweep
from rnn_core.sweeps.findings.finding import finding_of
from rnn_core.sweeps.findings.sentences import Words
from rnn_core.sweeps.own_corpus import remove_corpus
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, parse_factor
from rnn_core.sweeps.work import train_here
from rnn_core.tasks.class_scores import balanced_accuracy, macro_f1
from rnn_core.training.trainer import Trainer
from tests.cell_files.sources import write
from tests.own import QUICK, make_own
from tests.own_cells.files import LEAKY, leaky_that
from tests.sweeps.processes import run_forked

SETTINGS = {"hidden_size": 8, "embedding_size": 4, "vocab_size": 30, "max_length": 20, "batch_size": 8}


def config(**settings):
    usual = RunConfig().with_settings(**SETTINGS, epochs=3, learning_rate=0.05, threads=1)
    return usual.with_settings(**settings)


def test_a_run_on_imdb_answers_with_kept_weights(make_corpus, tmp_path):
    """It answers the development half, of whose sentences it learns here; each sixth tests."""
    half = pairs("development")
    sentences = [one for pair in half for one in ((pair.positive, True), (pair.negative, False))]
    splits = ["test" if number % 6 == 0 else "training" for number in range(len(sentences))]
    reviews = make_corpus([(*one, split) for one, split in zip(sentences, splits, strict=True)])
    averaged = config(vocab_size=1_000, batch_size=32, weight_averaging=0.9, keep="last")
    trainer = Trainer(averaged, reviews)
    list(trainer)

    def answered_with(weights, half="development"):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        save_model(folder, averaged, trainer.vocabulary, weights)
        return probe(Model.load(folder), half).shares().all

    probes = train_here(averaged, reviews).probes
    assert probes == answered_with(trainer.weights())
    assert probes != answered_with(trainer.classifier.state_dict())
    assert probes != answered_with(trainer.weights(), "reported")


def test_on_generated_reviews_no_probe_is_answered(tiny_corpus):
    """Nor by a run that diverged."""
    generated = RunConfig(data="verdict").with_settings(**SETTINGS)
    assert train_here(generated, tiny_corpus).probes is None
    wild = {"optimizer": "sgd", "schedule": "constant", "learning_rate": 100.0, "clip_norm": 0.0}
    trained = train_here(config(cell="elman", weight_decay=10.0, epochs=30, **wild), tiny_corpus)
    assert (trained.outcome, trained.probes) == ("diverged", None)


@pytest.mark.slow
@pytest.mark.usefixtures("with_corpus")
def test_a_run_apart_is_the_same_to_the_bit():
    here, apart = train_here(QUICK)._asdict(), train_apart(QUICK)._asdict()
    weights, records = ([one.pop(part) for one in (here, apart)] for part in ("weights", "records"))
    first, second = ({name: weight.tolist() for name, weight in of.items()} for of in weights)
    assert first == second
    assert [record.loss for record in records[0]] == [record.loss for record in records[1]]
    for differing in ("made", "own_seconds"):
        assert None not in (here.pop(differing), apart.pop(differing))
    assert here == apart


class Here:
    """Stands in for the process of a run: it trains when it is waited for, unless something happens to it."""

    def __init__(self, command, happens):
        self.command, self.happens, self.is_killed = command, happens, False

    def kill(self):
        self.is_killed = True

    def wait(self):
        if not self.is_killed:
            self.happens(self)
        if not self.is_killed:
            train_in(Path(self.command[1]), os.getppid())
        return -9 if self.is_killed else 0


def act(monkeypatch, happens):
    """The list of the processes of runs, to each of which this happens."""
    began = []
    monkeypatch.setattr(process, "start_beside", lambda to, _: began.append(Here(to, happens)) or began[-1])
    monkeypatch.setattr(engine, "_trains", lambda config: train_apart)
    return began


def interrupt(_process):
    raise KeyboardInterrupt


def test_a_refusal_of_a_run_apart_is_said_in_its_words(monkeypatch):
    act(monkeypatch, lambda process: None)
    with pytest.raises(RunError, match="nobody"):
        train_apart(QUICK.with_settings(teachers="nobody"))


@pytest.mark.parametrize(
    ("happens", "error", "said", "begun"),
    [(Here.kill, LostWorkError, "killed 4 times", 4), (interrupt, KeyboardInterrupt, "^$", 1)],
    ids=["killed again and again", "interrupted"],
)
def test_nothing_of_a_run_apart_outlives_its_sweep(monkeypatch, happens, error, said, begun):
    began = act(monkeypatch, happens)
    with pytest.raises(error, match=said):
        list(run_sweep(Sweep(name="apart", base=QUICK, cases=[{"cell": "gru"}]), Store()))
    assert [process.is_killed for process in began] == [True] * begun
    assert Results("apart").all() == []


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
def test_a_run_has_scores_where_rare_classes_count(sweep):
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
    table = pd.DataFrame(accuracies).assign(seconds_per_epoch=1.0)
    best = "The highest share right of the test texts of tickets is 75.0% (cell GRU)"
    assert finding_of(sweep, table, Words(str, value_in_words)).lead.startswith(best)


@pytest.mark.slow
def test_a_cluster_needs_the_encoded_texts_alone(sweep):
    sent = without_texts(load_corpus("tickets"))
    assert (sent.table, sent.classes, sent.tokens) == (None, CLASSES, sweep.base.tokens)
    assert len(train_here(next(sweep.points()).config, sent).scores["confusion"]) == 3


def sweep_of(*cells):
    return Sweep(name="mine", base=QUICK, cases=[{"cell": cell} for cell in cells])


@pytest.fixture
def leaky(with_corpus):
    """The version of a cell of the user's own."""
    close_all()  # the processes that other tests kept warm know other folders
    return write("leaky", LEAKY).version


@pytest.mark.slow
def test_an_own_cell_is_trained_beside_others(leaky, monkeypatch):
    """No process of the sweep runs its code, and it stays when its file goes while the sweep waits."""
    from tests.runs.forked import Forked  # it imports all that a worker imports

    forked = partial(Forked, run_forked, has_children=True)
    monkeypatch.setattr(process, "start_beside", lambda command, log: forked(command, log=log))
    _, cells = parse_factor("cell=gru,leaky")
    assert cells == ["gru", leaky]
    sweep, store = sweep_of(*cells), Store()
    steps = run_sweep(sweep, store)
    next(steps)
    (own_cells_folder() / "leaky.py").unlink()
    [last] = steps
    assert last.result.case["cell"] == leaky
    assert not runs_own_code_here()
    kept = store.runs.get(last.result.run)
    assert (kept.state, kept.name[:24]) == (FINISHED, "mine, seed 0: Cell leaky")
    assert (store.folder(kept.id) / "cell.py").read_text() == LEAKY
    assert Sweep.from_dict(sweep.to_dict()) == sweep
    assert list(run_sweep(Results("mine").sweep(), store)) == []


@pytest.mark.usefixtures("with_corpus")
def test_what_an_own_cell_raises_ends_the_sweep(monkeypatch):
    act(monkeypatch, lambda process: None)
    broken = write("leaky", leaky_that("raise ValueError('no')").source).version
    with pytest.raises(RunError, match=r"^leaky\.py, line 15: ValueError: no"):
        list(run_sweep(sweep_of("gru", broken), Store()))
    assert len(Results("mine").all()) == 1


def test_a_cluster_refuses_an_own_cell(leaky):
    with pytest.raises(SweepError, match=r"leaky\.py is code of your own, which stays on this machine"):
        list(run_sweep(sweep_of(leaky), Store(), address="tcp://127.0.0.1:1"))
    assert not Results("mine").exists()
