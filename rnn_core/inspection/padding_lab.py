"""What padding does: one review under each padding side, each truncation side, padding skipped or read.

The network stays as it was trained; only the window changes.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.inspection.trace import Trace, norms, trace
from rnn_core.inspection.what_if import with_text
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classes import log_odds
from rnn_core.text.vocabulary import PAD_ID

ROUNDS = 7
"""Each window is read once a round; its median counts."""

_Ids = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaddingCase:
    """One way to fill up and cut the review: T time steps, P of them padding."""

    padding: str
    truncation: str
    skip_padding: bool
    trace: Trace
    pads: slice
    """The time steps at which padding is read; where there is none, an empty slice behind the last token."""
    drift: NDArray[np.float32]
    """(P,) how far h has come from what it was before the padding, after each time step of padding."""
    logit_before: float
    """The verdict before the padding. Before the first token it is that on a state, and readout, of zeros."""
    logit_after: float
    """The verdict after the padding: with padding in front the one that the review begins with."""
    milliseconds: float
    """To read the whole window; the same number in all cases that have the same window."""

    @property
    def padding_share(self) -> float:
        """Share of the time steps spent on padding, 0 to 1."""
        return len(self.drift) / len(self.trace.logits)


def padding_lab(
    model: Model, text: str, followed: int | None = None, layer: int | None = None
) -> list[PaddingCase]:
    """All eight cases, padding side before truncation side before skipped or read.

    `followed` is the class that all of them follow; without it the one that the model as it is would. `layer`
    as in `trace`. Raises EmptyReviewError for a text without a word.
    """
    if followed is None:
        followed = trace(model, text).followed
    cases = list(product(("pre", "post"), ("pre", "post"), (True, False)))
    traces = [
        trace(
            with_text(model, padding=padding, truncation=truncation, skip_padding=skip_padding),
            text,
            followed,
            layer,
        )
        for padding, truncation, skip_padding in cases
    ]
    pads = [_pads(read) for read in traces]
    taken = _time_windows(model.classifier, (read.review.ids for read in traces))
    return [
        PaddingCase(
            padding=padding,
            truncation=truncation,
            skip_padding=skip_padding,
            trace=read,
            pads=where,
            drift=_drift(read, where),
            logit_before=_logit_before(model.classifier, read, where.start),
            logit_after=_logit_before(model.classifier, read, where.stop),
            milliseconds=taken[tuple(read.review.ids)],
        )
        for (padding, truncation, skip_padding), read, where in zip(cases, traces, pads, strict=True)
    ]


def _pads(read: Trace) -> slice:
    at = [t for t, token_id in enumerate(read.review.ids) if token_id == PAD_ID]
    return slice(at[0], at[-1] + 1) if at else slice(len(read.logits), len(read.logits))


def _drift(read: Trace, pads: slice) -> NDArray[np.float32]:
    return norms(read.arrays["h"][pads] - read.states_before(pads.start)["h"])


def _logit_before(classifier: Classifier, read: Trace, t: int) -> float:
    """The verdict on all that was read before time step t."""
    if t:
        return float(read.logits[t - 1])
    with torch.inference_mode():
        nothing = torch.zeros(1, classifier.head.in_features)
        return float(log_odds(classifier.head(nothing), read.followed))


def _time_windows(classifier: Classifier, windows: Iterable[Sequence[int]]) -> dict[_Ids, float]:
    """Milliseconds for each window, equal ones measured once.

    In rounds, so that a busy moment of the machine hits all of them; the first, a warm-up, does not count.
    """
    distinct = list(dict.fromkeys(map(tuple, windows)))
    rounds = [[_milliseconds(classifier, ids) for ids in distinct] for _ in range(1 + ROUNDS)]
    return {ids: median(taken) for ids, taken in zip(distinct, zip(*rounds[1:], strict=True), strict=True)}


def _milliseconds(classifier: Classifier, ids: _Ids) -> float:
    """How long the network takes to read these ids once."""
    with torch.inference_mode():
        began = time.perf_counter()
        classifier(torch.tensor([ids]), torch.tensor([len(ids)]))
        return (time.perf_counter() - began) * 1e3
