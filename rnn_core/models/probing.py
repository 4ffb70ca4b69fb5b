"""What a network understands: the probes it gets right, phenomenon by phenomenon."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.data.encoding import encode_texts
from rnn_core.data.probes.pairs import PHENOMENA, Pair, pairs, texts_without_opinion
from rnn_core.models.folder import LoadedModel
from rnn_core.models.scoring import probabilities_of, score

UNDECIDED = (0.3, 0.7)
"""The probabilities between which a text without an opinion should stay."""


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
    def sentences(self) -> float:
        """Share of the sentences that are right, 0 to 1."""
        return float(self.right.mean())

    @property
    def whole_pairs(self) -> float:
        """Share of the pairs of which both sentences are right, 0 to 1."""
        return float(self.right_pairs.mean())

    def of(self, phenomenon: str) -> "ProbeScores":
        """Those of one phenomenon."""
        rows = [row for row, pair in enumerate(self.pairs) if pair.phenomenon == phenomenon]
        return ProbeScores(pairs=[self.pairs[row] for row in rows], probabilities=self.probabilities[rows])

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold: the shares of all, and of each phenomenon."""
        return {
            "pairs": len(self.pairs),
            "sentences_right": self.sentences,
            "pairs_right": self.whole_pairs,
            "phenomena": {
                key: {
                    "pairs": len(some.pairs),
                    "sentences_right": some.sentences,
                    "pairs_right": some.whole_pairs,
                }
                for key in PHENOMENA
                for some in [self.of(key)]
            },
        }


def probe(model: LoadedModel, half: str) -> ProbeScores:
    """Let a network answer all pairs of a half. Raises ValueError for another name than one of HALVES."""
    asked = pairs(half)
    texts = [sentence for pair in asked for sentence in (pair.positive, pair.negative)]
    return ProbeScores(pairs=asked, probabilities=answers(model, texts).reshape(-1, 2))


def undecided(model: LoadedModel, half: str) -> float:
    """Share of the texts without an opinion that the network leaves undecided, 0 to 1."""
    low, high = UNDECIDED
    probabilities = answers(model, texts_without_opinion(half))
    return float(np.mean((probabilities >= low) & (probabilities <= high)))


def answers(model: LoadedModel, texts: Sequence[str]) -> NDArray[np.float64]:
    """(N,) the probability of a positive verdict on each text."""
    encoded = encode_texts(texts, np.zeros(len(texts), np.int8), model.vocabulary, model.config.text)
    return probabilities_of(score(model.classifier, encoded, torch.device("cpu")).logits)
