"""Reviews that stand word for word among those a network learned from.

A network may know such a review by heart, so a score without them says more about what is new to it.
"""

import numpy as np
from numpy.typing import NDArray

from rnn_core.data.corpus import Corpus


def is_copy(corpus: Corpus, reviews: NDArray[np.int64], training: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(len(reviews),) whether the text of each review is, to the letter, that of one in `training`.

    Both are indices of reviews of the corpus.
    """
    texts = corpus.table.column("text")
    learned = set(texts.take(training).to_pylist())
    return np.array([text in learned for text in texts.take(reviews).to_pylist()], bool)
