"""The unit index of a model on disk: made once from the test reviews of a corpus, then only opened.

Its file lies in the cache folder under a digest of all that it follows from: weights, vocabulary, settings
and reviews. So a model that is trained on has another, and one that is copied has the same.
"""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError

from rnn_core.data.corpus import FORMAT as CORPUS_FORMAT
from rnn_core.data.corpus import Corpus
from rnn_core.errors import DataError, reason
from rnn_core.files import write_whole
from rnn_core.inspection.unit_reading import read_units
from rnn_core.inspection.units import UnitIndex
from rnn_core.models.digested import digested_bytes, read_digested
from rnn_core.models.model import Model
from rnn_core.paths import cache_folder
from rnn_core.progress import Progress

FORMAT = "gatescope-units-2"  # goes up when the layout changes, or what is computed
KEPT = 10
"""Files; of one more, the oldest goes. One of 128 units takes 53 MB."""
_TENSORS = ("activations", "reviews", "times", "auc", "states", "state_reviews", "state_times")


def unit_index_path(
    model: Model, corpus: Corpus, reviews: int | None = None, layer: int | None = None
) -> Path:
    """Where the index of a layer of this model, the top one without `layer`, over these reviews is kept.

    Whether or not it is there.
    """
    return cache_folder() / "units" / f"{_key(model, corpus, reviews, layer)}.safetensors"


def open_unit_index(
    model: Model, corpus: Corpus, reviews: int | None = None, layer: int | None = None
) -> UnitIndex | None:
    """The index that `build_unit_index` made; None where there is none yet, or none that is whole.

    Takes as long as it takes to digest the corpus and the file, a few tenths of a second for 25,000 reviews.
    """
    path = unit_index_path(model, corpus, reviews, layer)
    try:
        about, tensors = _read(path)
        if about["key"] != path.stem:
            raise ValueError(f"{path.name} is the index of something else")
    except (OSError, SafetensorError, ValueError, KeyError):
        return None
    return UnitIndex(letters=tuple(about["letters"]), labels=corpus.labels, classes=corpus.classes, **tensors)


def build_unit_index(
    model: Model, corpus: Corpus, reviews: int | None = None, layer: int | None = None
) -> Iterator[Progress]:
    """Make the index of a layer of a model ready; ends at once where it is.

    It is written whole or, where the iterator is closed before its end, not at all. At most `reviews` test
    reviews are read, drawn by a fixed seed; None for all. Raises DataError where there is none, where the
    model computes nothing on them (see `read_units`), or where the index can't be written.
    """
    if open_unit_index(model, corpus, reviews, layer) is not None:
        return
    indices = _reviews(corpus, reviews)
    if not len(indices):
        raise DataError(
            f"There are no test {corpus.ref.nouns.texts} in which to look up what the units respond to."
        )
    index = yield from read_units(model, corpus, indices, layer=layer)
    path = unit_index_path(model, corpus, reviews, layer)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _content(index, path.stem))
    except OSError as error:
        raise DataError(
            f"What the units respond to could not be kept in {path.parent}: {reason(error)}. Free some disk "
            "space or make the folder writable, then try again."
        ) from error
    drop_oldest(path.parent, KEPT)


def _reviews(corpus: Corpus, reviews: int | None) -> NDArray[np.int64]:
    """Indices of the test reviews that are read, in order."""
    indices = corpus.indices("test")
    if reviews is None or reviews >= len(indices):
        return indices
    return np.sort(np.random.default_rng(0).choice(indices, reviews, replace=False))


def _key(model: Model, corpus: Corpus, reviews: int | None, layer: int | None) -> str:
    """A digest of all that an index follows from."""
    digest, top = hashlib.sha256(), model.config.model.layers
    parts = (
        *(FORMAT, CORPUS_FORMAT, corpus.name, model.config.to_json(), model.vocabulary.to_text()),
        "\n".join(corpus.words),
        *(corpus.ids, corpus.offsets, corpus.labels, _reviews(corpus, reviews)),
        *(weights.numpy() for weights in model.classifier.state_dict().values()),
        *([] if layer in (None, top) else [f"layer {layer}"]),
    )
    for part in parts:
        content = part.encode() if isinstance(part, str) else _bytes(part)
        digest.update(len(content).to_bytes(8))
        digest.update(content)
    return digest.hexdigest()


def _content(index: UnitIndex, key: str) -> bytes:
    tensors = {name: torch.from_numpy(np.ascontiguousarray(getattr(index, name))) for name in _TENSORS}
    return digested_bytes(json.dumps({"key": key, "letters": index.letters}), tensors)


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Raises OSError, SafetensorError, KeyError or ValueError for a file that is not there or not whole."""
    about, tensors = read_digested(path)
    return json.loads(about), {name: tensors[name].numpy() for name in _TENSORS}


def _bytes(values: NDArray[Any]) -> memoryview:
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


def drop_oldest(folder: Path, kept: int) -> None:
    """All files but so many, also what a process left that was killed while it wrote."""
    with contextlib.suppress(OSError):  # another process may do the same, or still read one
        for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)[:-kept]:
            path.unlink()
