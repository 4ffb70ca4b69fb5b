"""The weights of a network for a small file: rounded as far as that changes nothing that counts.

`choose` tries the storages from the smallest on, and takes the first with which no probability changes by
more than `MOST_CHANGE` on up to `TEXTS` texts. Each weight is a JSON object with its `shape`, its `dtype` and
its `data`, the bytes in base64, the lowest byte of each number first:

    float32, float16   as IEEE 754 has them
    int8               whole numbers, each row times its number in `scales`, which is float32
    ascending          how much larger each whole number is than the one before, seven bits to a byte, the
                       lowest first; the highest bit says that more follow (LEB128). Places left free, which
                       come last, are left out.
"""

import base64
import copy
import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from rnn_core.config.run import RunConfig
from rnn_core.data.encoding import (
    EncodedReviews,
    encode_reviews,
    encode_texts_to_predict,
    encode_to_predict,
    joined,
)
from rnn_core.data.reading import Batch, evaluation_batches
from rnn_core.errors import DataError, ExportError
from rnn_core.export.format import check_finite
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.pairs import PLACE_LEFT_FREE
from rnn_core.nn.threads import threads_here
from rnn_core.progress import Progress
from rnn_core.refusals import shown
from rnn_core.registry import Registry
from rnn_core.tasks.classes import compared, probabilities_of_classes
from rnn_core.tasks.task import Task, task_of
from rnn_core.text.vocabulary import END_ID, START_ID, UNK_ID
from rnn_core.text.window import window

MOST_CHANGE = 0.005
"""A rounding that changes a probability by more is none."""
TEXTS = 1_000

_MOST_AT_ONCE, _WORK_AT_ONCE = 64, 2_000_000_000
"""Texts that are read together, and multiplications: few enough that they take no half second."""
_FEWEST, _ANSWERS_KEPT = 20, 50_000_000
"""Texts that are always measured on, and probabilities that are kept of more."""
_LONGEST_DRAWN = 400  # tokens

Tensor = Mapping[str, Any]
"""A weight as JSON."""
Values = NDArray[Any]


class Encoded(NamedTuple):
    """A weight as it is written, and as it is read again."""

    values: Values
    tensor: Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A way to store all weights of a network."""

    in_words: str
    """The beginning of a sentence that says how the weights are stored."""
    tables: Callable[[Values], Encoded]
    """Writer for vectors of words and of pairs."""
    others: Callable[[Values], Encoded]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A network as a file stores it."""

    name: str
    """The name of the storage."""
    classifier: Classifier
    """The network with its weights as they are read again."""
    tensors: Mapping[str, Tensor]
    """The weights by their names in the state dictionary."""
    change: float
    """The largest change of a probability."""
    sentence: str
    """A sentence: how the weights are stored, how much that changes, and on which texts that was measured."""


def to_float32(values: Values) -> Encoded:
    """Weights as they are."""
    return _float_tensor(values, np.float32)


def to_float16(values: Values) -> Encoded:
    """Weights in half precision. What is too large for it becomes infinite."""
    with np.errstate(over="ignore"):
        return _float_tensor(values, np.float16)


def to_int8(values: Values) -> Encoded:
    """Weights of a table, (rows, columns), as whole numbers from -127 to 127 times a number of their row."""
    largest = np.abs(values).max(axis=1, keepdims=True)
    scales = (largest / 127).astype(np.float32)
    whole = np.rint(values / np.where(scales, scales, 1)).astype(np.int8)
    tensor = {"shape": list(values.shape), "dtype": "int8", "data": _base64(whole), "scales": _base64(scales)}
    return Encoded(whole * scales, tensor)


def to_ascending(values: Values) -> Encoded:
    """Whole numbers in ascending order, as pairs of words are known by."""
    known = values[values != PLACE_LEFT_FREE]
    written = bytearray()
    for more in np.diff(known, prepend=0).tolist():
        while more >= 128:
            written.append(more & 127 | 128)
            more >>= 7
        written.append(more)
    return Encoded(values, {"shape": [len(values)], "dtype": "ascending", "data": _text(written)})


STORAGES: Registry[Storage] = Registry(
    "storage",
    {
        "int8": Storage(
            in_words="The vectors of its tokens are stored in 8 bits a number and its other weights in 16",
            tables=to_int8,
            others=to_float16,
        ),
        "float16": Storage(
            in_words="Its weights are stored in 16 bits each", tables=to_float16, others=to_float16
        ),
        "float32": Storage(
            in_words="Its weights are stored in 32 bits each, in which it computes",
            tables=to_float32,
            others=to_float32,
        ),
    },
)
"""The smallest first; the last one changes nothing."""


