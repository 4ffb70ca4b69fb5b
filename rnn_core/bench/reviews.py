"""Ours against torch's GRU on whole reviews: an epoch on a sample of IMDB, until an accuracy, a trace."""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
import torch
from torch import nn

from rnn_core.bench.compared import Case, Compared
from rnn_core.bench.reference import TorchClassifier, torch_module
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.run import RunConfig
from rnn_core.config.text_settings import TextConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batch_rows import mixed_rows, training_rows
from rnn_core.data.batches import Batch, make_batch
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_reviews, learn_vocabulary, split_reviews
from rnn_core.data.sources import load_corpus
from rnn_core.errors import BenchError, DataError
from rnn_core.inspection.trace import trace
from rnn_core.machine import alternate
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classes import cross_entropies
from rnn_core.text.vocabulary import SPECIAL_TOKENS, START_ID, Vocabulary
from rnn_core.training.learner import make_optimizer
from rnn_core.training.trainer import Trainer

REVIEWS = 1_536
MAX_LENGTH = 400
VOCAB_SIZE = 5_000

# Natural logarithm of the number of tokens of IMDB's training reviews: mean and standard deviation.
_LOG_LENGTH = (5.226, 0.641)


def sample_reviews() -> tuple[EncodedReviews, str]:
    """The reviews, and in words where they come from."""
    try:
        corpus = load_corpus("imdb")
    except DataError:
        rng = np.random.default_rng(0)
        lengths = np.exp(rng.normal(*_LOG_LENGTH, REVIEWS)).astype(np.int64).clip(1, MAX_LENGTH)
        reviews = EncodedReviews(
            ids=rng.integers(START_ID, VOCAB_SIZE, lengths.sum(), np.int32),
            offsets=np.concatenate([[0], lengths.cumsum()]),
            labels=rng.integers(0, 2, REVIEWS, np.int8),
            indices=np.arange(REVIEWS),
        )
        return reviews, "random words, lengths drawn as IMDB's are distributed"
    training = split_reviews(corpus, REVIEWS, seed=0).training
    vocabulary = learn_vocabulary(corpus, training, VOCAB_SIZE)
    config = TextConfig(vocab_size=VOCAB_SIZE, max_length=MAX_LENGTH)
    return encode_reviews(corpus, training, vocabulary, config), "IMDB training reviews"


_BATCH_SIZE = 64
_ROUNDS = 3
_MODEL = ModelConfig(cell="gru", reset="after")  # the GRU that torch has, too


def _epochs(_rounds: int) -> Mapping[str, float]:
    """Seconds need fewer rounds than milliseconds; packing takes so long that one must do."""
    reviews, _ = sample_reviews()

    def train_torch(padding: int | str, batches: Callable[[EncodedReviews], Iterator[Batch]]) -> None:
        _train(TorchClassifier(_MODEL, VOCAB_SIZE, padding=padding), batches(reviews))

    ours = {"ours": lambda: _train(Classifier(_MODEL, VOCAB_SIZE), _bucketed(reviews))}
    padded, bucketed = partial(train_torch, MAX_LENGTH, _random), partial(train_torch, "longest", _bucketed)
    *_, medians = alternate({**ours, "padded": padded, "bucketed": bucketed}, _ROUNDS, warm_up=False)
    *_, once = alternate({**ours, "packed": partial(train_torch, "none", _random)}, 1, warm_up=False)
    return {**medians, "ours once": once["ours"], "packed": once["packed"]}


def _bucketed(reviews: EncodedReviews) -> Iterator[Batch]:
    rows = training_rows(reviews.lengths(), _BATCH_SIZE, np.random.default_rng(0))
    return map(partial(make_batch, reviews), rows)


def _random(reviews: EncodedReviews) -> Iterator[Batch]:
    """Batches of whatever lengths come together, the longest review of each first."""
    rows = mixed_rows(reviews.lengths(), _BATCH_SIZE, np.random.default_rng(0))
    return map(partial(make_batch, reviews), rows)


