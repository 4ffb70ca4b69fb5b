"""The plane of states: where the hidden states of many reviews lie, and which way the followed class is.

Principal component analysis of a sample of states h, (S, H): with the singular value decomposition

    h - mean = u s v^T

the first rows of v^T are the axes along which the states differ most, and s^2 says how much. The head reads
h along one direction only, the readout direction; it lies in the plane where the network keeps its verdict
along a line of states (the line attractor of Maheswaranathan et al., 2019). The states are those of the top
layer, which the head reads. Of a cell with further states, such as c of an LSTM, there are planes of these,
too; the head does not read them, so that its direction has no place there.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize, pad

from rnn_core.data.encoding import EncodedReviews
from rnn_core.inspection.trace import Trace, read_in_batches
from rnn_core.models.overflow import check_texts
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.sequence import run, steps
from rnn_core.tasks.classes import log_odds, most_probable

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatePlane:
    """S states on the plane of their first two principal components."""

    mean: Floats
    """(H,) the origin of the plane."""
    axes: Floats
    """(2, H) of length 1, turned so that the readout direction points to the right and up."""
    shares: Floats
    """(min(S, H),) share of the variance along each component, 0 to 1, the largest first."""
    points: Floats
    """(S, 2) the states on the plane."""
    logits: Floats
    """(S,) log odds of the followed class that the head gives each state alone, which with a mean or max
    readout is no verdict yet.

    Where the network reads in both directions, the state of the way back counts as zero.
    """
    predicted: NDArray[np.int64]
    """(S,) the class that is most probable by them."""
    final: NDArray[np.bool_]
    """(S,) which are the last state of their review."""
    places: NDArray[np.int64]
    """(S,) which of all the ids of the reviews each state stands after."""
    readout: Floats | None
    """(2,) that part of the readout direction, which has length 1, which lies in the plane; None of a state
    that the head does not read."""
    letter: str = "h"
    """The state of the cell that is drawn."""

    @property
    def readout_share(self) -> float | None:
        """Share of the readout direction's squared length that lies in the plane, 0 to 1."""
        return None if self.readout is None else float((self.readout**2).sum())

    def project(self, trace: Trace) -> Floats:
        """The path of a review, (T, 2), given the trace of the top layer."""
        return ((trace.arrays[self.letter] - self.mean) @ self.axes.T).astype(np.float32)


def state_plane(
    classifier: Classifier,
    reviews: EncodedReviews,
    states: int,
    seed: int = 0,
    followed: int = 1,
    letter: str = "h",
) -> StatePlane:
    """The plane of the last state of every review, and of others drawn by the seed until there are `states`.

    `followed` is the index of the class whose log odds and readout direction are looked at, `letter` the
    state of the cell that is drawn; what the head says is always that of h.
    The classifier must be in evaluation mode. A plane takes three states and two units. Raises
    OverflowedError where the states are no numbers.
    """
    hs, drawn, final, places = _read(classifier, reviews, states, seed, letter)  # (S, H) twice, (S,) twice
    check_texts("The network", hs.numpy(), drawn.numpy())
    with torch.inference_mode():
        mean = drawn.mean(dim=0)  # (H,)
        _, s, v_T = torch.linalg.svd(drawn - mean, full_matrices=False)
        direction = _readout_direction(classifier, followed)  # (H,)
        # The sign of a component is arbitrary.
        axes = v_T[:2] * torch.where(v_T[:2] @ direction < 0, -1, 1).unsqueeze(1)  # (2, H) * (2, 1)
        other_direction = (0, classifier.head.in_features - hs.shape[1])
        answers = classifier.head(pad(hs, other_direction))  # (S, O)
        logits, predicted = log_odds(answers, followed), most_probable(answers)  # (S,)
    return StatePlane(
        mean=mean.numpy(),
        axes=axes.numpy(),
        shares=(s**2 / (s**2).sum()).numpy(),
        points=((drawn - mean) @ axes.T).numpy(),
        logits=logits.numpy(),
        predicted=predicted.numpy(),
        final=final,
        places=places,
        readout=(axes @ direction).numpy() if letter == "h" else None,
        letter=letter,
    )


def _read(
    classifier: Classifier, reviews: EncodedReviews, count: int, seed: int, letter: str
) -> tuple[Tensor, Tensor, NDArray[np.bool_], NDArray[np.int64]]:
    """S hidden states, (S, H), and the states of this letter there, (S, H).

    Also which are the last of their review, (S,), and their places, (S,).
    """
    is_final = np.zeros(len(reviews.ids), bool)
    is_final[reviews.offsets[1:] - 1] = True
    taken, others = is_final.copy(), np.flatnonzero(~is_final)
    more = min(max(count - len(reviews), 0), len(others))
    taken[np.random.default_rng(seed).choice(others, more, replace=False)] = True
    hidden, states, places, cell = [], [], [], classifier.layers[-1]
    for _, packed, inputs, at in read_in_batches(classifier, reviews):
        with torch.inference_mode():
            xs = classifier.below(classifier.config.layers, inputs, packed)
            if letter == "h":
                computed = {"h": run(cell, xs, packed, every=True)}  # (N, H)
            else:
                computed = steps(cell, xs, packed)._asdict()
            some = torch.from_numpy(taken[at])
            hidden.append(computed["h"][some])
            states.append(computed[letter][some])
            places.append(at[taken[at]])
    every = np.concatenate(places)
    return torch.cat(hidden), torch.cat(states), is_final[every], every


def _readout_direction(classifier: Classifier, followed: int) -> Tensor:
    """The direction, (H,) of length 1, in which the logit of the class grows, of more against the mean."""
    weights = classifier.head.weight[:, : classifier.config.hidden_size]
    if len(weights) == 1:
        return normalize(weights[0] if followed else -weights[0], dim=0)
    others = torch.cat([weights[:followed], weights[followed + 1 :]])
    return normalize(weights[followed] - others.mean(dim=0), dim=0)
