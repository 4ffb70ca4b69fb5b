"""Contributions of every token and every state of one review to the verdict: gradients of its logit.

y is the logit after the last token; of more than two classes the log odds of the one that the trace follows.
x_t is what the cell got at time step t: the word's vector, or with one-hot input the row of W that the word
picks, its projected input x W. h_t and c_t are the states that were made.

    saliency              |dy/dx_t|                      how much a small change of this input changes y
    input times gradient  x_t . dy/dx_t                  its contribution if the network were linear
    connectivity          |dy/dh_t|, |dy/dc_t|           how much a small change of the state moves y
    relevance             sum over t of |dy/dh_t * h_t|  what a unit contributes over the review

dy/dh_t is complete: what the readout passes on directly, and what arrives through all later time steps. So is
dy/dc_t, which counts what c_t shows of itself in h_t. h and c are those of the layer that was traced, and of
a network that reads in both directions those of the cell that reads forwards.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.config.readouts import READOUTS
from rnn_core.inspection.trace import Trace, norms, window_inputs
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_text
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.sequence import watch
from rnn_core.tasks.classes import log_odds
from rnn_core.text.vocabulary import UNK_ID

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Gradients of the logit of one review: T time steps, H units."""

    saliency: Floats
    """(T,) the norm of the gradient of each input."""
    input_times_gradient: Floats
    """(T,) in logits: above zero where the input speaks for the followed class."""
    gradients: dict[str, Floats]
    """(T, H) by letter: h, of an LSTM also c."""
    direct: Floats | None
    """(T, H) that part of the gradient of h which the readout passes on, without later time steps; None where
    it passes on that of the last state alone, and in a layer below the top one, which it does not read."""
    relevance: dict[str, Floats]
    """(H,) in logits, by letter: h, of an LSTM also c."""
    attention: Floats | None
    """(T,) the weight of each time step in a readout by attention, sum 1; None with a readout without."""

    @property
    def connectivity(self) -> dict[str, Floats]:
        """(T,) by letter: h, of an LSTM also c."""
        return {letter: norms(gradient) for letter, gradient in self.gradients.items()}

    @property
    def direct_connectivity(self) -> Floats | None:
        """(T,) the norm of the direct part, where there is one."""
        return None if self.direct is None else norms(self.direct)


def attribute(model: Model, trace: Trace) -> Attribution:
    """The gradients of a review that this model has read, from one way forwards and one back.

    Raises OverflowedError where they are no numbers.
    """
    T, H = trace.arrays["h"].shape
    with torch.enable_grad():
        xs, packed = window_inputs(model.classifier, trace.review.ids)
        classifier, xs, leaves = with_leaves(model.classifier, xs)
        states = watch(classifier.layers[trace.layer - 1], packed)
        hs = classifier.states(xs, packed, {trace.layer: states})  # (T, D*H)
        y = log_odds(classifier.head(classifier.pool(hs, packed)), trace.followed)  # (1,)
        direct, *d = torch.autograd.grad(y, [hs, *states, *leaves])
        weights = classifier.readout.weights(hs, packed)
    d_states, d_leaves = d[: len(states)], d[len(states) :]
    x = torch.cat([leaf.detach()[-T:] for leaf in leaves], dim=1)  # (T, E), or (T, D*G*H) with one-hot input
    dx = torch.cat([d_leaf[-T:] for d_leaf in d_leaves], dim=1)
    passes_on = trace.layer == trace.layers and not READOUTS[model.config.model.readout].only_last
    gradients = {
        letter: d.numpy()
        for letter, d in zip(trace.states, d_states, strict=True)
        if letter in trace.declared.carriers
    }
    input_times_gradient = (x * dx).sum(dim=1).numpy()
    check_text("Its gradient", trace.review.window, dx.numpy(), input_times_gradient, *gradients.values())
    return Attribution(
        saliency=norms(dx.numpy()),
        input_times_gradient=input_times_gradient,
        gradients=gradients,
        direct=direct[:, :H].numpy() if passes_on else None,
        relevance={
            letter: np.abs(gradient * trace.arrays[letter]).sum(axis=0)
            for letter, gradient in gradients.items()
        },
        attention=None if weights is None else weights.detach().numpy(),
    )


