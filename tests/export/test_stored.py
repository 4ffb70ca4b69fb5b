"""Weights are stored as small as the probabilities allow, as is measured on texts at hand."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rnn_core.config.identity import Identity
from rnn_core.config.run import RunConfig, defaults_for
from rnn_core.config.tokens import TokenRules
from rnn_core.data.corpus import open_corpus
from rnn_core.data.sources import recommended_config
from rnn_core.errors import ExportError, OverflowedError
from rnn_core.export import stored
from rnn_core.export.stored import MOST_CHANGE, STORAGES, choose, store, to_int8
from rnn_core.inspection.trace import trace
from rnn_core.models.model import Model
from rnn_core.progress import Progress, finish
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import Vocabulary
from tests.export.made import with_random_weights
from tests.own import COLOURS, WORDS, make_own
from tests.refusals import refusals

FEW = 40
TOKENS = (*COLOURS, *WORDS)


@pytest.fixture(autouse=True)
def few_texts(monkeypatch):
    """They are read in three batches."""
    monkeypatch.setattr(stored, "TEXTS", FEW)
    monkeypatch.setattr(stored, "_MOST_AT_ONCE", 16)


def model_of(config=None, words=TOKENS, **settings):
    """An untrained network of 5 units."""
    config = (config or RunConfig(data="imdb")).with_settings(
        **{"hidden_size": 5, "embedding_size": 4, "max_length": 30, **settings}
    )
    return with_random_weights("made", config, Vocabulary([*task_of(config).specials, *words]))


def with_a_large_number(model, value):
    """The model with a number in each word's vector that no gate sees."""
    with torch.no_grad():
        model.classifier.embedding.weight[:, 0] = value
        model.classifier.cell.W[0] = 0
        model.classifier.head.weight.mul_(5)
    return model


def largest_change(model, rounded, texts):
    """The largest change of a probability of a model whose network is another one."""
    other = Model(config=model.config, vocabulary=model.vocabulary, classifier=rounded)
    return np.abs(model.probabilities(texts) - other.probabilities(texts)).max()


@pytest.mark.parametrize(
    ("value", "among", "storage"),
    [
        pytest.param(0.5, [*STORAGES], "int8", id="nothing speaks against 8 bits"),
        pytest.param(0.5, ["float16", "float32"], "float16", id="unless they are not among them"),
        pytest.param(1e3, [*STORAGES], "float16", id="beside a large number the others are lost in 8 bits"),
        pytest.param(1e5, [*STORAGES], "float32", id="what 16 bits can't hold stays in 32"),
    ],
)
def test_the_smallest_that_changes_nothing_is_taken(value, among, storage):
    model = with_a_large_number(model_of(), value)
    before = {name: weights.clone() for name, weights in model.classifier.state_dict().items()}
    found = finish(choose(model, among))
    assert found.name == storage
    assert found.change <= MOST_CHANGE
    assert found.tensors["embedding.weight"]["dtype"] == storage
    for name, weights in model.classifier.state_dict().items():
        assert torch.equal(weights, before[name])  # it keeps its own


def test_the_next_smaller_would_have_changed_more():
    model = with_a_large_number(model_of(), 1e3)
    rounded, _ = store(model.classifier, STORAGES["int8"])
    assert largest_change(model, rounded, [*TOKENS, " ".join(TOKENS)]) > MOST_CHANGE


def filled(weights, **settings):
    """A model whose weights of these names are all these numbers."""
    model = model_of(**settings)
    for name, value in weights.items():
        model.classifier.get_parameter(name).data.fill_(value)
    return model


test_a_network_is_refused = refusals(
    (ExportError, OverflowedError),
    {
        "no storage will do": (
            lambda: finish(choose(with_a_large_number(model_of(), 1e3), ("int8",))),
            "among int8 keeps the probabilities of 'made' within 0.005",
        ),
        "infinite": (lambda: finish(choose(filled({"cell.U": np.inf}))), ("some of cell.U of", "diverged")),
        "states without bounds": (
            lambda: finish(choose(filled({"cell.W": 1e38, "embedding.weight": 100}, cell="indrnn"))),
            "overflows on some of these texts",
        ),
    },
)


