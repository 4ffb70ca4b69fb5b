"""Predictions of a network after each token of a text, beside what comes and the truth.

T time steps, K tokens that can come next. The truth is known of made-up languages (`rnn_core.languages`).
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rnn_core.inspection.trace import Trace
from rnn_core.languages.along import NONE, Along
from rnn_core.models.model import Model, check_says_what_comes
from rnn_core.tasks.task import task_of
from rnn_core.text.vocabulary import END, START_ID, UNK

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class NextTokens:
    """Predictions, from the time step at which the first token of a text is about to come."""

    names: tuple[str, ...]
    """The K tokens that can come next, the end last."""
    log2: Floats
    """(T, K) log2 of the probability that the network gives each."""
    came: NDArray[np.int64]
    """(T,) index of the token that comes, `<unk>` for an unknown one where that is asked; NONE for one that
    the network can't predict.
    """
    along: Along | None
    """The truth and the rule at these time steps; None where the text is of no language."""
    is_open: bool = False
    """True where nothing has come yet after the last time step."""

    @property
    def network(self) -> Floats:
        """(T, K) the probability that the network gives each."""
        return np.exp2(self.log2)

    @property
    def truth(self) -> Floats:
        """(T, K) the true probability of each; nan where there is none."""
        return np.full(self.log2.shape, np.nan) if self.along is None else self.along.truth

    @property
    def surprise(self) -> Floats:
        """(T,) -log2 of the probability that the network gave what came, in bits; nan where it can't."""
        return self._pick_what_came(0.0 - self.log2)

    @property
    def true_surprise(self) -> Floats:
        """(T,) -log2 of its true probability, in bits; inf for the impossible, nan without a truth."""
        with np.errstate(divide="ignore"):
            return self._pick_what_came(0.0 - np.log2(self.truth))  # 0, where -log2(1) is -0

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """(T,) whether anything right can be said: not after a token that the rule does not allow.

        Without a rule that takes something that comes.
        """
        if self.along is None:
            return np.arange(len(self.came)) < len(self.came) - self.is_open
        return np.asarray(self.along.allowed.any(axis=1))

    @property
    def right(self) -> NDArray[np.bool_]:
        """(T,) whether the network is right, by `Along.right`; without a rule, whether it foresaw it."""
        if self.along is None:
            return self.log2.argmax(axis=1) == self.came
        return self.along.right(self.log2)

    def opened(self) -> Self:
        """These predictions where the text goes on, so that what comes last is open."""
        return replace(self, came=np.append(self.came[:-1], NONE), is_open=True)

    @property
    def first_wrong(self) -> int | None:
        """The first time step at which the network is wrong; None where it never is."""
        return _first(self.is_judged & ~self.right)

    @property
    def breaks(self) -> int | None:
        """The time step after which comes what the rule does not allow; None where the rule is kept."""
        if self.along is None:
            return None
        is_allowed = np.append(self.along.allowed, np.zeros((len(self.came), 1), np.bool_), axis=1)
        breaks = ~is_allowed[np.arange(len(self.came)), self.came]  # NONE is the column that was appended
        return _first(breaks[:-1] if self.is_open else breaks)

    @property
    def without_truth(self) -> int | None:
        """The first time step that has no truth; None where all have one, and where there is no language."""
        return None if self.along is None else _first(np.asarray(np.isnan(self.truth).all(axis=1)))

    def _pick_what_came(self, values: Floats) -> Floats:
        found = values[np.arange(len(self.came)), self.came]
        return np.where(self.came == NONE, np.nan, found)


def next_tokens(model: Model, trace: Trace) -> NextTokens:
    """Return the predictions along a text that this model has read, also while something was held.

    A trace that does not begin with `<start>` has no truth. Raises ModelFolderError where the model was not
    trained to predict what comes next.
    """
    task, review = task_of(model.config), trace.review
    check_says_what_comes(model.name, model.config)
    T, is_whole = len(review.window), review.ids[0] == START_ID
    columns = sorted(range(len(trace.classes)), key=lambda number: trace.classes[number] == END)
    names = tuple(trace.classes[number] for number in columns)
    following = review.tokens[int(not is_whole) : review.kept.stop + 1]
    column = {name: number for number, name in enumerate(names)}
    unknown = column.get(UNK, NONE)
    end = column[END] if model.config.texts_end else NONE
    along = task.text_truth(model.config, following) if is_whole else None
    return NextTokens(
        names=names,
        log2=log2_of(trace.answers)[:, columns],
        came=np.array([*(column.get(token, unknown) for token in following), end][:T], np.int64),
        along=None if along is None else along.first(T),
        is_open=len(following) < T and not model.config.texts_end,
    )


def log2_of(answers: NDArray[np.float32]) -> Floats:
    """(T, K) log2 of the probabilities, given logits as they are compared, (T, 1) of two or (T, K)."""
    logits = answers.astype(np.float64)
    if logits.shape[1] == 1:  # that of the second of two, as they are compared
        logits = np.hstack([np.zeros_like(logits), logits])
    logs: Floats = (logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)) / np.log(2)
    return logs


def _first(is_so: NDArray[np.bool_]) -> int | None:
    return int(is_so.argmax()) if is_so.any() else None
