"""What models that count words make of the probes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rnn_core.baselines.counting import Grams, LinearModel, count_in_texts
from rnn_core.data.corpus import Corpus
from rnn_core.models.probing import ProbeShares, ask_pairs, ask_without_opinion
from rnn_core.tasks.classes import probabilities_of


def probe_baseline(model: LinearModel, corpus: Corpus, grams: Grams, name: str) -> ProbeShares:
    """What a baseline has right of a set; whether it is undecided is only asked where it gives a probability.

    `corpus` is the one whose grams it counts.
    """

    def answer(texts: Sequence[str]) -> NDArray[np.float64]:
        values = model.values(count_in_texts(corpus, texts, grams))
        return probabilities_of(values) if model.gives_probability else (values > 0).astype(np.float64)

    undecided = ask_without_opinion(answer, name) if model.gives_probability else None
    return ask_pairs(answer, name).shares(undecided)
