"""One run of a sweep: what it is asked besides the reviews, and of which weights."""

import pickle

import pytest

from rnn_core.config.run import RunConfig
from rnn_core.data.probes.pairs import pairs
from rnn_core.models.folder import save_model
from rnn_core.models.model import Model
from rnn_core.models.probing import probe
from rnn_core.sweeps.work import train_here
from rnn_core.training.trainer import Trainer

SETTINGS = {"hidden_size": 8, "embedding_size": 4, "vocab_size": 30, "max_length": 20, "batch_size": 8}


def config(**settings):
    usual = RunConfig().with_settings(**SETTINGS, epochs=3, learning_rate=0.05, threads=1)
    return usual.with_settings(**settings)


@pytest.fixture
def probes_as_reviews(make_corpus):
    """The sentences of the development half, so that something of it is learned; each sixth tests."""
    half = pairs("development")
    sentences = [one for pair in half for one in ((pair.positive, True), (pair.negative, False))]
    splits = ["test" if number % 6 == 0 else "training" for number in range(len(sentences))]
    return make_corpus([(*one, split) for one, split in zip(sentences, splits, strict=True)])


def test_a_run_on_imdb_answers_the_development_half_of_the_probes_with_the_weights_that_are_kept(
    probes_as_reviews, tmp_path
):
    averaged = config(vocab_size=1_000, batch_size=32, weight_averaging=0.9, keep="last")
    trained = train_here(averaged, probes_as_reviews)
    trainer = Trainer(averaged, probes_as_reviews)
    list(trainer)

    def answered_with(weights, half="development"):
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        save_model(folder, averaged, trainer.vocabulary, weights)
        return probe(Model.load(folder), half).shares().all

    assert trained.probes == answered_with(trainer.weights())
    assert trained.probes != answered_with(trainer.classifier.state_dict())
    assert trained.probes != answered_with(trainer.weights(), "reported")


def test_a_run_on_generated_reviews_or_one_that_diverged_answers_no_probe(tiny_corpus):
    generated = RunConfig(data="verdict").with_settings(**SETTINGS)
    assert train_here(generated, tiny_corpus).probes is None
    wild = {"optimizer": "sgd", "schedule": "constant", "learning_rate": 100.0, "clip_norm": 0.0}
    diverging = config(cell="elman", weight_decay=10.0, epochs=30, **wild)
    trained = train_here(diverging, tiny_corpus)
    assert (trained.outcome, trained.probes) == ("diverged", None)


def test_what_another_process_trained_comes_back_with_its_probes(tiny_corpus):
    trained = train_here(config(epochs=1), tiny_corpus)
    assert pickle.loads(pickle.dumps(trained)).probes == trained.probes is not None
