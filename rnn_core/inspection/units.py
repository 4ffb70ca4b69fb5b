"""The units of a network over many reviews: the moments at which each is largest, and which set labels apart.

A moment is a time step at which a word was read, with the words around it. `<start>`, which is the same in
every review, and padding are none, and don't count in a mean.

The index of a model is made once from the test reviews of a corpus, kept on disk, then only opened. Its file
lies in the cache folder under a digest of all that it follows from: weights, vocabulary, settings and
reviews. So a model that is trained on has another, and one that is copied has the same.

How well a unit sets the texts of one class apart from the others is the area under its ROC curve: how often
the number a of P texts of the class is larger than that of N others, over all pairs, where equal counts half,

    AUC = (#{a_p > a_n} + #{a_p = a_n} / 2) / (P N)

which is the U of Mann and Whitney (1947) over P N (Hanley and McNeil, 1982). 0.5 says nothing; 0 says as much
as 1, the other way round.
"""

import contextlib
import hashlib
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor
from torch.nn.functional import normalize

from rnn_core.data.corpus import FORMAT as CORPUS_FORMAT
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_reviews
from rnn_core.data.reading import Batch, make_batch
from rnn_core.errors import DataError, reason
from rnn_core.files import write_whole
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.models.weights import digested_bytes, read_digested
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.packing import Packing, packing
from rnn_core.nn.sequence import steps
from rnn_core.paths import cache_folder
from rnn_core.progress import Progress
from rnn_core.text.vocabulary import UNK_ID
from rnn_core.text.window import read_review, room_for_words

OPENERS = 20
"""Moments kept of every unit."""
STATES = 200_000
"""States among which similar moments are looked for."""
_BLOCK = 4096  # states turned into float32 at a time, few enough to stay in the processor's cache
_AT_ONCE = 4_000_000
"""Numbers that are ranked together, which bounds the memory."""
_BATCH_SIZE = 64
_BATCH_NUMBERS = 64 * 512 * 128
"""Numbers of each gate, 16 MB: a window of 5,000 tokens is read by fewer reviews at once."""

Floats = NDArray[np.float32]
Integers = NDArray[np.int32]


class ReadWord(NamedTuple):
    """A word of a review, when the network had read it."""

    review: int
    """Index in the corpus."""
    time: int
    """Time step in the window."""
    value: float
    """The activation of the unit, or the cosine between the states."""
    label: str
    """The name of its class, as the corpus has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A moment in words, as the text has them; what was cut off, the network never saw, and is not here."""

    before: tuple[str, ...]
    word: str
    """The token read last at this moment: a word of the text, or a special token of the window."""
    after: tuple[str, ...]
    """The tokens read later."""
    unknown: bool
    """True if the network read `<unk>` in place of the word."""
    goes_on_before: bool
    """True if the window has more words than are here."""
    goes_on_after: bool


def context(model: Model, corpus: Corpus, moment: ReadWord, words: int = 6) -> Context:
    """The word of a moment, and at most so many words on either side of it."""
    review = read_review(corpus.text(moment.review), model.vocabulary, model.config.text, model.config.tokens)
    seen = review.tokens[review.kept]
    begin = sum(number >= UNK_ID for number in review.ids[: moment.time])
    is_word = review.ids[moment.time] >= UNK_ID
    end = begin + int(is_word)
    return Context(
        before=seen[max(begin - words, 0) : begin],
        word=seen[begin] if is_word else review.window[moment.time],
        after=seen[end : end + words],
        unknown=review.ids[moment.time] == UNK_ID,
        goes_on_before=begin > words,
        goes_on_after=len(seen) > end + words,
    )


