"""Everything a network computed while it read one review.

A trace is a step stacked over time: T time steps, H units. Gates are named by the symbols of the cells
(`rnn_core.nn.cells`), so what is shown is what the equation computed.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.models.folder import LoadedModel
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import steps
from rnn_core.text.window import ReadReview, read_review


class EmptyReviewError(ValueError):
    """A text without a single word; the message says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one network computed at each of the T time steps of one review."""

    cell: str
    reset: str
    review: ReadReview
    arrays: dict[str, NDArray[np.float32]]
    """(T, H) by symbol: h always; r, z, n of a GRU; c, i, f, o, g of an LSTM; slope of an Elman cell.

    The slope is 1 - h^2, the derivative of its tanh: how much of a change still passes through.
    """
    logits: NDArray[np.float32]
    """(T,) the verdict after each token: the head applied to the readout of what was read so far."""

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """(T,) probability of a positive review after each token."""
        return (1 / (1 + np.exp(-self.logits.astype(np.float64)))).astype(np.float32)

    @property
    def probability(self) -> float:
        """Probability of a positive review after the last token."""
        return float(self.probabilities[-1])

    @property
    def turns(self) -> NDArray[np.int64]:
        """(N,) the time steps whose token took the verdict to the other side."""
        return verdict_turns(self.probabilities)

    @property
    def label(self) -> str:
        """ "positive" or "negative"."""
        return "positive" if self.logits[-1] > 0 else "negative"


def trace(model: LoadedModel, text: str) -> Trace:
    """Let a model read a text and keep everything. Raises EmptyReviewError for one without a word."""
    review = read_review(text, model.vocabulary, model.config.text)
    if not review.tokens:
        raise EmptyReviewError(
            "There is no word in this text: the network reads letters, digits, ! and ? only."
        )
    classifier = model.classifier
    ids = torch.tensor(review.ids)  # (T,), which is also what one review is when packed
    with torch.inference_mode():
        stacked = steps(classifier.cell, classifier.embed(ids), packing(torch.tensor([len(ids)])))._asdict()
        if model.config.model.cell == "elman":
            stacked["slope"] = 1 - stacked["h"] ** 2
        read_so_far = running_readout(stacked["h"], model.config.model.readout)
        logits = classifier.positive_logit(classifier.head(read_so_far))  # (T,)
    return Trace(
        cell=model.config.model.cell,
        reset=model.config.model.reset,
        review=review,
        arrays={symbol: values.numpy() for symbol, values in stacked.items()},
        logits=logits.numpy(),
    )


def verdict_turns(probabilities: NDArray[np.floating]) -> NDArray[np.int64]:
    """(N,) the time steps whose token took the verdict to the other side, given (T,) probabilities.

    The first token has none to turn.
    """
    return np.flatnonzero(np.diff(probabilities > 0.5)) + 1


def running_readout(hs: Tensor, readout: str) -> Tensor:
    """The readout of the first t states, for every t: (T, H) -> (T, H)."""
    if readout == "mean":
        return hs.cumsum(dim=0) / torch.arange(1, len(hs) + 1).unsqueeze(-1)  # (T, H) / (T, 1)
    if readout == "max":
        return hs.cummax(dim=0).values
    return hs
