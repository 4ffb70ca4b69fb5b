"""One review read otherwise: with a word dropped or replaced, with other settings of the text, or padded.

The review is encoded again, so that a word which was cut may come into the window, or one fall out of it. The
two readings are then compared token by token of the text, wherever the windows put them.

The padding lab reads one review under each padding side, each truncation side, padding skipped or read. The
network stays as it was trained; only the window changes.
"""

import dataclasses
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.errors import ConfigError
from rnn_core.inspection.trace import Trace, norms, trace, trace_tokens
from rnn_core.machine import alternate
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier
from rnn_core.tasks.classes import log_odds
from rnn_core.text.tokenizer import tokenize
from rnn_core.text.vocabulary import PAD_ID, START_ID, UNK_ID, Vocabulary
from rnn_core.text.window import ReadReview

APART = 0.05
"""Two states have parted when their distance exceeds this share of the longer one's norm."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Two readings, and where they read the same token differently."""

    before: Trace
    after: Trace
    pairs: Ints
    """(P, 2) a time step of each reading at which both read the same token of the text, or `<start>`.

    A word that was replaced is one of them, with the last of those that took its place; padding is none.
    """
    distances: Floats
    """(P,) the norm of the difference of h at each pair."""
    parted: tuple[int, int] | None
    """The first pair whose states have parted; None where they never do."""
    came_in: tuple[int, ...]
    """Tokens of the text, as `before` counts them, that only the second window has."""
    fell_out: tuple[int, ...]
    """Tokens that only the first one has, without a word that was dropped."""

    @property
    def change(self) -> float:
        """Return the gain of the verdict: the logit of the second reading minus that of the first."""
        return float(self.after.logits[-1] - self.before.logits[-1])

    def on_first(self, values: Floats) -> Floats:
        """Values of the pairs, (P,), on the T time steps of the first reading; nan at those of no pair."""
        laid = np.full(len(self.before.logits), np.nan, values.dtype)
        laid[self.pairs[:, 0]] = values
        return laid


def replace_word(model: Model, before: Trace, token: int, by: str = "") -> WhatIf:
    """Read the text with another word, several or none in the place of this token.

    Raises IndexError where the text has no such token, EmptyReviewError where nothing is left of it.
    """
    tokens, new = before.review.tokens, tokenize(by, model.config.tokens)
    if not 0 <= token < len(tokens):
        raise IndexError(f"there are {len(tokens):,} tokens, counted from 0; got token {token:,}")
    after = trace_tokens(model, [*tokens[:token], *new, *tokens[token + 1 :]], before.followed, before.layer)
    places = np.arange(len(tokens))
    places[token:] += len(new) - 1
    if not new:
        places[token] = -1
    return _compare(before, after, places)


def read_otherwise(model: Model, before: Trace, **settings: Any) -> WhatIf:
    """Read the text with other settings of it. Raises ConfigError as `with_text` does."""
    tokens = before.review.tokens
    after = trace_tokens(with_text(model, **settings), tokens, before.followed, before.layer)
    return _compare(before, after, np.arange(len(tokens)))


def same_text(before: Trace, after: Trace) -> WhatIf:
    """Two readings of one window, such as one with a gate held, compared at every time step, padding too."""
    times = np.arange(len(before.logits))
    return _paired(before, after, np.stack([times, times], axis=1))


def with_text(model: Model, **settings: Any) -> Model:
    """A model of this network that reads with other settings of the text (see TextConfig).

    A smaller vocabulary is the beginning of the model's, since words come the most frequent first: the rest
    become `<unk>`. Raises ConfigError for a value out of range, or a vocabulary larger than the model's.
    """
    text = dataclasses.replace(model.config.text, **settings)
    if text.vocab_size > model.config.text.vocab_size:
        raise ConfigError(
            f"Vocabulary size must be at most {model.config.text.vocab_size:,}, since {model.name} has "
            f"weights for no more words, got {text.vocab_size:,}."
        )
    return dataclasses.replace(
        model,
        config=dataclasses.replace(model.config, text=text),
        vocabulary=Vocabulary(model.vocabulary.words[: text.vocab_size]),
    )


