"""One run of a sweep: what it is asked besides the reviews, of which weights; here and apart."""

import os
from pathlib import Path

import pytest

import rnn_core.sweeps.engine as engine
from rnn_core.config.run import RunConfig
from rnn_core.data.probes.pairs import pairs
from rnn_core.errors import RunError
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.models.probing import probe
from rnn_core.runs import process
from rnn_core.runs.store import Store
from rnn_core.sweeps.apart import train_apart, train_in
from rnn_core.sweeps.engine import LostWorkError, run_sweep
from rnn_core.sweeps.results import Results
from rnn_core.sweeps.sweep import Sweep
from rnn_core.sweeps.work import train_here
from rnn_core.training.trainer import Trainer
from tests.own import QUICK

SETTINGS = {"hidden_size": 8, "embedding_size": 4, "vocab_size": 30, "max_length": 20, "batch_size": 8}


def config(**settings):
    usual = RunConfig().with_settings(**SETTINGS, epochs=3, learning_rate=0.05, threads=1)
    return usual.with_settings(**settings)


def test_a_run_on_imdb_answers_probes_with_kept_weights(make_corpus, tmp_path):
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
    for of in weights:
        assert {name: weight.tolist() for name, weight in of.items()} == {
            name: weight.tolist() for name, weight in weights[0].items()
        }
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
    monkeypatch.setattr(
        process, "start_beside", lambda command, log: began.append(Here(command, happens)) or began[-1]
    )
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