def _train(classifier: Classifier, batches: Iterator[Batch]) -> None:
    optimizer = make_optimizer(TrainingConfig(), classifier.parameters())
    for batch in batches:
        loss = cross_entropies(classifier(batch.ids, batch.lengths), batch.labels).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(classifier.parameters(), 1.0)
        optimizer.step()


_ACCURACY = 0.87


def _learning(_rounds: int) -> Mapping[str, float]:
    """Time training and evaluation, the data loaded, to the first such validation accuracy on IMDB.

    Once each, since either takes minutes, with the same seed and settings; nothing where IMDB is not at hand.
    Raises BenchError where a training ends below that.
    """
    try:
        corpus = load_corpus("imdb")
    except DataError:
        return {}
    config = RunConfig().with_settings(cell="gru", reset="after", max_length=MAX_LENGTH)
    networks: dict[str, Callable[[ModelConfig, int, int], Classifier]] = {
        "ours": Classifier,
        "padded": partial(TorchClassifier, padding=MAX_LENGTH),
    }
    return {name: _milliseconds(config, corpus, network) for name, network in networks.items()}


def _milliseconds(
    config: RunConfig, corpus: Corpus, network: Callable[[ModelConfig, int, int], Classifier]
) -> float:
    trainer = Trainer(config, corpus, network, looks_inside=False)
    began = time.perf_counter()
    for record in trainer:
        if record.kind == "validation" and record.score >= _ACCURACY:
            return (time.perf_counter() - began) * 1e3
    reached = "no accuracy" if trainer.kept_score is None else f"{trainer.kept_score:.1%}"
    raise BenchError(f"The training of imdb-to-87 ended below {_ACCURACY:.0%}, at {reached}.")


TOKENS = 400


def reader(cell: str, **settings: str) -> tuple[Model, str]:
    """An untrained model, and a text of `TOKENS` words that it knows."""
    words = [f"word{number}" for number in range(TOKENS)]
    vocabulary = Vocabulary([*SPECIAL_TOKENS, *words])
    config = RunConfig().with_settings(
        cell=cell, **settings, max_length=TOKENS, start_token=False, vocab_size=len(vocabulary)
    )
    classifier = Classifier(config.model, len(vocabulary)).eval()
    return Model(config=config, vocabulary=vocabulary, classifier=classifier), " ".join(words)


def _reading(rounds: int) -> Mapping[str, float]:
    """Every gate, every state and the verdict after every token, from the text on."""
    model, text = reader("gru", reset="after")
    classifier = model.classifier
    module = torch_module(classifier.cell)
    ids = torch.tensor([model.vocabulary.encode(text.split())])  # (1, T)

    def hidden_states() -> None:
        with torch.inference_mode():
            module(classifier.embed(ids.T))

    *_, medians = alternate({"ours": lambda: trace(model, text), "torch": hidden_states}, rounds)
    return medians


def _where() -> str:
    """Say on what the epochs are measured."""
    return f": {REVIEWS:,} {sample_reviews()[1]}, at most {MAX_LENGTH} tokens"


_SAME = f"the same on nn.GRU padded to {MAX_LENGTH}: up to {_ACCURACY:.0%} of validation reviews"
_HIDDEN = f"nn.GRU giving only its hidden states of {TOKENS} tokens"
_EVERY = f"nn.GRU, every batch padded to {MAX_LENGTH}"
REVIEW_CASES = (
    Compared(_reading, [Case("read-400", _HIDDEN, "torch", 0.3, 1.0, "ours")]),
    Compared(
        _epochs,
        (
            Case("imdb-epoch-400", _EVERY, "padded", 2.5, 4.0, "ours"),
            Case("imdb-epoch-bucketed", "nn.GRU on length buckets", "bucketed", 1.5, 2.0, "ours"),
            Case("imdb-epoch-packed", "nn.GRU with pack_padded_sequence", "packed", 5.0, 15.0, "ours once"),
        ),
        _where,
    ),
    Compared(_learning, [Case("imdb-to-87", _SAME, "padded", 3.0, ours="ours")]),
)
