"""The most telling words of each class in the beginning of a table, before a corpus is made of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from rnn_core.data.own.recipe import OTHER, Recipe
from rnn_core.data.statistics.words import log_odds

MOST_TEXTS = 20_000
"""Texts whose words are counted, so that memory stays small."""
_SHOWN = 6
_PRIOR = 1.0


class Tally:
    """How often each token stands in the first texts of each label."""

    def __init__(self) -> None:
        self._of_label: dict[int, Counter[str]] = {}
        self._texts = 0

    def add(self, tokens: Sequence[Sequence[str]], labels: Sequence[int]) -> None:
        """Take in some texts, as long as there are not too many; those with the label -1 don't count."""
        room = max(MOST_TEXTS - self._texts, 0)
        for text, label in zip(tokens[:room], labels, strict=False):
            if label >= 0:
                self._of_label.setdefault(label, Counter()).update(text)
        self._texts += len(tokens)

    def telling(
        self, names: Sequence[str], classes: Sequence[str], recipe: Recipe
    ) -> dict[str, tuple[str, ...]]:
        """Class -> up to six words that set it apart from the others; `names` are those of the labels."""
        of_class = self._of_classes(names, classes, recipe)
        total = Counter[str]()
        for counts in of_class.values():
            total.update(counts)
        if len(total) < 2:  # the odds of the only word there is are without bounds
            return {}
        words = sorted(total)
        everywhere = np.array([total[word] for word in words])
        return {name: _words_of(counts, words, everywhere) for name, counts in of_class.items()}

    def _of_classes(
        self, names: Sequence[str], classes: Sequence[str], recipe: Recipe
    ) -> Mapping[str, Counter[str]]:
        new_name, of_class = dict(recipe.merges), {name: Counter[str]() for name in classes}
        for label, counts in self._of_label.items():
            name = new_name.get(names[label], names[label])
            if name not in of_class and recipe.small_classes == "join":
                name = OTHER
            if name in of_class:
                of_class[name].update(counts)
        return of_class


def _words_of(counts: Counter[str], words: Sequence[str], everywhere: np.ndarray) -> tuple[str, ...]:
    inside = np.array([counts[word] for word in words])
    share = inside.sum() / everywhere.sum()
    odds = log_odds(inside, everywhere - inside, (2 * _PRIOR * share, 2 * _PRIOR * (1 - share)))
    order = np.argsort(-odds.z, kind="stable")[:_SHOWN]
    return tuple(words[place] for place in order if odds.z[place] > 0)
