"""One run of a sweep: what it is asked, of which weights; and on what is the user's own."""

import json

import numpy as np
import pandas as pd
import pytest

from rnn_core.baselines.ngram_scores import ngrams_of
from rnn_core.config.corpora import corpus_named
from rnn_core.config.run import RunConfig
from rnn_core.data.encoding import encode_to_predict
from rnn_core.data.own.catalogue import own_names
from rnn_core.data.probes.pairs import pairs
from rnn_core.data.sources import bare_config, load_corpus
from rnn_core.errors import DataError, SweepError
from rnn_core.inspection.memory import MEMORIES, positions_to_ask
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.models.probing import RightShares, probe
from rnn_core.paths import own_cells_folder
from rnn_core.runs import process
from rnn_core.runs.at_work import sweep_folder
from rnn_core.runs.run import FINISHED
from rnn_core.runs.store import Store
from rnn_core.sweeps import work
from rnn_core.sweeps.cluster import without_texts
from rnn_core.sweeps.engine import run_sweep
from rnn_core.sweeps.findings import finding_of
from rnn_core.sweeps.own_corpus import remove_corpus
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep, parse_factor
from rnn_core.sweeps.work import train_here
from rnn_core.tasks.class_scores import balanced_accuracy, macro_f1
from rnn_core.text.vocabulary import UNK_ID
from rnn_core.training.trainer import Trainer
from tests.baselines.test_ngram_scores import letters
from tests.cell_files.sources import PLAIN, checked, write
from tests.own import QUICK, make_own

SETTINGS = {"hidden_size": 8, "embedding_size": 4, "vocab_size": 30, "max_length": 20, "batch_size": 8}


def config(**settings):
    usual = RunConfig().with_settings(**SETTINGS, epochs=3, learning_rate=0.05, threads=1)
    return usual.with_settings(**settings)


def probes_of(trained):
    """The shares of the probes that a run has right; None where it was not asked."""
    result = trained.result
    if result.pairs_right is None:
        return None
    shares = {"sentences_right": result.sentences_right, "pairs_right": result.pairs_right}
    return RightShares(pairs=len(pairs("development")), **shares)


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

    probes = probes_of(train_here(averaged, reviews))
    assert probes == answered_with(trainer.weights())
    assert probes != answered_with(trainer.classifier.state_dict())
    assert probes != answered_with(trainer.weights(), "reported")


def test_the_seconds_of_an_epoch_are_kept(tiny_corpus):
    two = RunConfig(data="verdict").with_settings(**SETTINGS, epochs=2)
    result = train_here(two, tiny_corpus).result
    assert result.seconds_per_epoch == pytest.approx(result.seconds / 2, abs=0.01)


def test_on_generated_reviews_no_probe_is_answered(tiny_corpus):
    """Nor by a run that diverged."""
    generated = RunConfig(data="verdict").with_settings(**SETTINGS)
    assert probes_of(train_here(generated, tiny_corpus)) is None
    wild = {"optimizer": "sgd", "schedule": "constant", "learning_rate": 100.0, "clip_norm": 0.0}
    trained = train_here(config(cell="elman", weight_decay=10.0, epochs=30, **wild), tiny_corpus)
    assert (trained.result.outcome, probes_of(trained)) == ("diverged", None)


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
    best = "The highest share right of the test texts of tickets is 75.0% (Cell GRU)"
    assert finding_of(sweep, table).lead.startswith(best)


@pytest.mark.slow
def test_a_cluster_needs_the_encoded_texts_alone(sweep):
    sent = without_texts(load_corpus("tickets"))
    assert (sent.table, sent.classes, sent.tokens) == (None, CLASSES, sweep.base.tokens)
    assert len(train_here(next(sweep.points()).config, sent).scores["confusion"]) == 3


def sweep_of(*cells):
    return Sweep(name="mine", base=QUICK, cases=[{"cell": cell} for cell in cells])


@pytest.mark.usefixtures("with_corpus")
def test_an_own_cell_is_trained_beside_others():
    """It trains as it was checked, whatever becomes of its file while the sweep waits."""
    text = checked("leaky").cell.text
    _, cells = parse_factor("cell=gru,leaky")
    assert cells == ["gru", text]
    sweep, store = sweep_of(*cells), Store()
    steps = run_sweep(sweep, store)
    next(steps)
    (own_cells_folder() / "leaky.py").unlink()
    [last] = steps
    assert last.result.case["cell"] == text
    kept = store.runs.get(last.result.run)
    assert (kept.state, kept.name[:24]) == (FINISHED, "mine, seed 0: Cell leaky")
    assert (store.folder(kept.id) / "cell.py").read_text() == PLAIN
    assert Sweep.from_dict(sweep.to_dict()) == sweep
    assert list(run_sweep(Results("mine").sweep(), store)) == []


def test_a_cluster_refuses_a_version_of_a_file():
    with pytest.raises(SweepError, match=r"is a version of a file .*: take the cell leaky as it was checked"):
        list(run_sweep(sweep_of(write("leaky").version), Store(), address="tcp://127.0.0.1:1"))
    assert not Results("mine").exists()


def test_exact_text_is_asked_by_what_is_seen(own_folders, monkeypatch):
    """Bits of the counts are those after each context; what is too short for the most is not asked.

    Of many test texts some are scored.
    """
    config, corpus = letters(repeat=8)
    config = config.with_settings(hidden_size=8, embedding_size=4, windows="carried", epochs=1)
    trained = train_here(config, corpus)
    texts, places = (trainer := Trainer(config, corpus)).test, positions_to_ask(trainer.test)
    ngrams = ngrams_of(config, corpus, trainer.vocabulary)
    contexts = ((texts.ids[place - k : place], texts.ids[place]) for k in (6,) for place in places)
    bits = [-np.log2(ngrams.probabilities(seen)[asked - UNK_ID]) for seen, asked in contexts]
    assert trained.result.bits_by_counting[6] == pytest.approx(np.mean(bits))
    assert len(trained.result.bits_by_memory) == len(MEMORIES)
    list(trainer)
    assert trained.scores == trainer.score_test().to_dict()
    monkeypatch.setattr(work, "_SCORED", len(texts.ids) // 5)
    some = encode_to_predict(corpus, texts.indices[::5], trainer.vocabulary, config.text)
    of_some = trainer.task.evaluate(trainer.kept(), some).to_dict()
    assert train_here(config, corpus).scores == of_some != trained.scores
    assert train_here(config, letters(repeat=2)[1]).result.bits_by_memory is None