def choose(model: Model, among: Sequence[str] = tuple(STORAGES)) -> Generator[Progress, None, Stored]:
    """A model's weights in the first of these storages that changes no probability by more than MOST_CHANGE.

    Probabilities are those of all classes, of a network that says what comes next at every time step. The
    texts are those of the test split where the corpus is on this machine; nothing is downloaded. Raises
    ExportError where a weight is no finite number, or where each of these storages changes more, and
    OverflowedError where a probability is none.
    """
    check_finite(model)
    yield Progress("Choosing texts to measure on", 0, TEXTS)
    texts, of = _texts(model)
    task, batches = task_of(model.config), _batches(model, texts)

    @cache
    def exact(number: int) -> Values:
        """Return the probabilities of a batch by its number, by the network as it is."""
        found = _probabilities(task, model.classifier, batches[number])
        check_texts("The network", found)
        return found

    for name in among:
        storage = STORAGES[name]
        rounded, tensors = store(model.classifier, storage)
        change = yield from _change(name, task, rounded, batches, exact)
        if change <= MOST_CHANGE:
            return Stored(
                name=name,
                classifier=rounded,
                tensors=tensors,
                change=change,
                sentence=_sentence(storage, change, of),
            )
    raise ExportError(
        f"No storage among {', '.join(among)} keeps the probabilities of {shown(model.name)} within "
        f"{MOST_CHANGE}. Allow float32, which changes nothing."
    )


def store(classifier: Classifier, storage: Storage) -> tuple[Classifier, dict[str, Tensor]]:
    """A network with its weights as they are read again from a storage, and each weight as it is written."""
    tables, encoded = _tables(classifier), dict[str, Encoded]()
    for name, weights in classifier.written_out().items():
        write = storage.tables if name in tables else storage.others
        encoded[name] = (write if weights.dtype.is_floating_point else to_ascending)(weights.numpy())
    rounded = copy.deepcopy(classifier)
    rounded.load_state_dict({name: torch.from_numpy(encoded[name].values) for name in rounded.state_dict()})
    return rounded, {name: one.tensor for name, one in encoded.items()}


def _tables(classifier: Classifier) -> frozenset[str]:
    """The names of the weights with a row for each word, or pair of words, of which a text picks some."""
    vectors = {"embedding.weight", "bigrams.vectors.weight"}
    if classifier.config.tied:
        vectors.add("head.weight")
    if classifier.config.input == "embedding":
        return frozenset(vectors)
    return frozenset(
        f"{cell}.{name}" for cell in ("cell", "backward_cell") for name in classifier.cell.word_parameters
    )


def _batches(model: Model, texts: EncodedReviews) -> list[Batch]:
    """The texts in batches that are read in no more than half a second, the longest first."""
    multiplied = sum(len(W) * W.shape[1] for W in _matrices(model.classifier))
    at_once = _WORK_AT_ONCE // (max(multiplied, 1) * int(texts.lengths().max()))
    return [*evaluation_batches(texts, max(1, min(_MOST_AT_ONCE, at_once)))]


def _matrices(classifier: Classifier) -> Iterator[torch.Tensor]:
    """The weights that each time step multiplies with a vector."""
    words = _tables(classifier)
    return (
        W for name, W in classifier.named_parameters() if name.endswith((".W", ".U")) and name not in words
    )


def _probabilities(task: Task, classifier: Classifier, batch: Batch) -> Values:
    """(R, K) the probabilities of all classes in R answers to a batch."""
    with threads_here(), torch.inference_mode():
        read = classifier.head_inputs(batch.ids, task.steps(batch.lengths))
        return probabilities_of_classes(compared(classifier.head(read)).numpy())


def _change(
    name: str, task: Task, rounded: Classifier, batches: Sequence[Batch], exact: Callable[[int], Values]
) -> Generator[Progress, None, float]:
    """The largest change of a probability; where it is too large, that of the first batch with such a one.

    `exact` returns the probabilities that the network itself gives on a batch, by its number.
    """
    total, done, change = sum(len(batch.rows) for batch in batches), 0, 0.0
    for number, batch in enumerate(batches):
        yield Progress(f"Measuring what {name} changes", done, total)
        off = float(np.abs(_probabilities(task, rounded, batch) - exact(number)).max())
        change = max(change, off) if math.isfinite(off) else math.inf
        if change > MOST_CHANGE:
            break
        done += len(batch.rows)
    return change


