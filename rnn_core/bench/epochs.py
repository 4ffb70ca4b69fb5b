"""An epoch of training on a sample of IMDB: ours against torch's GRU, in three manners of batching."""

from collections.abc import Iterator

import numpy as np
from torch import nn

from rnn_core.bench.reference import TorchClassifier
from rnn_core.bench.row import Row
from rnn_core.bench.sample import MAX_LENGTH, REVIEWS, VOCAB_SIZE, sample_reviews
from rnn_core.bench.timing import alternate
from rnn_core.config.model_settings import ModelConfig
from rnn_core.config.training_settings import TrainingConfig
from rnn_core.data.batches import Batch, make_batch, training_batches
from rnn_core.data.encoding import EncodedReviews
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classes import cross_entropies
from rnn_core.training.optimization import make_optimizer

_BATCH_SIZE = 64
_ROUNDS = 3
_MODEL = ModelConfig(cell="gru", reset="after")  # the GRU that torch has, too


def epochs(_rounds: int) -> Iterator[Row]:
    """Seconds need fewer rounds than milliseconds; packing takes so long that one must do."""
    reviews, source = sample_reviews()
    where = f"{REVIEWS:,} {source}, at most {MAX_LENGTH} tokens"

    def ours() -> None:
        _train(Classifier(_MODEL, VOCAB_SIZE), _bucketed(reviews))

    def padded() -> None:
        _train(TorchClassifier(_MODEL, VOCAB_SIZE, padding=MAX_LENGTH), _random(reviews))

    def bucketed() -> None:
        _train(TorchClassifier(_MODEL, VOCAB_SIZE, padding="longest"), _bucketed(reviews))

    def packed() -> None:
        _train(TorchClassifier(_MODEL, VOCAB_SIZE, padding="none"), _random(reviews))

    *_, medians = alternate({"ours": ours, "padded": padded, "bucketed": bucketed}, _ROUNDS, warm_up=False)
    *_, once = alternate({"ours": ours, "packed": packed}, 1, warm_up=False)
    yield Row(
        case="imdb-epoch-400", against=f"nn.GRU, every batch padded to {MAX_LENGTH}: {where}",
        ours_ms=medians["ours"], reference_ms=medians["padded"], at_least=2.5, goal=4.0,
    )  # fmt: skip
    yield Row(
        case="imdb-epoch-bucketed", against=f"nn.GRU on length buckets: {where}",
        ours_ms=medians["ours"], reference_ms=medians["bucketed"], at_least=1.5, goal=2.0,
    )  # fmt: skip
    yield Row(
        case="imdb-epoch-packed", against=f"nn.GRU with pack_padded_sequence: {where}",
        ours_ms=once["ours"], reference_ms=once["packed"], at_least=5.0, goal=15.0,
    )  # fmt: skip


def _bucketed(reviews: EncodedReviews) -> Iterator[Batch]:
    return training_batches(reviews, _BATCH_SIZE, np.random.default_rng(0))


def _random(reviews: EncodedReviews) -> Iterator[Batch]:
    """Batches of whatever lengths come together, the longest review of each first."""
    lengths = reviews.lengths()
    shuffled = np.random.default_rng(0).permutation(len(reviews))
    for rows in np.array_split(shuffled, range(_BATCH_SIZE, len(shuffled), _BATCH_SIZE)):
        yield make_batch(reviews, rows[np.argsort(-lengths[rows])])


def _train(classifier: Classifier, batches: Iterator[Batch]) -> None:
    optimizer = make_optimizer(TrainingConfig(), classifier.parameters())
    for batch in batches:
        loss = cross_entropies(classifier(batch.ids, batch.lengths), batch.labels).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(classifier.parameters(), 1.0)
        optimizer.step()
