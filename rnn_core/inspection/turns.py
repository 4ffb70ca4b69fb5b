"""Where the verdict turns, and the token that did most to turn it.

The verdict is decided where one class is more probable than `DECIDED`. It turns where it is decided for
another class than it was before, or for the first time. Somewhere on the way there is the token that moved
the logit most towards the new class: among those after the last one that left the verdict decided for the old
class (for the first turn: among all), up to the first one that decides it for the new class.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from rnn_core.tasks.classes import log_odds_of, probabilities_of_classes

DECIDED = 0.65
"""A class with a larger probability than this is what the verdict is decided for."""


def turns_of(answers: NDArray[np.floating]) -> dict[int, int]:
    """The class that the verdict turned to, by the time step of the token that turned it, in their order.

    `answers` are the logits after each token: (T, 1) of two classes, (T, K) of more.
    """
    probabilities = probabilities_of_classes(answers)
    side = np.where(probabilities.max(axis=1) > DECIDED, probabilities.argmax(axis=1), -1)  # (T,)
    decided = np.flatnonzero(side >= 0)
    moves = cache(lambda number: moves_of(answers, number))
    turns: dict[int, int] = {}
    begin, old = 0, -1
    for time, new in zip(decided.tolist(), side[decided].tolist(), strict=True):
        if new != old:
            turns[begin + int(moves(new)[begin : time + 1].argmax())] = new
        begin, old = time + 1, new
    return turns


def moves_of(answers: NDArray[np.floating], followed: int) -> NDArray[np.float32]:
    """(T,) how far each token moved the log odds of a class, from where all are equally probable."""
    nothing_read = -np.log(max(answers.shape[1], 2) - 1)
    return np.diff(log_odds_of(answers, followed), prepend=np.float32(nothing_read))
