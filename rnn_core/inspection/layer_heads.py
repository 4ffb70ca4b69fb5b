"""The verdict as lower layers know it: a head for each layer below the top one, fitted on training texts.

The head of a network reads the top layer alone. For each layer below, a logistic regression is fitted on what
is read of the layer's states at the end of a text: as the network reads its top layer, but for a readout with
weights, such as attention: these belong to the top layer, and in its place stands the mean.

    z (N, F)   what is read of N texts, standardised over them
    W, b       what minimises the mean cross-entropy of z W^T + b, and PENALTY / 2 |W|^2
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_reviews, split_reviews, stratified
from rnn_core.errors import DataError
from rnn_core.inspection.trace import Trace, prefixes, read_in_batches, window_inputs
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import Packing
from rnn_core.nn.readouts import Mean, Readout
from rnn_core.progress import Progress
from rnn_core.tasks.classes import compared, log_odds_of, predicted_by

FITTED_ON, SCORED_ON = 2_000, 1_000
"""Training texts at most, and test texts."""
PENALTY = 0.01
_ROUNDS, _FLAT = 2_000, 1e-6
"""Steps at most, and the gradient at which they end."""
_LEAST_SPREAD = 1e-6
"""A unit that varies less over the texts counts as one that doesn't."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerHeads:
    """Heads of the layers below the top one of a network with L layers."""

    weights: tuple[Floats, ...]
    """The weights of each layer below the top one, lowest first: (1, F) of two classes, (K, F) of more."""
    biases: tuple[Floats, ...]
    """(1,) or (K,) each."""
    fitted_on: int
    """Training texts."""
    readout: str
    """The readout of the layers below the top one, by its name."""
    scored_on: int
    """Test texts; 0 where the corpus has none."""
    right: tuple[float, ...]
    """Share of the test texts that is right by each of the L layers, the last by the network's own head."""


def fit_heads(
    model: Model, corpus: Corpus, fitted_on: int = FITTED_ON, scored_on: int = SCORED_ON
) -> Generator[Progress, None, LayerHeads]:
    """Fit a head for each layer below the top one, given the corpus that the network learned from.

    The texts are some of those that the network learned from, with each class in its share of all, and the
    score is on test texts. Raises DataError where the network computes no finite numbers, and as
    `split_reviews` does.
    """
    settings = model.config.training
    splits = split_reviews(corpus, min(fitted_on, settings.reviews), settings.seed)
    test = np.random.default_rng(0).permutation(splits.test)
    test = stratified(test, corpus.labels)[:scored_on]
    total = len(splits.training) + len(test)
    texts = model.config.corpus.nouns.texts
    learned, tested = (
        encode_reviews(corpus, indices, model.vocabulary, model.config.text)
        for indices in (splits.training, test)
    )
    lower, _ = yield from _read(model.classifier, learned, f"Reading training {texts}", 0, total)
    lower_tested, own = yield from _read(
        model.classifier, tested, f"Reading test {texts}", len(learned), total
    )
    if not np.isfinite(lower).all():
        raise DataError(
            f"{model.name} computes no finite numbers: its training diverged. Choose another model."
        )
    yield Progress("Fitting the heads", total, total)
    heads = [fit_head(below, learned.labels, len(corpus.classes)) for below in lower]
    answers = [below @ weights.T + bias for below, (weights, bias) in zip(lower_tested, heads, strict=True)]
    found = [predicted_by(some) == tested.labels for some in (*answers, own)]
    return LayerHeads(
        weights=tuple(weights for weights, _ in heads),
        biases=tuple(bias for _, bias in heads),
        fitted_on=len(learned),
        readout=_lower_readout(model.classifier)[0],
        scored_on=len(test),
        right=tuple(float(those.mean()) for those in found) if len(test) else (),
    )


