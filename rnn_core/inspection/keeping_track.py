"""Units of a network that keep track of what is hidden in the strings of its language.

A unit is one number of one state of one layer. Looked at are N time steps of strings: those at which the
network has read `<start>` and 0, 1, 2, ... symbols. The strings are drawn by the law of the training strings
and a seed of their own; of those that are drawn several times one is kept. Every second of them chooses, the
others score. Where there are too few for that (FEWEST), all of them do both.

How well a unit with the value v tracks a hidden truth y:

    number      R2 = 1 - sum (y - a v - b)^2 / sum (y - m)^2
                over the time steps of the scoring half; a and b are the least-squares line and m the mean of
                y in the choosing half. 1 is exact, 0 is always answering m, and there is no lower bound.
    category    the mean over the classes of the share of a class's time steps, in the scoring half, at which
                v is nearer to the mean of v over that class in the choosing half than to that of any other
                (balanced accuracy). A class that only the scoring half has is never found. 1 is exact, 1 / K
                is what knowing nothing scores with K classes.

The unit with the largest score in the choosing half is chosen. Beside it stand, scored alike,

    the last three symbols    a table of which three tokens were read last -> the mean of y, or the class that
                              is most common there if all classes weigh the same; of three tokens that the
                              choosing half lacks, the mean, or the most common class, of all
    the best unit untrained   of this network with the weights that its training began with

Time steps at which the truth is None are left out. A truth that has one value only in either half leaves
nothing to tell apart, and no unit is chosen.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from typing_extensions import override

from rnn_core.data.encoding import EncodedReviews, encode_texts_to_predict
from rnn_core.errors import ModelFolderError
from rnn_core.inspection.trace import read_in_batches
from rnn_core.languages.language import CATEGORY, NUMBER, Language
from rnn_core.models.model import Model
from rnn_core.models.overflow import check_texts
from rnn_core.nn.classifier import Classifier
from rnn_core.nn.seeds import seeded
from rnn_core.nn.sequence import steps
from rnn_core.progress import Progress
from rnn_core.registry import Registry
from rnn_core.tasks.task import task_of

if TYPE_CHECKING:
    import pandas as pd

STRINGS = 400
"""The number of strings that are drawn."""
FEWEST = 10
"""Strings: where fewer differ, all of them choose a unit and score it, and no half is left out."""
LAST = 3
"""Symbols in the table beside the units."""
_MOST_NUMBERS = 10_000_000  # of all units at all time steps; beyond it fewer strings are drawn
_AT_ONCE = 4_000_000  # numbers that are compared together

Floats = NDArray[np.floating]
Truth = NDArray[Any]
"""(N,) numbers with nan where there is nothing to know, or names of classes with None."""
Mask = NDArray[np.bool_]


class Unit(NamedTuple):
    """One number of one state of one layer."""

    layer: int
    """The number of the layer, from 1, the lowest."""
    letter: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedStrings:
    """Strings of a language, and what is hidden at their N time steps, string after string."""

    texts: tuple[str, ...]
    encoded: EncodedReviews
    """The windows that a network reads of them: N ids."""
    hidden: Mapping[str, Truth]
    """(N,) each, by name."""
    kinds: Mapping[str, str]
    """NUMBER or CATEGORY, by name."""
    last: NDArray[np.int64]
    """(N,) the same number where the same LAST tokens were read last."""
    chooses: Mask
    """(N,) whether the string is of the half that chooses."""
    scores: Mask
    """(N,) whether it is of the half that scores."""

    @property
    def string_numbers(self) -> NDArray[np.int64]:
        """(N,) which of the texts each time step is of."""
        return np.repeat(np.arange(len(self.texts)), self.encoded.lengths())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """The scores of units that may keep track of one hidden truth."""

    name: str
    kind: str
    order: NDArray[np.int64]
    """(U,) the units by what they score in the choosing half, the best first."""
    scores: Floats
    """(U,) what each scores in the scoring half."""
    last_three: float
    """Score of the last three symbols in the scoring half."""
    untrained: float
    """Score of the unit chosen of the untrained network in the scoring half."""

    @property
    def best(self) -> int:
        """Return the number of the unit that was chosen."""
        return int(self.order[0])

    @property
    def score(self) -> float:
        """The score of the chosen unit in the scoring half."""
        return float(self.scores[self.best])

    @property
    def measure(self) -> str:
        """Return the name of its scores."""
        return MEASURES[self.kind].name


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Tracking:
    """Findings on what U units keep track of, over N time steps of strings of the network's language."""

    strings: TrackedStrings
    units: tuple[Unit, ...]
    values: NDArray[np.float32]
    """Value of each unit at each time step, (N, U)."""
    tracked: Mapping[str, Tracked | None]
    """Scores by the name of the hidden truth; None where there is nothing to tell apart."""

    def __repr__(self) -> str:
        return f"<{len(self.units):,} units over {len(self.strings.texts):,} strings>\n{self.frame()}"

    @property
    def names_by_gain(self) -> list[str]:
        """The names of the hidden truths, first those whose unit scores most above the last three symbols."""

        def gain(name: str) -> float:
            of = self.tracked[name]
            return -np.inf if of is None else of.score - of.last_three

        return sorted(self.tracked, key=gain, reverse=True)

    def line(self, name: str, unit: int) -> tuple[float, float]:
        """The slope and the intercept of the line from this unit's value to a number."""
        truth, chooses = self.strings.hidden[name], self.strings.chooses
        known = chooses & _known(truth)
        slope, mean, centre = _lines(truth[known].astype(np.float64), self.values[known, unit : unit + 1])
        return float(slope[0]), float(centre - slope[0] * mean[0])

    def class_means(self, name: str, unit: int) -> dict[str, float]:
        """The mean value of this unit over each class, in their order."""
        truth, chooses = self.strings.hidden[name], self.strings.chooses
        return {
            one: float(self.values[chooses & (truth == one), unit].mean())
            for one in classes_of(truth[chooses])
        }

    def frame(self) -> "pd.DataFrame":
        """A row for each hidden truth: the unit that was chosen, its score, and what stands beside it.

        hidden; measure; layer, state and unit of the chosen unit; score; last_three; untrained. Where
        there is nothing to tell apart, all but the first are empty.
        """
        import pandas as pd

        rows = []
        for name, found in self.tracked.items():
            row: dict[str, Any] = {"hidden": name}
            if found is not None:
                layer, state, number = self.units[found.best]
                row |= {"measure": found.measure, "layer": layer, "state": state, "unit": number}
                row |= {"score": found.score, "last_three": found.last_three, "untrained": found.untrained}
            rows.append(row)
        columns = "hidden measure layer state unit score last_three untrained".split()
        table = pd.DataFrame(rows, columns=columns)
        return table.astype({"layer": "Int64", "unit": "Int64"})


