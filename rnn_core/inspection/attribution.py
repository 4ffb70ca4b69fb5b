"""What the verdict hears of every token and every state of one review: the gradients of its logit.

y is the logit after the last token, x_t what the cell got at time step t: the word's vector, or with one-hot
input the row of W that the word picks, its projected input x W. h_t and c_t are the states that were made.

    saliency              |dy/dx_t|                      how much a small change of this input would tell
    input times gradient  x_t . dy/dx_t                  what this input tells, were the network linear
    connectivity          |dy/dh_t|, |dy/dc_t|           what the verdict still hears of time t
    relevance             sum over t of |dy/dh_t * h_t|  what a unit tells over the whole review

dy/dh_t is complete: what the readout passes on directly, and what arrives through all later time steps. So is
dy/dc_t, which counts what c_t shows of itself in h_t.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.inspection.trace import Trace
from rnn_core.models.folder import LoadedModel
from rnn_core.nn.cells import Cell
from rnn_core.nn.classifier import Classifier, make_cell
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import run, watch

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Gradients of the logit of one review: T time steps, H units."""

    saliency: Floats
    """(T,)"""
    input_times_gradient: Floats
    """(T,) in logits: above zero where the input speaks for a positive review."""
    gradients: dict[str, Floats]
    """(T, H) by letter: h, of an LSTM also c."""
    direct: Floats
    """(T, H) that part of the gradient of h which the readout passes on, without later time steps."""
    relevance: dict[str, Floats]
    """(H,) in logits, by letter: h, of an LSTM also c."""

    @property
    def connectivity(self) -> dict[str, Floats]:
        """(T,) by letter: h, of an LSTM also c."""
        return {letter: _norms(gradient) for letter, gradient in self.gradients.items()}

    @property
    def direct_connectivity(self) -> Floats:
        """(T,) the norm of the direct part: only at the last token where the readout is the last state."""
        return _norms(self.direct)

    @property
    def carried_connectivity(self) -> Floats:
        """(T,) the norm of the rest of the gradient of h, which later time steps carried to the verdict."""
        return _norms(self.gradients["h"] - self.direct)


def attribute(model: LoadedModel, trace: Trace) -> Attribution:
    """The gradients of a review that this model has read, from one way forwards and one back."""
    classifier, T = model.classifier, len(trace.review.ids)
    packed = packing(torch.tensor([T]))
    with torch.enable_grad():
        cell, xs, leaf = _with_leaf(classifier, torch.tensor(trace.review.ids))
        states = watch(cell, packed)
        hs = run(cell, xs, packed, every=True, watched=states)  # (T, H)
        y = classifier.positive_logit(classifier.head(classifier.pool(hs, packed)))  # (1,)
        d_leaf, direct, *d_states = torch.autograd.grad(y, [leaf, hs, *states])
    x, dx = leaf.detach()[-T:], d_leaf[-T:]  # (T, E), or (T, G*H) with one-hot input
    gradients = {letter: d.numpy() for letter, d in zip("hc", d_states, strict=False)}
    return Attribution(
        saliency=dx.norm(dim=1).numpy(),
        input_times_gradient=(x * dx).sum(dim=1).numpy(),
        gradients=gradients,
        direct=direct.numpy(),
        relevance={
            letter: np.abs(gradient * trace.arrays[letter]).sum(axis=0)
            for letter, gradient in gradients.items()
        },
    )


def _with_leaf(classifier: Classifier, ids: Tensor) -> tuple[Cell, Tensor, Tensor]:
    """A cell and its packed xs for these ids (T,), and a tensor whose last T rows are what it gets.

    One-hot input has no gradient. So each time step picks a row of its own from the W of another cell, which
    makes the gradient of that W the one of every x W. Row 0 stays that of padding.
    """
    cell = classifier.cell
    if not cell.one_hot:
        xs = classifier.embed(ids).detach().requires_grad_()
        return cell, xs, xs
    W = cell.W.detach()
    rows = torch.cat([W[:1], W[ids]])  # (1 + T, G*H)
    with torch.device("meta"):  # no weights, which are those of `cell`
        other = make_cell(classifier.config, len(rows))
    other.load_state_dict({**cell.state_dict(), "W": rows}, assign=True)
    return other, torch.arange(1, len(rows)), other.W


def _norms(vectors: Floats) -> Floats:
    """(T, H) -> (T,)"""
    return np.linalg.norm(vectors, axis=1)
