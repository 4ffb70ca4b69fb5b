"""Contributions of each word to the verdict: occlusion, the verdict without the word, one row a word.

In row t, `<unk>` stands at time step t and the rest of the window as it is. Up to there nothing differs from
the trace, so row t begins at time step t, with the state that the trace had: half the work of T whole rows,
which a network that reads in both directions takes.
"""

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnn_core.inspection.trace import Trace, rows_at_once, window_inputs
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_text
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.sequence import steps
from rnn_core.tasks.classes import log_odds
from rnn_core.text.vocabulary import UNK_ID

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