def test_the_change_is_measured_on_the_test_texts():
    make_own("made", ("letters", "parcels"), (100, 100))
    model = model_of(recommended_config("made"))
    found = finish(choose(model))
    assert f"(measured on {FEW} test texts of made)" in found.sentence
    corpus = open_corpus(model.config.corpus.folder)
    chosen = np.random.default_rng(0).permutation(corpus.indices("test"))[:FEW]
    by_hand = largest_change(model, found.classifier, [corpus.text(row) for row in chosen])
    assert by_hand > 0
    assert found.change == pytest.approx(by_hand, abs=1e-6)
    most = float(found.sentence.split("by more than ")[1].split(" ")[0])
    assert by_hand <= most <= by_hand + 1e-4


def test_without_its_corpus_texts_are_drawn():
    found = finish(choose(model_of()))
    assert "drawn from its vocabulary" in found.sentence
    assert "reviews of IMDB were not at hand when this was made" in found.sentence
    assert not Path(os.environ["GATESCOPE_CACHE"]).exists()


def test_too_few_test_texts_are_joined_by_drawn_ones():
    """A corpus of the same name with other texts is not read."""
    make_own("made", ("letters", "parcels"), (20, 20))
    config = recommended_config("made")
    joined = f"(measured on 10 test texts of made and {FEW - 10} texts drawn from its vocabulary)"
    assert joined in finish(choose(model_of(config))).sentence
    make_own("made", ("red", "green", "blue"), (20, 20, 20))
    assert f"(measured on {FEW} texts drawn" in finish(choose(model_of(config))).sentence


def test_of_a_language_every_time_step_counts():
    config = recommended_config("language-brackets")
    model = model_of(config, config.corpus.symbols)
    with torch.no_grad():
        model.classifier.head.weight.mul_(4)
    found = finish(choose(model))
    assert f"(measured on {FEW} strings of {config.corpus.phrase})" in found.sentence
    rounded = Model(config=model.config, vocabulary=model.vocabulary, classifier=found.classifier)
    draw = stored.Random(0)
    changes = [
        np.abs(trace(model, text).probabilities_of_classes - trace(rounded, text).probabilities_of_classes)
        for text in (config.corpus.language.draw(draw) for _ in range(FEW))
    ]
    assert found.change == pytest.approx(max(change.max() for change in changes), abs=1e-6)


def test_next_tokens_are_measured_on_drawn_texts():
    config = RunConfig.plain("own", Identity(("letters", "parcels"), TokenRules(), "made"))
    config = replace(config, task="next-token", **defaults_for("next-token"))
    found = finish(choose(model_of(config)))
    assert f"(measured on {FEW} texts drawn from its vocabulary" in found.sentence
    assert found.change <= MOST_CHANGE


def test_how_far_it_is_is_said_text_by_text():
    seen = [*choose(model_of())]
    assert seen == [
        Progress("Choosing texts to measure on", 0, FEW),
        *(Progress("Measuring what int8 changes", done, FEW) for done in (0, 16, 32)),
    ]


def test_a_large_network_reads_few_texts_at_once(monkeypatch):
    model = model_of(hidden_size=128)
    monkeypatch.setattr(stored, "_WORK_AT_ONCE", 30 * 128 * 3 * (128 + 4) * 8)
    batches = stored._batches(model, stored._texts(model)[0])
    assert max(len(batch.rows) for batch in batches) in (8, 9)
    assert sum(len(batch.rows) for batch in batches) == FEW


def test_whole_numbers_are_off_by_half_a_step_at_most():
    values = np.random.default_rng(0).normal(size=(50, 12)).astype(np.float32)
    values[3] = 0
    encoded = to_int8(values)
    steps = np.abs(values).max(axis=1, keepdims=True) / 127
    assert (np.abs(encoded.values - values) <= steps * 0.5001).all()
    assert encoded.values.dtype == np.float32


def test_one_hot_weights_of_words_are_a_table():
    """Weights of the layers above are none."""
    model = model_of(input="one-hot", layers=2, bidirectional=True)
    _, tensors = store(model.classifier, STORAGES["int8"])
    tables = {name for name, tensor in tensors.items() if tensor["dtype"] == "int8"}
    assert tables == {"cell.W", "backward_cell.W"}
