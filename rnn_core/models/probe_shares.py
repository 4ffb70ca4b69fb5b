"""How many probes are right: shares of all pairs, and of those that have something in common."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from rnn_core.data.probes.pairs import TITLES
from rnn_core.shapes import Count, Line, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class RightShares:
    """What is right of some pairs of sentences."""

    pairs: Count
    sentences_right: Share
    pairs_right: Share
    """Of the pairs: those of which both sentences are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShares:
    """What is right of a set of probes."""

    all: RightShares
    phenomena: Mapping[Line, RightShares]
    """By the keys of TITLES."""
    same_words: RightShares
    """Of the pairs whose sentences hold the same words, each as often, in another order."""
    undecided: Share | None = None
    """Of the texts without an opinion; None where a model gives no probability or a set has none of them."""

    def by_group(self) -> dict[str, RightShares]:
        """By what people call the pairs: all, those of each phenomenon, those with the same words."""
        by_title = {TITLES[key]: some for key, some in self.phenomena.items()}
        return {"All": self.all, **by_title, "The same words in another order": self.same_words}

    @classmethod
    def mean(cls, several: Sequence[Self]) -> Self:
        """The mean over one model of each seed, which all answered the same probes."""
        first, undecided = several[0], [one.undecided for one in several if one.undecided is not None]
        return cls(
            all=_mean([one.all for one in several]),
            phenomena={key: _mean([one.phenomena[key] for one in several]) for key in first.phenomena},
            same_words=_mean([one.same_words for one in several]),
            undecided=statistics.fmean(undecided) if undecided else None,
        )


def _mean(several: Sequence[RightShares]) -> RightShares:
    return RightShares(
        pairs=several[0].pairs,
        sentences_right=statistics.fmean(one.sentences_right for one in several),
        pairs_right=statistics.fmean(one.pairs_right for one in several),
    )