def _read(
    classifier: Classifier, reviews: EncodedReviews, what: str, done: int, total: int
) -> Generator[Progress, None, tuple[Floats, Floats]]:
    """Read states of each layer below the top one at the end of R texts, and the network's answers."""
    lower, width = classifier.config.layers - 1, classifier.head.in_features
    below = np.empty((lower, len(reviews), width), np.float32)
    own = np.empty((len(reviews), 1 if classifier.classes == 2 else classifier.classes), np.float32)
    readout = _lower_readout(classifier)[1]
    for rows, packed, xs, _ in read_in_batches(classifier, reviews):
        yield Progress(what, done, total)
        with torch.inference_mode():
            for layer, hs in enumerate(_states_below_top(classifier, xs, packed)):
                below[layer, rows] = classifier.pool(hs, packed, readout).numpy()
            top = classifier.above(lower, hs, packed)
            own[rows] = compared(classifier.head(classifier.pool(top, packed))).numpy()
        done += len(rows)
    return below, own


def verdicts_by_layer(model: Model, trace: Trace, heads: LayerHeads) -> Floats:
    """(L, T) log odds of the followed class by each layer, after each token of a text that was read.

    The lowest layer comes first, the last is the network itself.
    """
    classifier, readout = model.classifier, _lower_readout(model.classifier)[1]
    with torch.inference_mode():
        xs, packed = window_inputs(classifier, trace.review.ids)
        if classifier.config.bidirectional:  # the way back starts again at each token
            parts = [
                [
                    classifier.pool(hs, some, readout)
                    for hs in _states_below_top(classifier, xs[some.times], some)
                ]
                for some in prefixes(len(xs))
            ]
            reads = [torch.cat(of_layer).flip(0) for of_layer in zip(*parts, strict=True)]
        else:
            reads = [readout.so_far(hs)[0] for hs in _states_below_top(classifier, xs, packed)]
    answers = [
        read.numpy() @ weights.T + bias
        for read, weights, bias in zip(reads, heads.weights, heads.biases, strict=True)
    ]
    return np.stack([log_odds_of(some, trace.followed) for some in (*answers, trace.answers)])


def _states_below_top(classifier: Classifier, xs: Tensor, packed: Packing) -> Iterator[Tensor]:
    """Every hidden state of each layer below the top one, packed, (N, D*H)."""
    for layer in range(2, classifier.config.layers + 1):
        yield classifier.below(layer, xs, packed)


def _lower_readout(classifier: Classifier) -> tuple[str, Readout]:
    """Return the readout of the layers below the top one, its name first: the mean, if it has weights."""
    readout = classifier.readout
    if any(True for _ in readout.parameters()):
        return "mean", Mean(classifier.head.in_features, classifier.config.hidden_size)
    return classifier.config.readout, readout


def fit_head(read: Floats, labels: NDArray[np.int8], classes: int) -> tuple[Floats, Floats]:
    """The weights and the bias of a head, given what is read of N texts, (N, F), and their classes, (N,).

    By Nesterov's gradient method for strongly convex functions: a step along the gradient, then on by
    momentum. `torch.optim` would do as well, but takes seconds to import.
    """
    spread, mean = read.std(axis=0, dtype=np.float64), read.mean(axis=0, dtype=np.float64)
    spread[spread < _LEAST_SPREAD] = 1
    N, F = read.shape
    z = np.hstack([(read - mean) / spread, np.ones((N, 1))])  # (N, F + 1)
    is_of = labels[:, None] == (1 if classes == 2 else np.arange(classes))  # (N, 1 or K)
    penalty = np.append(np.full(F, PENALTY), 0)  # none on the bias
    steepest = float(np.linalg.eigvalsh(z.T @ z / N)[-1]) / 2 + PENALTY
    momentum = (1 - (PENALTY / steepest) ** 0.5) / (1 + (PENALTY / steepest) ** 0.5)
    weights = ahead = np.zeros((is_of.shape[1], F + 1))
    for _ in range(_ROUNDS):
        logits = torch.from_numpy(z @ ahead.T)
        p = logits.sigmoid() if classes == 2 else logits.softmax(dim=1)
        gradient = (p.numpy() - is_of).T @ z / N + penalty * ahead
        before, weights = weights, ahead - gradient / steepest
        ahead = weights + momentum * (weights - before)
        if np.abs(gradient).max() < _FLAT:
            break
    of_read = weights[:, :F] / spread
    return of_read.astype(np.float32), (weights[:, F] - of_read @ mean).astype(np.float32)