def _sentence(storage: Storage, change: float, texts: str) -> str:
    """Say how the weights are stored, and how much that changes on these texts."""
    on = f"measured on {texts}"
    if not change:
        return f"{storage.in_words}, which changes no probability at all ({on})."
    most = math.ceil(change * 10_000) / 10_000
    return f"{storage.in_words}, which changes no probability by more than {most:.4f} ({on})."


def _texts(model: Model) -> tuple[EncodedReviews, str]:
    """TEXTS texts to measure on, or fewer of long ones with many answers, and the words for them."""
    config, corpus = model.config, model.config.corpus
    answers = model.classifier.head.out_features
    if task_of(config).at_every_step:
        answers *= config.text.max_length
    count = min(TEXTS, max(_FEWEST, _ANSWERS_KEPT // answers))
    if corpus.language is not None:
        rng = Random(0)
        strings = [corpus.language.draw(rng) for _ in range(count)]
        encoded = encode_texts_to_predict(strings, model.vocabulary, config.text, config.tokens)
        return encoded, f"{count:,} strings of {corpus.phrase}"
    found = _test_texts(model, count)
    missing = count - (len(found) if found else 0)
    if found is None:
        why = f"since the {corpus.nouns.texts} of {corpus.title} were not at hand when this was made"
        return _drawn(model, missing), f"{count:,} texts drawn from its vocabulary, {why}"
    of_test = f"{len(found):,} test {corpus.nouns.texts} of {corpus.title}"
    if not missing:
        return found, of_test
    return joined(found, _drawn(model, missing)), f"{of_test} and {missing:,} texts drawn from its vocabulary"


def _test_texts(model: Model, count: int) -> EncodedReviews | None:
    """Return at most `count` of the test split of its corpus; None where that is not there, or has none."""
    config, ref = model.config, model.config.corpus
    if not ref.is_prepared():
        return None
    try:
        corpus = ref.load()
    except DataError:  # the page of the corpus says so; here it is as good as gone
        return None
    test = np.random.default_rng(0).permutation(corpus.indices("test"))[:count]
    if not len(test) or config.identity.differs(corpus.identity):
        return None
    encode = encode_to_predict if task_of(config).at_every_step else encode_reviews
    return encode(corpus, test, model.vocabulary, replace(config.text, windows="first"))


def _drawn(model: Model, count: int) -> EncodedReviews:
    """Draw `count` texts of tokens of its vocabulary, the n-th of which comes 1 / n as often as the first."""
    config, task = model.config, task_of(model.config)
    rng = np.random.default_rng(0)
    ids = np.array([UNK_ID, *range(len(task.specials), len(model.vocabulary))])
    shares = 1 / np.arange(1, len(ids) + 1)
    longest = min(config.text.max_length, _LONGEST_DRAWN)
    lengths = rng.integers(1, longest + 1, count)
    tokens = rng.choice(ids, lengths.sum(), p=shares / shares.sum())
    windows = [_window(task, config, text.tolist()) for text in np.split(tokens, lengths.cumsum()[:-1])]
    return EncodedReviews(
        ids=np.concatenate(windows).astype(np.int32),
        offsets=np.cumsum([0, *map(len, windows)]),
        labels=np.zeros(count, np.int8),
        indices=np.arange(count),
    )


def _window(task: Task, config: RunConfig, ids: list[int]) -> list[int]:
    if task.at_every_step:
        return [START_ID, *ids, END_ID][: config.text.max_length + 1]
    return window(ids, config.text)


def _float_tensor(values: Values, dtype: type[np.floating[Any]]) -> Encoded:
    rounded = values.astype(dtype)
    tensor = {"shape": list(values.shape), "dtype": rounded.dtype.name, "data": _base64(rounded)}
    return Encoded(rounded.astype(np.float32), tensor)


def _base64(values: Values) -> str:
    """An array's bytes, the lowest byte of each number first."""
    return _text(values.astype(values.dtype.newbyteorder("<")).tobytes())


def _text(content: bytes | bytearray) -> str:
    return base64.b64encode(content).decode()
