"""Dependence of the verdict on what was read how long ago: the norm of its gradient by the distance.

y is the log odds of the predicted class (of two classes the logit, of the second one) after the last time
step T - 1, and s_t a state after time step t: h, of an LSTM also c. At distance k stands the norm of
dy/ds_(T-1-k). It is complete: it counts what arrives through all later time steps.

All of it is computed in 64 bits, whose least number is 2e-308. In 32 bits nothing below 1e-45 would be left.
"""

import copy
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_reviews, split_reviews
from rnn_core.data.reading import make_batch
from rnn_core.inspection.trace import trace_tokens
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import watch
from rnn_core.progress import Progress
from rnn_core.tasks.classes import log_odds_of_each, most_probable
from rnn_core.text.tokenizer import tokenize

REVIEWS = 64
"""The most validation reviews that are read."""
_AMONG = 4
"""They are drawn from one in so many, the longest ones, so that all of them reach far back."""
_AT_ONCE = 16

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """The reach of the verdicts on R texts, at the D distances that each of them has."""

    norms: dict[str, Floats]
    """(R, D) by the letter of each state: the norm of the gradient, at the distances 0, 1, 2, ..."""

    @property
    def texts(self) -> int:
        """R, the number of texts."""
        return len(next(iter(self.norms.values())))

    @property
    def distances(self) -> int:
        """D, the number of distances that each text has."""
        return next(iter(self.norms.values())).shape[1]

    def middle(self, letter: str) -> Floats:
        """(D,) the median over the texts. A mean would show only the few whose gradient is large."""
        return np.asarray(np.median(self.norms[letter], axis=0))

    def mean(self, letter: str) -> Floats:
        """(D,) the mean over the texts."""
        return np.asarray(self.norms[letter].mean(axis=0))

    def quarters(self, letter: str) -> tuple[Floats, Floats]:
        """(D,) each: below the one lie a quarter of the texts, above the other another quarter."""
        low, high = np.quantile(self.norms[letter], (0.25, 0.75), axis=0)
        return low, high


def reach_of_text(model: Model, text: str) -> Reach | None:
    """Measure how far back the verdict on a text reaches; None where there is nothing to read in it.

    Raises OverflowedError as `trace_tokens` does, though 64 bits may hold what 32 do not.
    """
    tokens = tokenize(text, model.config.tokens)
    if not tokens:
        return None
    ids = torch.tensor([trace_tokens(model, tokens).review.ids])
    return Reach(norms=_norms(model.name, _double_copy(model.classifier), ids, torch.tensor([ids.shape[1]])))


def reach_over_reviews(
    model: Model, corpus: Corpus, reviews: int = REVIEWS
) -> Generator[Progress, None, Reach]:
    """Measure how far back the verdicts on validation reviews reach, those of `long_reviews`.

    Says how far it is, and returns the `Reach` at the end. Raises DataError where the corpus can't be split,
    and OverflowedError as `reach_of_text` does.
    """
    encoded = long_reviews(model, corpus, reviews)
    classifier, shortest = _double_copy(model.classifier), int(encoded.lengths().min())
    parts: list[dict[str, Floats]] = []
    for rows in np.array_split(np.argsort(-encoded.lengths()), range(_AT_ONCE, len(encoded), _AT_ONCE)):
        yield Progress(
            f"{model.name} reads validation {model.config.corpus.nouns.texts}",
            len(parts) * _AT_ONCE,
            len(encoded),
        )
        batch = make_batch(encoded, rows)
        norms = _norms(model.name, classifier, batch.ids, batch.lengths)
        parts.append({letter: values[:, :shortest] for letter, values in norms.items()})
    return Reach(norms={letter: np.concatenate([part[letter] for part in parts]) for letter in parts[0]})


def long_reviews(model: Model, corpus: Corpus, reviews: int) -> EncodedReviews:
    """The windows of at most so many validation reviews, drawn evenly from the longest quarter.

    Where the quarter has fewer, it is so many of the longest ones.
    """
    training = model.config.training
    of_validation = split_reviews(corpus, training.reviews, training.seed).validation
    lengths = (corpus.offsets[1:] - corpus.offsets[:-1])[of_validation]
    longest_first = of_validation[np.argsort(-lengths, kind="stable")]
    among = longest_first[: max(len(longest_first) // _AMONG, min(reviews, len(longest_first)))]
    chosen = among[np.linspace(0, len(among) - 1, min(reviews, len(among))).astype(np.int64)]
    return encode_reviews(corpus, chosen, model.vocabulary, model.config.text)


def _double_copy(classifier: Classifier) -> Classifier:
    return copy.deepcopy(classifier).double().eval()


def _norms(name: str, classifier: Classifier, ids: Tensor, lengths: Tensor) -> dict[str, Floats]:
    """(R, T) by letter, given ids (R, T) and lengths (R,), the longest first; nan beyond a text's length."""
    declared, packed = classifier.config.declared, packing(lengths)
    top = classifier.config.layers
    with torch.enable_grad():
        states = watch(classifier.layers[top - 1], packed)
        xs = classifier.inputs(ids, packed).detach()
        hs = classifier.states(xs, packed, {top: states})  # (N, D*H)
        logits = classifier.head(classifier.pool(hs, packed))  # (R, O)
        check_texts(name, hs.detach().numpy(), logits.detach().numpy())
        gradients = torch.autograd.grad(log_odds_of_each(logits, most_probable(logits)).sum(), states)
    distance = packed.lengths[packed.rows] - 1 - packed.times  # (N,)
    found = {}
    for letter, gradient in zip(declared.states, gradients, strict=True):
        if letter not in declared.carriers:
            continue
        norms = gradient.new_full(ids.shape, torch.nan)
        norms[packed.rows, distance] = _lengths(gradient)
        found[letter] = norms.numpy()
    return found


def _lengths(vectors: Tensor) -> Tensor:
    """(N, H) -> (N,); in multiples of the largest number, since the square of 1e-170 is none."""
    largest = vectors.abs().amax(dim=1)
    unit = torch.where(largest > 0, largest, 1.0)
    return unit * (vectors / unit.unsqueeze(1)).norm(dim=1)  # of zeros it is 0
