"""The most telling words of each class in the beginning of a table, before a corpus is made of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from rnn_core.data.own.recipe import OTHER, Recipe
from rnn_core.data.statistics.words import LogOdds, made_up_uses, odds_against_rest

MOST_TEXTS = 2_000
"""Texts of each label whose words are counted, so that memory stays small."""
_SHOWN = 6


class Tally:
    """How often each token stands in the first texts of each label."""

    def __init__(self) -> None:
        self._of_label: dict[int, Counter[str]] = {}
        self._texts = Counter[int]()

    def add(self, tokens: Sequence[Sequence[str]], labels: Sequence[int]) -> None:
        """Take in some texts, as long as a label has not too many; those with the label -1 don't count."""
        for text, label in zip(tokens, labels, strict=True):
            if label >= 0 and self._texts[label] < MOST_TEXTS:
                self._texts[label] += 1
                self._of_label.setdefault(label, Counter()).update(text)

    def telling(
        self, names: Sequence[str], classes: Sequence[str], recipe: Recipe
    ) -> dict[str, tuple[str, ...]]:
        """Class -> up to six words that set it apart from the others; `names` are those of the labels."""
        of_class = self._of_classes(names, classes, recipe)
        words = sorted(set().union(*of_class.values()))
        if len(words) < 2:  # the odds of the only word there is are without bounds
            return {}
        by_class = np.array([[counts[word] for word in words] for counts in of_class.values()])  # (K, W)
        uses, everywhere = made_up_uses(int(by_class.sum())), by_class.sum(axis=0)
        return {
            name: _words_of(words, odds_against_rest(inside, everywhere - inside, uses))
            for name, inside in zip(of_class, by_class, strict=True)
        }

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


def _words_of(words: Sequence[str], odds: LogOdds) -> tuple[str, ...]:
    order = np.argsort(-odds.log_odds, kind="stable")[:_SHOWN]
    return tuple(words[place] for place in order.tolist() if odds.log_odds[place] > 0)
