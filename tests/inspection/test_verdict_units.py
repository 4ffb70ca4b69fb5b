"""Units that know the verdict: states by a second way, a planted unit, regressions beside scikit-learn."""

import numpy as np
import pytest

from rnn_core.inspection import verdict_units
from rnn_core.models.model import Model
from rnn_core.progress import finish
from rnn_core.training.trainer import Trainer
from rnn_core.writing.writer import Writer
from tests.baselines.test_ngram_scores import letters


@pytest.fixture
def writes():
    """An untrained network that writes, and its corpus of texts of two classes."""
    config, corpus = letters()
    config = config.with_settings(max_length=16, hidden_size=6, embedding_size=4, learning_rate=0.02)
    trainer = Trainer(config, corpus)
    network = trainer.classifier.eval()
    return Model(config=config, vocabulary=trainer.vocabulary, classifier=network), corpus


def test_states_are_those_of_one_text_after_another(writes):
    model, corpus = writes
    last, mean = verdict_units.states_of(model, model.classifier, corpus, rows := np.array([3, 8, 40]))
    for number, row in enumerate(rows):
        h = Writer(model, corpus.text(row)).trace().arrays["h"]
        assert last[number] == pytest.approx(h[-1], abs=1e-6)
        assert mean[number] == pytest.approx(h.mean(axis=0), abs=1e-6)


@pytest.mark.parametrize("place", [0, 1])
def test_a_planted_unit_is_found_in_its_state(writes, monkeypatch, place):
    """All others, the other kind of state and the network before its training say nothing."""
    model, corpus = writes

    def planted(_model, network, corpus, rows):
        values = np.zeros((2, len(rows), 6))
        values[place, :, 4] = -corpus.labels[rows] * (network is model.classifier)
        return values

    monkeypatch.setattr(verdict_units, "states_of", planted)
    found = finish(verdict_units.read_verdict_units(model, corpus, 40))
    assert [(one.network, one.state) for one in found][place] == ("trained", verdict_units.STATES[place])
    assert (found[place].unit, found[place].one_unit, found[place].all_units) == (4, 1.0, 1.0)
    assert {one.one_unit for one in found if one is not found[place]} == {0.5}


def test_regressions_are_those_of_scikit_learn():
    linear = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(1)
    values = rng.normal(size=(200, 3))
    is_second, others = values[:, 0] + rng.normal(size=200) > 0, rng.normal(size=(500, 3))
    scaled = (others - values.mean(axis=0)) / values.std(axis=0)
    fits = verdict_units._fits(values, is_second)
    for penalty, answers in zip(verdict_units._PENALTIES, fits, strict=True):
        theirs = linear.LogisticRegression(C=1 / penalty, tol=1e-10)
        theirs.fit((values - values.mean(axis=0)) / values.std(axis=0), is_second)
        assert (answers(others)[:, 0] == theirs.predict(scaled)).all()