def _compare(before: Trace, after: Trace, places: Ints) -> WhatIf:
    """`places`: where each token of the first text stands in the second, -1 for one that is gone."""
    times = times_of_tokens(before.review)
    times_after = np.where(places < 0, -1, times_of_tokens(after.review)[places])
    both = (times >= 0) & (times_after >= 0)
    pairs = np.stack([times[both], times_after[both]], axis=1)
    if START_ID in before.review.ids and START_ID in after.review.ids:
        pairs = np.vstack([[before.review.ids.index(START_ID), after.review.ids.index(START_ID)], pairs])
    return _paired(
        before,
        after,
        pairs,
        came_in=tuple(np.flatnonzero((times < 0) & (times_after >= 0)).tolist()),
        fell_out=tuple(np.flatnonzero((times >= 0) & (times_after < 0) & (places >= 0)).tolist()),
    )


def _paired(
    before: Trace, after: Trace, pairs: Ints, came_in: tuple[int, ...] = (), fell_out: tuple[int, ...] = ()
) -> WhatIf:
    hs, hs_after = before.arrays["h"][pairs[:, 0]], after.arrays["h"][pairs[:, 1]]  # (P, H)
    distances, longer = norms(hs - hs_after), np.maximum(norms(hs), norms(hs_after))
    parted = np.flatnonzero(distances > APART * longer)
    return WhatIf(
        before=before,
        after=after,
        pairs=pairs,
        distances=distances,
        parted=(int(pairs[parted[0], 0]), int(pairs[parted[0], 1])) if len(parted) else None,
        came_in=came_in,
        fell_out=fell_out,
    )


def times_of_tokens(review: ReadReview) -> Ints:
    """The time step of each token of the text, -1 for one that was cut."""
    times = np.full(len(review.tokens), -1)
    times[review.kept] = np.flatnonzero(np.array(review.ids) >= UNK_ID)  # ids below are padding and <start>
    return times


def values_by_token(review: ReadReview, values: Floats) -> Floats:
    """Values by time step, (T,), by the tokens of the text; nan for a token that was cut."""
    times = times_of_tokens(review)
    return np.where(times >= 0, values[np.maximum(times, 0)], np.nan).astype(np.float32)


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
    """The time to read the whole window; the same in all cases that have the same window."""

    @property
    def padding_share(self) -> float:
        """Share of the time steps spent on padding, 0 to 1."""
        return len(self.drift) / len(self.trace.logits)


def padding_lab(model: Model, text: str, followed: int, layer: int) -> list[PaddingCase]:
    """All eight cases, padding side before truncation side before skipped or read.

    All of them follow the class `followed`, and are traced at a `layer`. Raises EmptyReviewError for a text
    without a word.
    """
    cases: list[dict[str, Any]] = [
        {"padding": padding, "truncation": truncation, "skip_padding": skip_padding}
        for padding, truncation, skip_padding in product(("pre", "post"), ("pre", "post"), (True, False))
    ]
    traces = [trace(with_text(model, **settings), text, followed, layer) for settings in cases]
    windows = dict.fromkeys(tuple(read.review.ids) for read in traces)  # equal ones are measured once
    *_, taken = alternate({ids: partial(_read_once, model.classifier, ids) for ids in windows}, ROUNDS)
    found = []
    for settings, read in zip(cases, traces, strict=True):
        at, T = np.flatnonzero(np.array(read.review.ids) == PAD_ID), len(read.logits)
        pads = slice(int(at[0]), int(at[-1]) + 1) if len(at) else slice(T, T)
        case = PaddingCase(
            **settings,
            trace=read,
            pads=pads,
            drift=norms(read.arrays["h"][pads] - read.states_before(pads.start)["h"]),
            logit_before=_logit_before(model.classifier, read, pads.start),
            logit_after=_logit_before(model.classifier, read, pads.stop),
            milliseconds=taken[tuple(read.review.ids)],
        )
        found.append(case)
    return found


def _logit_before(classifier: Classifier, read: Trace, t: int) -> float:
    """The verdict on all that was read before time step t."""
    if t:
        return float(read.logits[t - 1])
    with torch.inference_mode():
        nothing = torch.zeros(1, classifier.head.in_features)
        return float(log_odds(classifier.head(nothing), read.followed))


def _read_once(classifier: Classifier, ids: _Ids) -> None:
    with torch.inference_mode():
        classifier(torch.tensor([ids]), torch.tensor([len(ids)]))
