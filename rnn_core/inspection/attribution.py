"""Contributions of every token and every state of one review to the verdict: its gradients, and occlusion.

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

Occlusion is the verdict without the word, one row a word. In row t, `<unk>` stands at time step t and the
rest of the window as it is. Up to there nothing differs from the trace, so row t begins at time step t, with
the state that the trace had: half the work of T whole rows, which a network that reads in both directions
takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.config.readouts import READOUTS
from rnn_core.inspection.trace import Trace, norms, rows_at_once, window_inputs
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_text
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.sequence import steps, watch
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


TELLING = 0.25
"""The least logits by which a token moves the verdict or contributes to it."""


def occlusion(model: Model, trace: Trace, *, since: int = 0) -> NDArray[np.float32]:
    """(T,) what each token of this model's trace contributes: the logit minus that with `<unk>` in its place.

    Above 0 the token speaks for the class that the trace follows: without it the logit is less. It is 0 where
    nothing is replaced: at special tokens, `<unk>` among them, and before the time step `since`. The work
    grows with the square of the time steps after it, so a very long window needs it.
    """
    contributions = np.zeros_like(trace.logits)
    for times, some in occlusion_in_parts(model, trace, since=since):
        contributions[times] = some
    return contributions


def most_turned(trace: Trace, contributions: NDArray[np.float32]) -> int | None:
    """The time step whose token moved the logit one way when it was read, and contributes the other way.

    Of several the one where the smaller of the two is largest; None where that is less than `TELLING`.
    """
    moves = trace.moves
    both = np.where(moves * contributions < 0, np.minimum(np.abs(moves), np.abs(contributions)), 0)
    time = int(both.argmax())
    return time if both[time] >= TELLING else None


def occlusion_in_parts(
    model: Model, trace: Trace, *, since: int = 0
) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
    """The contributions of some of the words at a time: their time steps, and what each contributes."""
    words = [t for t in range(since, len(trace.review.ids)) if trace.review.ids[t] > UNK_ID]
    at_once = rows_at_once(len(trace.review.ids))
    without = _read_whole if model.config.model.bidirectional else _contributions
    for first in range(0, len(words), at_once):
        times = words[first : first + at_once]
        contributions = without(model, trace, times)
        by_time = np.zeros_like(trace.logits)
        by_time[times] = contributions
        check_text("With <unk> in the place of one token the network", trace.review.window, by_time)
        yield times, contributions


def _read_whole(model: Model, trace: Trace, times: list[int]) -> NDArray[np.float32]:
    """Return what `_contributions` returns, from windows that are read from their beginning."""
    classifier = model.classifier
    ids = torch.tensor(trace.review.ids).repeat(len(times), 1)  # (rows, T)
    ids[torch.arange(len(times)), times] = UNK_ID
    with torch.inference_mode():
        answers = classifier(ids, torch.full((len(times),), ids.shape[1]))
        logits = log_odds(answers, trace.followed)
        return (trace.logits[-1] - logits).numpy()


def _contributions(model: Model, trace: Trace, times: list[int]) -> NDArray[np.float32]:
    """Return the contribution of the word at each of these time steps, in their order."""
    classifier, cell, readout = model.classifier, model.classifier.cell, model.classifier.readout
    ids, joins = trace.review.ids, set(times)
    with torch.inference_mode():
        xs, packed = window_inputs(classifier, ids)
        projected = cell.project(xs)  # (T, G*H)
        unknown = cell.project(window_inputs(classifier, [UNK_ID])[0])  # (1, G*H)
        after_unknown = projected
        if classifier.reads_pairs:  # the next token has no bigram then
            alone = torch.tensor(ids)
            after_unknown = cell.project(classifier.embed(alone, torch.full_like(alone, UNK_ID)))
        hs, states = xs, list[Tensor]()  # after each time step, of the lowest layer first, (T, H) each
        for layer in classifier.layers:
            of_layer = steps(layer, hs, packed)[: layer.state_size]
            states += of_layer
            hs = of_layer[0]
        after_steps = (*states, *readout.so_far(hs))
        firsts = [state for layer in classifier.layers for state in layer.initial_state(1)]
        firsts += [torch.zeros_like(some[:1]) for some in after_steps[len(states) :]]
        before = zip(firsts, after_steps, strict=True)
        begins = [torch.cat([first, some[:-1]]) for first, some in before]  # before each time step
        rows = [some[:0] for some in begins]  # (rows, H): the states of each layer, and the readout so far
        for t in range(times[0], len(ids)):
            x = projected[t].expand(len(rows[0]), -1)
            if t - 1 in joins:
                x = torch.cat([x[:-1], after_unknown[t : t + 1]])
            if t in joins:
                x = torch.cat([x, unknown])
                rows = [torch.cat([row, values[t : t + 1]]) for row, values in zip(rows, begins, strict=True)]
            after, h = _advance(classifier, x, rows)
            rows = [*after, *readout.go_on(tuple(rows[len(after) :]), h, t)]
        logits = log_odds(classifier.head(rows[len(states)]), trace.followed)
        return (trace.logits[-1] - logits).numpy()


def _advance(classifier: Classifier, x: Tensor, states: list[Tensor]) -> tuple[list[Tensor], Tensor]:
    """One time step of all layers: their states after it, and h of the top one.

    x is what the lowest cell gets, projected; `states` begins with all states before it.
    """
    after: list[Tensor] = []
    for number, cell in enumerate(classifier.layers):
        state = tuple(states[len(after) : len(after) + cell.state_size])
        step = cell.update(cell.project(x) if number else x, state)
        x = step.h  # (rows, H)
        after += step[: cell.state_size]
    return after, x
