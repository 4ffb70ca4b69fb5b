"""Untrained models to look into, and the words they know."""

from itertools import product

import numpy as np
import torch

from rnn_core.config.identity import CLASSES
from rnn_core.config.run import RunConfig
from rnn_core.inspection.verdicts import Verdicts
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.text.vocabulary import SPECIAL_TOKENS, Vocabulary

COUNTS = {"the": 5, "film": 4, "was": 3, "good": 2, "bad": 1}
WORDS = Vocabulary.from_counts(COUNTS, 10)
VARIANTS = {
    "elman": {"cell": "elman"},
    "gru-before": {"cell": "gru", "reset": "before"},
    "gru-after": {"cell": "gru", "reset": "after"},
    "lstm": {"cell": "lstm"},
}
UNIFORM = {"initialisation": "uniform", "forget_bias": 0.0}
"""Settings with which biases are drawn too, and no gate is made to remember."""
RECIPES = {
    "bigrams": {"bigrams": 60},
    "counted bigrams": {"counted_bigrams": 60},
    "all bigrams": {"bigrams": 60, "counted_bigrams": 40},
    "both directions": {"bidirectional": True},
    "both, one-hot": {"bidirectional": True, "input": "one-hot"},
    "two layers": {"layers": 2},
    "three layers, both directions": {"layers": 3, "bidirectional": True},
    "both, with bigrams": {"bidirectional": True, "bigrams": 60},
    "both, with counted bigrams": {"bidirectional": True, "counted_bigrams": 60},
}
"""Settings that change what the cells get, or how many there are."""


def make_model(*, seed, vocabulary=WORDS, name="made", classes=2, **settings):
    """Of 5 units, and 3 numbers a word, where the settings do not say otherwise."""
    config = RunConfig()
    if classes > 2:
        config = RunConfig(data="own", classes=tuple(f"c{number}" for number in range(classes)))
    config = config.with_settings(**{"hidden_size": 5, "embedding_size": 3, **settings})
    torch.manual_seed(seed)
    classifier = Classifier(config.model, len(vocabulary), classes).eval()
    words = torch.arange(len(SPECIAL_TOKENS), len(vocabulary))
    pairs = torch.cartesian_prod(words, words)  # as if those of the first words had been learned
    if config.model.bigrams:
        classifier.bigrams.know(pairs[: config.model.bigrams])
        torch.nn.init.normal_(classifier.bigrams.vectors.weight[1:])
    if config.model.counted_bigrams:
        known = pairs[: config.model.counted_bigrams]
        classifier.counted.know(known)
        classifier.counted.set_odds(torch.randn(len(known)), torch.zeros(0, len(known)))
    return Model(name=name, config=config, vocabulary=vocabulary, classifier=classifier)


def logit_of(probabilities):
    """The logit of each probability."""
    p = np.asarray(probabilities, np.float64)
    return np.log(p / (1 - p)).astype(np.float32)


def of_two(probabilities, classes=CLASSES):
    """Verdicts with these probabilities (T,) of the second of two classes."""
    return Verdicts.of_two(logit_of(probabilities), classes)


def in_turn(*factors):
    """Each value of one factor with each of another; those of the other factors take turns."""
    rows, columns, *others = factors
    turns = list(product(*others))
    return [
        (row, column, *turns[(i + j) % len(turns)])
        for i, row in enumerate(rows)
        for j, column in enumerate(columns)
    ]