class Ranking(NamedTuple):
    """The H units of a gate or state, those first that set the labels apart best."""

    units: NDArray[np.int64]
    """(H,) the numbers of the units."""
    auc: Floats
    """(H,) of `units`, in this order: above 0.5 where the unit is larger in texts of the followed class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitIndex:
    """L gates and states of H units each, over many reviews: K moments of each unit, and S states."""

    letters: tuple[str, ...]
    """(L,) as in `Trace.arrays`."""
    activations: Floats
    """(L, H, K) the largest, the largest first; -inf where there were fewer than K reviews."""
    reviews: Integers
    """(L, H, K) which review of the corpus each is of; no unit has one twice."""
    times: Integers
    """(L, H, K) and which time step."""
    auc: Floats
    """(L, H) of the second of two classes; (L, H, C) of C classes, each against the rest."""
    states: NDArray[np.float16]
    """(S, H) some of all h, in the order of the corpus, of length 1."""
    state_reviews: Integers
    """(S,) the review of the corpus that each state is of."""
    state_times: Integers
    """(S,) the time step of each state."""
    labels: NDArray[np.int8]
    """(N,) those of the corpus."""
    classes: tuple[str, ...]
    """The names of the C classes of the corpus."""

    def openers(self, letter: str, unit: int) -> list[ReadWord]:
        """The moments at which a unit was largest, at most one of a review, the largest first.

        Of equal ones, such as those of a gate that is quite open, those of the longest windows are kept.
        """
        place = self.letters.index(letter), unit
        there = np.isfinite(self.activations[place])
        kept = (values[place][there] for values in (self.reviews, self.times, self.activations))
        return [self._moment(*moment) for moment in zip(*kept, strict=True)]

    def ranking(self, letter: str, followed: int = 1) -> Ranking:
        """The units by how well their mean activation sets a class apart from the rest: by |AUC - 0.5|.

        `followed` is the index of the class.
        """
        auc = self.auc[self.letters.index(letter)]
        if auc.ndim == 2:
            auc = auc[:, followed]
        elif not followed:
            auc = 1 - auc
        units = np.argsort(-np.abs(auc - 0.5), kind="stable")
        return Ranking(units, auc[units])

    def nearest(self, h: Floats, count: int) -> list[ReadWord]:
        """The moments of the sample whose states have the largest cosine to h, (H,), one of a review."""
        with torch.inference_mode():
            direction = normalize(torch.from_numpy(np.asarray(h, np.float32)), dim=0)
            blocks = torch.from_numpy(self.states).split(_BLOCK)
            cosines = torch.cat([block.float() @ direction for block in blocks]).numpy()  # (S,)
        begins = np.flatnonzero(np.diff(self.state_reviews, prepend=-1))  # where each review begins
        ends = np.append(begins[1:], len(cosines))
        best = np.argsort(-np.maximum.reduceat(cosines, begins), kind="stable")[:count]
        places = [begins[i] + cosines[begins[i] : ends[i]].argmax() for i in best]
        return [self._moment(self.state_reviews[i], self.state_times[i], cosines[i]) for i in places]

    def _moment(self, review: int, time: int, value: float) -> ReadWord:
        return ReadWord(int(review), int(time), float(value), self.classes[self.labels[review]])


def read_units(
    model: Model, corpus: Corpus, layer: int | None = None, seed: int = 0
) -> Generator[Progress, None, UnitIndex]:
    """Let the model read the test reviews, of which those without a word are left out.

    `layer` is the one whose units these are, the top one without it. Takes 4 L H bytes a review, and what one
    batch needs. The seed draws the states. Raises DataError where there is no review, or the model reads no
    word of them, and OverflowedError.
    """
    indices = corpus.indices("test")
    if not len(indices):
        raise DataError(
            f"There are no test {corpus.ref.nouns.texts} in which to look up what the units respond to."
        )
    words = words_read(model, corpus, indices)
    reviews = encode_reviews(corpus, indices[words > 0], model.vocabulary, model.config.text)
    if not len(reviews):
        unit, noun = model.config.tokens.noun, model.config.corpus.nouns.text
        raise DataError(f"{model.name} reads no {unit} of any test {noun}, so there is nothing to look up.")
    reader = _Reader(model.classifier, reviews, words[words > 0], seed, layer or model.config.model.layers)
    done = 0
    for batch in longest_first(reviews, model.classifier.config.hidden_size):
        yield Progress(f"Reading the test {model.config.corpus.nouns.texts}", done, len(reviews))
        reader.read(batch)
        check_texts(model.name, reader.means[:, batch.rows])
        done += len(batch.rows)
    letters, auc, classes = tuple(reader.openers), [], len(corpus.classes)
    for done, values in enumerate(reader.means):
        yield Progress("Ranking the units", done, len(letters))
        areas = areas_under_roc(values, reviews.labels, classes)
        auc.append(areas[:, 1] if classes == 2 else areas)
    yield Progress("Ranking the units", len(letters), len(letters))
    activations, rows, times = (
        np.stack(parts) for parts in zip(*(kept.arrays() for kept in reader.openers.values()), strict=True)
    )
    state_rows, state_times = reader.sampled()
    return UnitIndex(
        letters=letters,
        activations=activations,
        reviews=reviews.indices[rows].astype(np.int32),
        times=times,
        auc=np.stack(auc),
        states=reader.states,
        state_reviews=reviews.indices[state_rows].astype(np.int32),
        state_times=state_times,
        labels=corpus.labels,
        classes=corpus.classes,
    )


def words_read(model: Model, corpus: Corpus, indices: NDArray[np.int64]) -> NDArray[np.int64]:
    """(R,) the number of words of each review that stand in its window."""
    return np.minimum(corpus.lengths()[indices], room_for_words(model.config.text))


class _Openers:
    """The largest activation of each unit in a review, for the K reviews where it is largest."""

    def __init__(self, H: int) -> None:
        self._values = torch.full((H, OPENERS), -torch.inf)
        self._rows = torch.zeros(H, OPENERS, dtype=torch.int32)
        self._times = torch.zeros(H, OPENERS, dtype=torch.int32)

    def take(self, values: Tensor, largest: Tensor, packed: Packing, rows: Tensor) -> None:
        """Take the `largest` of each row, (B, H), of packed values, (N, H), of the reviews `rows`."""
        enters = largest > self._values[:, -1]  # (B, H)
        if not enters.any():
            return
        starts = packed.last.new_tensor([0, *packed.running[:-1]]).cumsum(0)  # (T,)
        times = torch.zeros(enters.shape, dtype=torch.int32)  # (B, H)
        for row in enters.any(dim=1).nonzero().squeeze(1).tolist():  # few, once the first batches are read
            places = starts[: packed.lengths[row]] + row
            times[row] = values[places].argmax(dim=0)
        values = torch.cat([self._values, largest.where(enters, -torch.inf).T], dim=1)  # (H, K + B)
        order = values.sort(dim=1, descending=True, stable=True).indices[:, :OPENERS]  # (H, K)
        self._values = values.gather(1, order)
        self._rows = torch.cat([self._rows, rows.int().expand(len(order), -1)], dim=1).gather(1, order)
        self._times = torch.cat([self._times, times.T], dim=1).gather(1, order)

    def arrays(self) -> tuple[Floats, Integers, Integers]:
        """The values, the rows and the time steps, (H, K) each."""
        return self._values.numpy(), self._rows.numpy(), self._times.numpy()


class _Reader:
    """The numbers kept of R reviews while they are read batch by batch."""

    def __init__(
        self, classifier: Classifier, reviews: EncodedReviews, words: NDArray[np.int64], seed: int, layer: int
    ) -> None:
        self._classifier, self._reviews, self._words, self._layer = classifier, reviews, words, layer
        H = classifier.config.hidden_size
        with torch.inference_mode():  # the gates and states of a trace, in its order
            one = packing(torch.tensor([1]))
            letters = tuple(_steps(classifier, torch.tensor([[UNK_ID]]), one, layer=1))
        self.openers = {letter: _Openers(H) for letter in letters}
        self.means = np.empty((len(letters), len(reviews), H), np.float32)
        places = np.flatnonzero(reviews.ids >= UNK_ID)
        drawn = np.random.default_rng(seed).choice(places, min(STATES, len(places)), replace=False)
        self._drawn = np.sort(drawn)
        self.states = np.empty((len(drawn), H), np.float16)

    def read(self, batch: Batch) -> None:
        """Read a batch, no word of which was read before."""
        packed, rows = packing(batch.lengths), torch.from_numpy(batch.rows)
        with torch.inference_mode():
            computed = _steps(self._classifier, batch.ids, packed, self._layer)
            places = self._reviews.offsets[batch.rows[packed.rows.numpy()]] + packed.times.numpy()  # (N,)
            slots = np.searchsorted(self._drawn, places).clip(max=len(self._drawn) - 1)
            drawn = self._drawn[slots] == places
            hs = computed["h"][torch.from_numpy(drawn)]
            self.states[slots[drawn]] = normalize(hs).half().numpy()
            no_word = (packed.pack(batch.ids) < UNK_ID).nonzero().squeeze(1)
            words = torch.from_numpy(self._words[batch.rows]).unsqueeze(1)  # (B, 1)
            for values, means, openers in zip(
                computed.values(), self.means, self.openers.values(), strict=True
            ):
                values[no_word] = 0
                sums = torch.zeros(len(rows), values.shape[1])
                for stretch in _stretches(values, packed):
                    sums[: stretch.shape[1]] += stretch.sum(dim=0)
                means[batch.rows] = (sums / words).numpy()
                values[no_word] = -torch.inf
                largest = torch.full_like(sums, -torch.inf)
                for stretch in _stretches(values, packed):
                    those = largest[: stretch.shape[1]]
                    torch.maximum(those, stretch.amax(dim=0), out=those)
                openers.take(values, largest, packed, rows)

    def sampled(self) -> tuple[NDArray[np.int64], Integers]:
        """The row and the time step of every state that is kept, (S,) each."""
        offsets = self._reviews.offsets
        rows = np.searchsorted(offsets, self._drawn, side="right") - 1
        return rows, (self._drawn - offsets[rows]).astype(np.int32)


def _steps(classifier: Classifier, ids: Tensor, packed: Packing, layer: int) -> dict[str, Tensor]:
    """All that a trace of a layer has of ids (B, T), packed, by letter: (N, H) each."""
    xs = classifier.below(layer, classifier.inputs(ids, packed), packed)
    computed = steps(classifier.layers[layer - 1], xs, packed)._asdict()
    return classifier.config.declared.complete(computed)


def _stretches(values: Tensor, packed: Packing) -> Iterator[Tensor]:
    """Packed values (N, H) in pieces (time steps, rows, H) through which the same rows run.

    In a batch of about equal lengths these are few, the first nearly all of it: no loop over time steps.
    """
    begin = 0
    for rows, times in groupby(packed.running):
        T = len(list(times))
        yield values[begin : begin + T * rows].view(T, rows, -1)
        begin += T * rows


def longest_first(reviews: EncodedReviews, H: int) -> Iterator[Batch]:
    """Every review once, the longest first, in batches that bound what is kept of a batch."""
    lengths = reviews.lengths()
    rows = np.argsort(-lengths, kind="stable")
    while len(rows):
        fit = max(1, min(_BATCH_SIZE, _BATCH_NUMBERS // (H * int(lengths[rows[0]]))))
        yield make_batch(reviews, rows[:fit])
        rows = rows[fit:]


def areas_under_roc(values: Floats, labels: NDArray[np.integer], classes: int) -> Floats:
    """The areas of K classes, each against the rest: (H, K), given columns (R, H) and labels (R,) below K.

    All are read from the ranks, which are found once: the sum over a class of the ranks, those of equal
    values shared, is P N AUC + P (P + 1) / 2.
    """
    P = np.bincount(labels, minlength=classes).astype(np.float64)  # (K,)
    pairs = P * (len(labels) - P)
    of_class = torch.eye(classes, dtype=torch.float64)[torch.from_numpy(labels.astype(np.int64))]  # (R, K)
    columns = torch.from_numpy(np.ascontiguousarray(values.T))  # (H, R)
    sums = torch.cat([_ranks(some) @ of_class for some in columns.split(max(1, _AT_ONCE // len(labels)))])
    areas = (sums.numpy() - P * (P + 1) / 2) / np.maximum(pairs, 1)
    return np.where(pairs > 0, areas, 0.5).astype(np.float32)


def _ranks(rows: Tensor) -> Tensor:
    """(H, R) the rank of each number in its row, from 1; equal ones share theirs."""
    ordered = rows.sort(dim=1).values
    smaller, not_larger = (torch.searchsorted(ordered, rows, right=right) for right in (False, True))
    return (smaller + not_larger + 1).double() / 2


FORMAT = "gatescope-units-2"  # goes up when the layout changes, or what is computed
KEPT = 10
"""Files; of one more, the oldest goes. One of 128 units takes 53 MB."""
_TENSORS = ("activations", "reviews", "times", "auc", "states", "state_reviews", "state_times")


def unit_index_path(model: Model, corpus: Corpus, layer: int | None = None) -> Path:
    """Return the path of the index of a layer of this model, the top one without `layer`, over these reviews.

    Whether or not it is there; its name is a digest of all that the index follows from.
    """
    digest, top = hashlib.sha256(), model.config.model.layers
    parts = (
        *(FORMAT, CORPUS_FORMAT, corpus.name, model.config.to_json(), model.vocabulary.to_text()),
        "\n".join(corpus.words),
        *(corpus.ids, corpus.offsets, corpus.labels, corpus.indices("test")),
        *(weights.numpy() for weights in model.classifier.state_dict().values()),
        *([] if layer in (None, top) else [f"layer {layer}"]),
    )
    for part in parts:
        content = part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes()
        digest.update(len(content).to_bytes(8))
        digest.update(content)
    return cache_folder() / "units" / f"{digest.hexdigest()}.safetensors"


def open_unit_index(model: Model, corpus: Corpus, layer: int | None = None) -> UnitIndex | None:
    """The index that `build_unit_index` made; None where there is none yet, or none that is whole.

    Takes as long as it takes to digest the corpus and the file, a few tenths of a second for 25,000 reviews.
    """
    path = unit_index_path(model, corpus, layer)
    try:
        content, tensors = read_digested(path)
        about, arrays = json.loads(content), {name: tensors[name].numpy() for name in _TENSORS}
        letters = tuple(about["letters"])
        if about["key"] != path.stem:
            raise ValueError(f"{path.name} is the index of something else")
    except (OSError, SafetensorError, ValueError, KeyError):
        return None
    return UnitIndex(letters=letters, labels=corpus.labels, classes=corpus.classes, **arrays)


def build_unit_index(model: Model, corpus: Corpus, layer: int | None = None) -> Iterator[Progress]:
    """Make the index of a layer of a model ready; ends at once where it is.

    It is written whole or, where the iterator is closed before its end, not at all. Raises DataError as
    `read_units` does, and where the index can't be written.
    """
    if open_unit_index(model, corpus, layer) is not None:
        return
    index = yield from read_units(model, corpus, layer)
    path = unit_index_path(model, corpus, layer)
    tensors = {name: torch.from_numpy(np.ascontiguousarray(getattr(index, name))) for name in _TENSORS}
    about = json.dumps({"key": path.stem, "letters": index.letters})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, digested_bytes(about, tensors))
    except OSError as error:
        raise DataError(
            f"What the units respond to could not be kept in {path.parent}: {reason(error)}. Free some disk "
            "space or make the folder writable, then try again."
        ) from error
    with contextlib.suppress(OSError):  # another process may do the same, or still read one
        for old in sorted(path.parent.iterdir(), key=lambda one: one.stat().st_mtime)[:-KEPT]:
            old.unlink()