def track(model: Model, strings: int = STRINGS, seed: int = 0) -> Generator[Progress, None, Tracking]:
    """Finds the units of a network that keep track of what is hidden in its language.

    Draws `strings` strings, fewer where the network has so many units that their values would fill the
    memory. Raises ModelFolderError where the network did not learn a language, and OverflowedError.
    """
    read = strings_of(model, strings, seed)
    units = units_of(model)
    N = len(read.encoded.ids)
    networks = {"as it is": model.classifier, "untrained": untrained(model)}
    values = {}
    for number, (name, classifier) in enumerate(networks.items()):
        values[name] = np.empty((N, len(units)), np.float32)
        for done in _read(classifier, model, read.encoded, values[name]):
            yield Progress("Reading strings", number * N + done, len(networks) * N)
        check_texts(model.name, values[name])
    yield Progress("Comparing units", 0, len(read.hidden))
    found = {}
    for done, name in enumerate(read.hidden, 1):
        found[name] = compare(read, name, values["as it is"], values["untrained"])
        yield Progress("Comparing units", done, len(read.hidden))
    return Tracking(strings=read, units=units, values=values["as it is"], tracked=found)


def compare(strings: TrackedStrings, name: str, values: Floats, untrained: Floats) -> Tracked | None:
    """Score units at one hidden truth, given their values (N, U), trained and untrained.

    None where the truth has one value only in either half.
    """
    truth, kind = strings.hidden[name], strings.kinds[name]
    known = _known(truth)
    chooses, scores = strings.chooses & known, strings.scores & known
    if min(len(np.unique(truth[chooses].astype(str))), len(np.unique(truth[scores].astype(str)))) < 2:
        return None
    measure = MEASURES[kind](truth[chooses])

    def score(values: Floats) -> tuple[Floats, Floats]:
        """(U,) in the choosing and in the scoring half; some units at a time, which bounds the memory."""
        found = []
        at_once = max(_AT_ONCE // max(len(values) * measure.width, 1), 1)
        for first in range(0, values.shape[1], at_once):
            block = values[:, first : first + at_once].astype(np.float64)
            answers = measure.fit(block[chooses])
            found.append([measure.score(truth[half], answers(block[half])) for half in (chooses, scores)])
        chosen_by, scored = (np.concatenate(half) for half in zip(*found, strict=True))
        return chosen_by, scored

    (chosen_by, scored), (before, before_scored) = score(values), score(untrained)
    table = measure.table(strings.last[chooses], int(strings.last.max()) + 1)
    return Tracked(
        name=name,
        kind=kind,
        order=np.argsort(-chosen_by, kind="stable"),
        scores=scored,
        last_three=float(measure.score(truth[scores], table[strings.last[scores]][:, None])[0]),
        untrained=float(before_scored[before.argmax()]),
    )


def units_of(model: Model) -> tuple[Unit, ...]:
    """All units of a network: layer above layer, in each its states one after another."""
    settings = model.config.model
    return tuple(
        Unit(layer, letter, number)
        for layer in range(1, settings.layers + 1)
        for letter in settings.declared.states
        for number in range(settings.hidden_size)
    )


def untrained(model: Model) -> Classifier:
    """The network with the weights that its training began with."""
    config = model.config
    with seeded(config.training.seed):
        network: Classifier = task_of(config).network(config, len(model.vocabulary), Classifier)
    for name, kept in model.classifier.named_buffers():  # which no training changes
        network.get_buffer(name).copy_(kept)
    return network.eval()


def strings_of(model: Model, strings: int = STRINGS, seed: int = 0) -> TrackedStrings:
    """Strings of the language that a network learned. Raises ModelFolderError where it learned none."""
    language: Language | None = model.config.corpus.language
    if language is None:
        raise ModelFolderError(
            f"The model {model.name} did not learn a made-up language, so nothing is known to be hidden in "
            "what it reads."
        )
    rng = Random(f"{language.full_name} {seed} keeping track")
    length = sum(len(language.draw(Random(number))) for number in range(FEWEST)) / FEWEST + 1
    most = max(int(_MOST_NUMBERS / (length * len(units_of(model)))), 2 * FEWEST)
    texts = tuple(dict.fromkeys(language.draw(rng) for _ in range(min(strings, most))))
    encoded = _drop_last_tokens(
        encode_texts_to_predict(texts, model.vocabulary, model.config.text, model.config.tokens)
    )
    lengths = encoded.lengths()
    hidden = [
        moment.hidden
        for text, length in zip(texts, lengths.tolist(), strict=True)
        for moment in islice(language.moments(text), length)
    ]
    is_first = np.repeat(np.arange(len(texts)) % 2 == 0, lengths)
    is_one = len(texts) < FEWEST
    return TrackedStrings(
        texts=texts,
        encoded=encoded,
        hidden={
            name: np.array(
                [of.get(name) for of in hidden], np.float64 if kind == NUMBER else object
            )  # None becomes nan
            for name, kind in language.tracked.items()
        },
        kinds=language.tracked,
        last=_last_tokens(encoded),
        chooses=is_first | is_one,
        scores=~is_first | is_one,
    )


def _drop_last_tokens(asked: EncodedReviews) -> EncodedReviews:
    """Windows without their last token, which is only asked."""
    is_read = np.ones(len(asked.ids), np.bool_)
    is_read[asked.offsets[1:] - 1] = False
    offsets = asked.offsets - np.arange(len(asked.offsets))
    return EncodedReviews(ids=asked.ids[is_read], offsets=offsets, labels=asked.labels, indices=asked.indices)


def _last_tokens(encoded: EncodedReviews) -> NDArray[np.int64]:
    ids, times = encoded.ids.astype(np.int64), _times(encoded)
    rows = np.stack([np.where(times >= back, np.roll(ids, back), -1) for back in range(LAST)], axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


def _times(encoded: EncodedReviews) -> NDArray[np.int64]:
    """(N,) the time step of each id in its window."""
    return np.arange(len(encoded.ids)) - np.repeat(encoded.offsets[:-1], encoded.lengths())


def _read(
    classifier: Classifier, model: Model, encoded: EncodedReviews, values: NDArray[np.float32]
) -> Iterator[int]:
    """Fills in the values (N, U) of all units, and yields how many time steps were read so far."""
    settings, done = model.config.model, 0
    H = settings.hidden_size
    yield done
    for _, packed, xs, places in read_in_batches(classifier, encoded):
        column = 0
        with torch.inference_mode():
            for layer, cell in enumerate(classifier.layers, 1):
                computed = steps(cell, classifier.below(layer, xs, packed), packed)._asdict()
                for letter in settings.declared.states:
                    values[places, column : column + H] = computed[letter].numpy()
                    column += H
        done += len(places)
        yield done


def classes_of(truth: Truth) -> list[str]:
    """The classes that a category has, numbers by their size, then names by the alphabet."""
    return sorted(
        {*truth} - {None}, key=lambda name: (not name.isdigit(), name.zfill(9) if name.isdigit() else name)
    )


def _known(truth: Truth) -> Mask:
    return np.array([one is not None for one in truth]) if truth.dtype == object else ~np.isnan(truth)


def _lines(y: Floats, values: Floats) -> tuple[Floats, Floats, float]:
    """The least-squares lines from values (n, U) to y (n,): slopes (U,), means of the values (U,), of y.

    The slope of a unit that does not vary is 0.
    """
    mean, centre = values.mean(axis=0, dtype=np.float64), float(y.mean())
    apart = values - mean
    spread = (apart**2).sum(axis=0)
    together = (apart * (y - centre)[:, None]).sum(axis=0)
    slope = np.divide(together, spread, out=np.zeros_like(spread), where=spread > 0)
    return slope, mean, centre


class TruthMeasure(ABC):
    """A way to score answers to a hidden truth, fitted to its time steps (n,) in the choosing half."""

    name: ClassVar[str]

    def __init__(self, truth: Truth) -> None:
        self.truth, self.width = truth, 1
        """`width` is how many numbers are looked at for one value of a unit."""

    @abstractmethod
    def fit(self, values: Floats) -> Callable[[Floats], Floats]:
        """Return the answers (m, U) to other values (m, U), given those (n, U) of the choosing half."""

    @abstractmethod
    def table(self, last: NDArray[np.int64], rows: int) -> Floats:
        """Return the answer (rows,) after each of the last symbols, given those (n,) of the choosing half."""

    @abstractmethod
    def score(self, truth: Truth, answers: Floats) -> Floats:
        """Return the score (U,) of answers (m, U)."""


class _Number(TruthMeasure):
    name = "R²"

    @override
    def fit(self, values: Floats) -> Callable[[Floats], Floats]:
        slope, mean, centre = _lines(self.truth, values)
        return lambda some: centre + slope * (some - mean)

    @override
    def table(self, last: NDArray[np.int64], rows: int) -> Floats:
        counts, sums = np.bincount(last, minlength=rows), np.bincount(last, self.truth, minlength=rows)
        return np.where(counts > 0, sums / np.maximum(counts, 1), self.truth.mean())

    @override
    def score(self, truth: Truth, answers: Floats) -> Floats:
        y = truth[:, None]
        r2: Floats = 1 - ((y - answers) ** 2).sum(axis=0) / ((y - float(self.truth.mean())) ** 2).sum()
        return r2


class _Category(TruthMeasure):
    """Answers are the indices of the classes."""

    name = "balanced accuracy"

    def __init__(self, truth: Truth) -> None:
        super().__init__(truth)
        self.classes = classes_of(truth)
        self.width = len(self.classes)

    @override
    def fit(self, values: Floats) -> Callable[[Floats], Floats]:
        means = np.stack([values[self.truth == name].mean(axis=0) for name in self.classes])  # (K, U)
        return lambda some: np.abs(some[:, None] - means).argmin(axis=1)

    @override
    def table(self, last: NDArray[np.int64], rows: int) -> Floats:
        counts = np.stack([np.bincount(last[self.truth == name], minlength=rows) for name in self.classes])
        totals = counts.sum(axis=1, keepdims=True)  # (K, 1)
        return np.where(counts.any(axis=0), (counts / totals).argmax(axis=0), totals.argmax())

    @override
    def score(self, truth: Truth, answers: Floats) -> Floats:
        numbers = {name: number for number, name in enumerate(self.classes)}
        shares = [
            (answers[truth == name] == numbers.get(name, -1)).mean(axis=0) for name in classes_of(truth)
        ]
        return np.asarray(np.mean(shares, axis=0))


MEASURES: Registry[type[TruthMeasure]] = Registry("measure", {NUMBER: _Number, CATEGORY: _Category})
"""The measure of each kind of hidden truth."""
