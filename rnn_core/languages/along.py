"""The truth along a string as arrays, and what a network's probabilities are worth beside it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rnn_core.languages.language import Hidden, Language
from rnn_core.text.vocabulary import END

Probabilities = NDArray[np.floating]
"""(T + 1, V) of each next symbol, columns as `Language.predicted`, before each of T symbols and after all."""
NONE = -1


class Along(NamedTuple):
    """The truth before each of the T symbols of a string, and after all of them."""

    truth: NDArray[np.float64]
    """(T + 1, V) columns as `Language.predicted`; nan in the rows that have no truth."""
    allowed: NDArray[np.bool_]
    """(T + 1, V) what the rule allows."""
    decided: NDArray[np.int64]
    """(T + 1,) column of the symbol that is decided; NONE where none is."""
    rivals: NDArray[np.int64]
    """(T + 1,) column of what the decided symbol must be more probable than; NONE where nothing is asked."""
    targets: NDArray[np.int64]
    """(T + 1,) column of the symbol that comes, END at last; NONE for one that the language doesn't have."""
    hidden: tuple[Hidden, ...]

    def first(self, steps: int) -> "Along":
        """The truth of so many time steps from the first."""
        parts: tuple[Any, ...] = self
        return Along._make(part[:steps] for part in parts)

    @property
    def entropies(self) -> NDArray[np.float64]:
        """(T + 1,) entropy of the truth in bits; nan where there is none."""
        return -(self.truth * np.log2(np.where(self.truth == 0, 1.0, self.truth))).sum(axis=1)

    def right(self, probabilities: Probabilities) -> NDArray[np.bool_]:
        """(T + 1,) whether a network is right.

        It is where the most probable symbol is one that the rule allows and, where a bracket closes, its
        kind is more probable than the other one.
        """
        rows = np.arange(len(probabilities))
        most_probable_allowed: NDArray[np.bool_] = self.allowed[rows, probabilities.argmax(axis=1)]
        wins = probabilities[rows, self.decided] > probabilities[rows, self.rivals]
        return most_probable_allowed & (wins | (self.rivals == NONE))

    def bits_above(self, probabilities: Probabilities) -> NDArray[np.float64]:
        """(T + 1,) KL(truth, network) in bits; nan where there is no truth, inf for 0 where it is none."""
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = self.truth * (np.log2(self.truth) - np.log2(probabilities.astype(np.float64)))
        return np.where(self.truth == 0, 0.0, terms).sum(axis=1)


def string_truth(language: Language, string: str) -> Along:
    """The truth along a string, a wrong one too."""
    column = {symbol: number for number, symbol in enumerate(language.predicted)}
    moments = list(language.moments(string))
    truth = np.full((len(moments), len(column)), np.nan)
    allowed = np.zeros(truth.shape, bool)
    known = [(t, moment.truth) for t, moment in enumerate(moments) if moment.truth is not None]
    truth[[t for t, _ in known]] = 0
    truth[[t for t, of in known for _ in of], [column[symbol] for _, of in known for symbol in of]] = [
        p for _, of in known for p in of.values()
    ]
    allowed[
        [t for t, moment in enumerate(moments) for _ in moment.allowed],
        [column[symbol] for moment in moments for symbol in moment.allowed],
    ] = True
    decided = [moment.decided or "" for moment in moments]

    def columns(symbols: list[str]) -> NDArray[np.int64]:
        return np.array([column.get(symbol, NONE) for symbol in symbols], np.int64)

    return Along(
        truth=truth,
        allowed=allowed,
        decided=columns(decided),
        rivals=columns([language.rivals.get(symbol, "") for symbol in decided]),
        targets=columns([*string, END]),
        hidden=tuple(moment.hidden for moment in moments),
    )