def with_leaves(classifier: Classifier, xs: Tensor) -> tuple[Classifier, Tensor, list[Tensor]]:
    """A classifier, its packed xs (N, E), and tensors whose last N rows are together what its cells get.

    One-hot input has no gradient. So each time step picks a row of its own from the W of another classifier,
    which makes the gradient of that W the one of every x W. Row 0 stays that of padding.
    """
    if classifier.config.input == "embedding":
        leaf = xs.detach().requires_grad_()
        return classifier, leaf, [leaf]
    rows = torch.cat([torch.zeros_like(xs[:1]), xs])  # (1 + N,)
    with torch.device("meta"):  # no weights, which are those of `classifier`
        other = Classifier(classifier.config, classifier.vocab_size, classifier.classes).eval()
    other.load_state_dict(classifier.state_dict(), assign=True)
    leaves: list[Tensor] = []
    for cell in (cells[0] for cells in (other.layers, other.backward_layers) if cells):
        for name in cell.word_parameters:
            leaf = torch.nn.Parameter(cell.get_parameter(name).detach()[rows])
            setattr(cell, name, leaf)
            leaves.append(leaf)
    return other, torch.arange(1, len(rows)), leaves


FEWEST = 3
"""Words; the ranks of fewer say nothing."""
DISAGREES_BELOW = 0.5
"""A rank correlation below it is called a disagreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The order by weight of the N words that occlusion can leave out, against two other orders."""

    words: int
    occlusion: float
    """Rank correlation of the weights with the size of the contributions that occlusion finds; nan where all
    weights or all contributions are equal."""
    connectivity: float
    """Rank correlation of the weights with the connectivity of the hidden state."""
    other: str
    """"occlusion" or "connectivity": the order that differs more from that by weight."""
    time: int
    """The time step of the word whose ranks in these two orders differ most."""
    rank_of_weight: int
    """Its rank by weight, 1 for the largest."""
    rank_of_other: int

    @property
    def disagrees(self) -> bool:
        """True if the order by weight differs much from the other one."""
        return bool(getattr(self, self.other) < DISAGREES_BELOW)


def agreement(
    trace: Trace, attribution: Attribution, contributions: NDArray[np.float32], *, since: int = 0
) -> Agreement | None:
    """Compare the order of the words by attention with that by what the verdict depends on.

    None without attention, or where there are fewer than `FEWEST` words. A weight says how much of a state
    the readout takes. A state is made of all words up to it, so a large weight need not be what decided the
    verdict. Whether it explains the verdict is disputed: very different weights can lead to the same verdict
    (Jain and Wallace, 2019), but they serve worse than learned ones (Wiegreffe and Pinter, 2019). Spearman's
    rank correlation is that of Pearson over the ranks, where equal values share the mean of theirs.

    `contributions` (T,) are those that `occlusion` returns, computed from the time step `since` on.
    """
    import pandas as pd  # which takes long to import

    ids = np.array(trace.review.ids)
    at = np.flatnonzero((ids > UNK_ID) & (np.arange(len(ids)) >= since))
    if attribution.attention is None or len(at) < FEWEST:
        return None
    sizes = {"occlusion": np.abs(contributions), "connectivity": attribution.connectivity["h"]}
    ranks = pd.DataFrame({"weight": attribution.attention, **sizes}).iloc[at].rank(ascending=False)
    found = ranks.corr()["weight"].drop("weight")
    other = str(found.fillna(np.inf).idxmin())
    time = int((ranks["weight"] - ranks[other]).abs().idxmax())
    return Agreement(
        words=len(at),
        **found.to_dict(),
        other=other,
        time=time,
        rank_of_weight=round(ranks["weight"][time]),
        rank_of_other=round(ranks[other][time]),
    )
