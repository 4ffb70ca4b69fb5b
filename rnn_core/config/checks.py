"""Checks of several settings together, and of the corpus they are for; else ConfigError in words."""

import math
import re
from collections.abc import Sequence

from rnn_core.config.corpora import corpus_named, shipped_names
from rnn_core.config.identity import CORPUS_NAME, MOST_CLASSES, Identity, check_class_name
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.errors import ConfigError
from rnn_core.refusals import shown

_MOST_WORD_WEIGHTS = 25_000_000
_MOST_UPPER_WEIGHTS = 50_000_000
_MOST_CELL_WEIGHTS = 120_000_000
"""More than a cell of the catalogue can have."""


def check_corpus(data: object, identity: Identity) -> None:
    """Refuse a name that no corpus can have, and classes or tokens that this corpus can't have."""
    if not (isinstance(data, str) and re.fullmatch(CORPUS_NAME, data)):
        raise ConfigError(
            f"Data must be {', '.join(shipped_names())} or the name of a corpus, 1 to 50 letters, "
            f"digits, - and _, got {shown(data)}."
        )
    corpus = corpus_named(data)
    if corpus.data != data:
        raise ConfigError(f"Data must not be called like {corpus.data} in other letters, got {data}.")
    if corpus.identity is not None and identity != corpus.identity:
        raise ConfigError(
            f"The classes of {data} are {' and '.join(corpus.identity.classes)}, and its tokens "
            f"{corpus.identity.tokens.in_words}."
        )
    classes = identity.classes
    if corpus.identity is None and not 1 <= len(classes) <= MOST_CLASSES:
        raise wrong_number(classes)
    for name in classes:
        check_class_name(name)
    if len(set(classes)) < len(classes):
        raise ConfigError("Each class must have a name of its own.")


def wrong_number(classes: Sequence[str]) -> ConfigError:
    """The error for texts to classify with too few classes or too many, to be raised."""
    return ConfigError(f"There must be 2 to {MOST_CLASSES} classes, got {len(classes):,}.")


def check_together(data: str, K: int, text: TextConfig, model: ModelConfig, training: TrainingConfig) -> None:
    """Refuse settings that exclude one another, or this corpus with its K classes."""
    corpus, groups = corpus_named(data), (text, model, training)
    refused = corpus.refused()
    for group in groups:
        for name, declared in group.settings().items():
            if name in refused and (asked := getattr(group, name)):
                why = f"since {refused[name]}, got {asked:,}"
                raise ConfigError(f"{declared.label} must be 0 for {corpus.in_errors}, {why}.")
    teachers = training.teachers.split("+")
    if len(set(teachers)) < len(teachers):
        raise ConfigError(f"Each teacher must be named once, got {shown(training.teachers)}.")
    E = model.embedding_size
    for name, on in (("Label odds", model.label_odds), ("Counted bigrams", model.counted_bigrams)):
        if on and max(2, E) < K:
            raise ConfigError(
                f"{name} need an embedding size of at least the {K} classes, since each class takes one "
                f"number of a word's vector, got {E:,}."
            )
    for needing, asked, reason in (
        ("Bigrams need", model.bigrams, "they are added to it"),
        ("Counted bigrams need", model.counted_bigrams, "they are added to it"),
        ("Label odds need", model.label_odds, "they are written into it"),
        ("Adversarial perturbation needs", training.adversarial, "it pushes that"),
        ("A tied embedding needs", model.tied, "it is the head's weights, too"),
    ):
        if asked and model.input == "one-hot":
            raise ConfigError(f"{needing} an embedding as input, since {reason}.")
    if model.tied and model.hidden_size != E:
        raise ConfigError(
            "A tied embedding needs an embedding size that equals the hidden size, since its vectors are the "
            f"head's weights, got {E:,} and {model.hidden_size:,}."
        )
    _check_sizes(text, model)


def _check_sizes(text: TextConfig, model: ModelConfig) -> None:
    one_hot = model.input == "one-hot"
    width = model.hidden_size if one_hot else model.embedding_size
    for name, vectors, size in (
        ("Vocabulary size", text.vocab_size, "hidden" if one_hot else "embedding"),
        ("Bigrams", model.bigrams, "embedding"),
    ):
        if vectors * width > _MOST_WORD_WEIGHTS:
            raise ConfigError(
                f"{name} times {size} size must be at most {_MOST_WORD_WEIGHTS:,}, which is what a laptop "
                f"can hold while training, got {vectors:,} x {width:,}."
            )
    H, ways = model.hidden_size, 2 if model.bidirectional else 1
    lowest = _weights_of_cell(model, text.vocab_size if one_hot else model.embedding_size)
    if lowest > _MOST_CELL_WEIGHTS:
        raise ConfigError(
            f"A cell must have at most {_MOST_CELL_WEIGHTS:,} weights, which is what a laptop can hold while "
            f"training, got {lowest:,}. Choose fewer units, or equations with fewer matrices."
        )
    weights = (model.layers - 1) * ways * _weights_of_cell(model, ways * H)
    if weights > _MOST_UPPER_WEIGHTS:
        raise ConfigError(
            f"The layers above the lowest must have at most {_MOST_UPPER_WEIGHTS:,} weights together, "
            f"which is what a laptop can hold while training, got {weights:,}. Choose fewer layers or units."
        )


def _weights_of_cell(model: ModelConfig, input_size: int) -> int:
    """The numbers in the matrices of a cell that gets so many, as far as its equations are known."""
    source, H = model.declared.source, model.hidden_size
    matrices = (name for name, weight in source.weights.items() if weight.is_matrix)
    return sum(math.prod(source.shape(name, input_size, H)) for name in matrices)
