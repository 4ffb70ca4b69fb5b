"""Understanding of a network: the probes it gets right, phenomenon by phenomenon."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from rnn_core.config.run import RunConfig
from rnn_core.data.encoding import encode_texts
from rnn_core.data.probes.pairs import TITLES, Pair, pairs, texts_without_opinion, titles_of
from rnn_core.models.model import Model
from rnn_core.models.overflow import score_trained
from rnn_core.nn.classifier import Classifier
from rnn_core.shapes import Count, Line, Share
from rnn_core.tasks.classes import probabilities_of
from rnn_core.text.vocabulary import Vocabulary

UNDECIDED = (0.3, 0.7)
"""The probabilities between which a text without an opinion should stay."""

Reader = Callable[[Sequence[str]], NDArray[np.float64]]
"""N texts -> (N,) the probability of a positive verdict on each, by a network or by counting words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RightShares:
    """The shares of some pairs of sentences that are right."""

    pairs: Count
    sentences_right: Share
    pairs_right: Share
    """Share of the pairs of which both sentences are right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeShares:
    """The shares of a set of probes that are right."""

    all: RightShares
    phenomena: Mapping[Line, RightShares]
    """Shares by the keys of TITLES."""
    same_words: RightShares
    """Shares of the pairs whose sentences hold the same words, each as often, in another order."""
    undecided: Share | None = None
    """Share of the texts without an opinion that stay undecided; None where a model gives no probability or a
    set has none of them."""

    def by_group(self) -> dict[str, RightShares]:
        """The shares by what people call the pairs: all, those of a phenomenon, those with the same words."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeScores:
    """The answers of a network, or of a model that counts words, to N pairs of probes."""

    pairs: Sequence[Pair]
    probabilities: NDArray[np.float64]
    """(N, 2) of a positive verdict: on the positive sentence of each pair, on the negative one."""

    @property
    def right(self) -> NDArray[np.bool_]:
        """(N, 2) which sentences are right."""
        return np.stack([self.probabilities[:, 0] > 0.5, self.probabilities[:, 1] < 0.5], axis=1)

    @property
    def right_pairs(self) -> NDArray[np.bool_]:
        """(N,) of which pairs both sentences are right."""
        return np.logical_and(self.right[:, 0], self.right[:, 1])

    @property
    def phenomena(self) -> dict[str, str]:
        """The phenomena of the pairs: key -> title."""
        return titles_of(self.pairs)

    @property
    def sentences(self) -> float:
        """Share of the sentences that are right, 0 to 1."""
        return float(self.right.mean())

    @property
    def whole_pairs(self) -> float:
        """Share of the pairs of which both sentences are right, 0 to 1."""
        return float(self.right_pairs.mean())

    def phenomenon(self, phenomenon: str) -> "ProbeScores":
        """The answers to the pairs of one phenomenon."""
        return self._chosen([pair.phenomenon == phenomenon for pair in self.pairs])

    def _chosen(self, wanted: Sequence[bool]) -> "ProbeScores":
        rows = [row for row, is_wanted in enumerate(wanted) if is_wanted]
        return ProbeScores(pairs=[self.pairs[row] for row in rows], probabilities=self.probabilities[rows])

    def shares(self, undecided: float | None = None) -> ProbeShares:
        """Return the shares that are right, with what `undecided` gives for the same model."""
        return ProbeShares(
            all=self._shares(),
            phenomena={key: self.phenomenon(key)._shares() for key in self.phenomena},
            same_words=self._chosen([pair.differs_in_order_alone for pair in self.pairs])._shares(),
            undecided=undecided,
        )

    def _shares(self) -> RightShares:
        return RightShares(
            pairs=len(self.pairs), sentences_right=self.sentences, pairs_right=self.whole_pairs
        )

    def to_dict(self) -> dict[str, Any]:
        """Return for JSON the shares of all, of each phenomenon, and of the pairs with the same words."""
        shares = asdict(self.shares())
        return {**shares["all"], "phenomena": shares["phenomena"], "same_words": shares["same_words"]}


def probe(model: Model, name: str) -> ProbeScores:
    """Let a network answer all pairs of a set. Raises ValueError for another name than one of SETS."""
    return ask_pairs(_answer_of_model(model), name)


def undecided(model: Model, name: str) -> float | None:
    """Share of a set's texts without an opinion that the network leaves undecided; None where it has none."""
    return ask_without_opinion(_answer_of_model(model), name)


def ask_pairs(answer: Reader, name: str) -> ProbeScores:
    """The answers to all pairs of a set. Raises ValueError as `probe` does."""
    asked = pairs(name)
    texts = [sentence for pair in asked for sentence in (pair.positive, pair.negative)]
    return ProbeScores(pairs=asked, probabilities=answer(texts).reshape(-1, 2))


def ask_without_opinion(answer: Reader, name: str) -> float | None:
    """Share of a set's texts without an opinion that stay undecided, 0 to 1; None where it has none."""
    low, high = UNDECIDED
    texts = texts_without_opinion(name)
    if not texts:
        return None
    probabilities = answer(texts)
    return float(np.mean((probabilities >= low) & (probabilities <= high)))


def answer_of(classifier: Classifier, vocabulary: Vocabulary, config: RunConfig) -> Reader:
    """Return a function that answers for a network."""

    def answer(texts: Sequence[str]) -> NDArray[np.float64]:
        encoded = encode_texts(texts, vocabulary, config.text, config.tokens)
        return probabilities_of(score_trained(classifier, encoded).logits[:, 0])

    return answer


def _answer_of_model(model: Model) -> Reader:
    return answer_of(model.classifier, model.vocabulary, model.config)
