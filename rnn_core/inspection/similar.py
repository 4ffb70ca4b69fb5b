"""The moments of a corpus at which the hidden state is most similar to a given one, looked for among all.

IMDB's test reviews have 5.1 million moments: 1.3 GB in half precision for a network of 128 units, so their
states are not kept. The network reads the reviews again, batch by batch, and only the best of them stay. What
was found is kept on disk, a few KB under a digest of all that it follows from.
"""

import hashlib
import heapq
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import normalize

from rnn_core.data.batches import Batch
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import encode_reviews
from rnn_core.files import FormatError, from_json, to_json
from rnn_core.inspection.unit_index import keep, longest_first, unit_index_path
from rnn_core.inspection.units import Moment, moment_of
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import packing
from rnn_core.nn.sequence import run
from rnn_core.paths import cache_folder
from rnn_core.progress import Progress
from rnn_core.shapes import Count, Number
from rnn_core.text.vocabulary import UNK_ID
from rnn_core.text.window import room_for_words

FORMAT = "gatescope-similar-1"  # goes up when the layout changes, or what is looked for
KEPT = 500
"""Files; of one more, the oldest goes."""

Floats = NDArray[np.float32]
_Row = tuple[Count, Count, Number]
"""Review, time step, cosine."""


def count_moments(model: Model, corpus: Corpus) -> int:
    """How many words of the test reviews the model reads: the states that `find_similar` looks at."""
    return int(_words_read(model, corpus, corpus.indices("test")).sum())


def similar_path(index: Path, h: Floats, count: int) -> Path:
    """Where the answer is kept, whether or not it is there.

    `index` is the `unit_index_path` of the same model and corpus: its name is a digest of both.
    """
    digest = hashlib.sha256(f"{FORMAT} {index.stem} {count} ".encode())
    digest.update(np.ascontiguousarray(h, np.float32).tobytes())
    return cache_folder() / "similar" / f"{digest.hexdigest()}.json"


def open_similar(path: Path, corpus: Corpus) -> list[Moment] | None:
    """What `find_similar` kept at this path; None where there is nothing yet, or nothing that can be read."""
    try:
        found: list[_Row] = from_json(path.read_bytes(), list[_Row])
        return [moment_of(corpus.labels, corpus.classes, row, time, value) for row, time, value in found]
    except (OSError, FormatError, IndexError):
        return None


def find_similar(
    model: Model, corpus: Corpus, h: Floats, count: int, layer: int | None = None
) -> Iterator[Progress]:
    """Look at every moment of the test reviews and keep the `count` best, for `open_similar`.

    The states are those of a layer, the top one without `layer`.
    A file is written at the end or, where the iterator is closed before, not at all. Raises DataError where
    it can't be written.
    """
    found = yield from search(model, corpus, corpus.indices("test"), h, count, layer)
    path = similar_path(unit_index_path(model, corpus, layer=layer), h, count)
    rows = [(moment.review, moment.time, moment.value) for moment in found]
    keep(path, to_json(rows).encode(), "The similar moments", KEPT)


def search(
    model: Model, corpus: Corpus, indices: NDArray[np.int64], h: Floats, count: int, layer: int | None = None
) -> Generator[Progress, None, list[Moment]]:
    """The `count` moments whose states have the largest cosine to h, (H,), at most one of a review.

    The largest come first, of equal ones those that come first in the corpus. Progress counts moments. Raises
    OverflowedError where a state is no number.
    """
    words = _words_read(model, corpus, indices)
    reviews = encode_reviews(corpus, indices[words > 0], model.vocabulary, model.config.text)
    direction = normalize(torch.from_numpy(np.array(h, np.float32)), dim=0)
    best: list[tuple[float, int, int]] = []  # a heap, the worst on top: cosine, minus the review, time step
    done, total = 0, int(words.sum())
    doing = f"Looking at the states of the test {model.config.corpus.nouns.texts}"
    for batch in longest_first(reviews, model.classifier.config.hidden_size):
        yield Progress(doing, done, total)
        largest, times = _largest_cosines(
            model.classifier, batch, direction, layer or model.config.model.layers
        )
        for cosine, time, row in zip(largest, times, batch.rows.tolist(), strict=True):
            found = (cosine, -int(reviews.indices[row]), time)
            if len(best) < count:
                heapq.heappush(best, found)
            elif found > best[0]:
                heapq.heapreplace(best, found)
        done += int((batch.ids >= UNK_ID).sum())
    yield Progress(doing, total, total)
    return [
        moment_of(corpus.labels, corpus.classes, -minus, time, cosine)
        for cosine, minus, time in sorted(best)[::-1]
    ]


def _words_read(model: Model, corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """(R,) how many words of each review stand in its window."""
    return np.minimum(corpus.lengths()[indices], room_for_words(model.config.text))


def _largest_cosines(
    classifier: Classifier, batch: Batch, direction: Tensor, layer: int
) -> tuple[list[float], list[int]]:
    """The largest cosine at a word of each row of a batch, (B,), and its time step."""
    packed = packing(batch.lengths)
    with torch.inference_mode():
        xs = classifier.below(layer, classifier.inputs(batch.ids, packed), packed)
        hs = run(classifier.layers[layer - 1], xs, packed, every=True)  # (N, H)
        check_texts("The network", hs.numpy())
        cosines = normalize(hs) @ direction  # (N,)
        cosines[packed.pack(batch.ids) < UNK_ID] = -torch.inf
        padded = cosines.new_full((len(batch.lengths), len(packed.running)), -torch.inf)
        padded[packed.rows, packed.times] = cosines
        largest, times = padded.max(dim=1)
    return largest.tolist(), times.tolist()
