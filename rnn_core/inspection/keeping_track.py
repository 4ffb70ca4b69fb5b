"""Units of a network that keep track of what is hidden in the strings of its language, or in real texts.

A unit is one number of one state of one layer. Looked at are N time steps of strings: those at which the
network has read `<start>` and 0, 1, 2, ... symbols. The strings are drawn by the law of the training strings
and a seed of their own; of those that are drawn several times one is kept. Every second of them chooses, the
others score. Where there are too few for that (FEWEST), all of them do both.

Real texts are beginnings of validation texts, as many pieces of them where these are few and long, and what
is hidden is what `text_truths` says of a piece, its label, and the matches of an expression of one's own.

How well a unit with the value v tracks a hidden truth y:

    number      R2 = 1 - sum (y - a v - b)^2 / sum (y - m)^2
                over the time steps of the scoring half; a and b are the least-squares line and m the mean of
                y in the choosing half. 1 is exact, 0 is always answering m, and there is no lower bound.
    category    the mean over the classes of the share of a class's time steps, in the scoring half, at which
                v is nearer to the mean of v over that class in the choosing half than to that of any other
                (balanced accuracy). A class that only the scoring half has is never found. 1 is exact, 1 / K
                is what knowing nothing scores with K classes.

The unit with the largest score in the choosing half is chosen. Beside it stand, scored alike,

    the last three symbols    a table of which three tokens were read last, of real text six -> the mean of y,
                              or the class that is most common there if all classes weigh the same; of tokens
                              that the choosing half lacks, the mean, or the most common class, of all
    the best unit untrained   of this network with the weights that its training began with

Time steps at which the truth is None are left out. A truth that has one value only in either half leaves
nothing to tell apart, and no unit is chosen.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from typing_extensions import override

from rnn_core.data import encoding
from rnn_core.data.corpus import Corpus
from rnn_core.data.encoding import EncodedReviews, encode_texts_to_predict, encode_words, split_reviews
from rnn_core.data.sources import load_corpus
from rnn_core.errors import ConfigError, DataError, ModelFolderError
from rnn_core.inspection.text_truths import TRUTHS, Value, after_each
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
from rnn_core.text.expression import inside_matches
from rnn_core.text.window import room_for_words

if TYPE_CHECKING:
    import pandas as pd

STRINGS = 400
"""The number of strings that are drawn."""
FEWEST = 10
"""Strings: where fewer differ, all of them choose a unit and score it, and no half is left out."""
LAST, LAST_OF_TEXT = 3, 6
"""Symbols in the table beside the units: of strings, and of real text."""
MOST_TEXTS = 60
"""The most pieces of real text."""
EXPRESSION = "inside a match"
"""The name of what an expression of one's own says of a real text."""
_LONGEST_PIECE = 1_000
_MOST_NUMBERS = 16_000_000  # of all units at all time steps; beyond it less is read
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
    """Strings of a language or pieces of real text, and what is hidden at their N time steps, in a row."""

    texts: tuple[str, ...]
    """Each string; of a piece its name."""
    encoded: EncodedReviews
    """The windows that a network reads of them: N ids."""
    hidden: Mapping[str, Truth]
    """(N,) each, by name."""
    kinds: Mapping[str, str]
    """NUMBER or CATEGORY, by name."""
    last: NDArray[np.int64]
    """(N,) the same number where the same `back` tokens were read last."""
    back: int = LAST
    chooses: Mask
    """(N,) whether the string is of the half that chooses."""
    scores: Mask
    """(N,) whether it is of the half that scores."""
    tokens: Truth
    """(N,) the token that was read there."""

    @property
    def few(self) -> str:
        """The number of symbols in the table, as a word."""
        return {LAST: "three", LAST_OF_TEXT: "six"}[self.back]

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
    by_last: float
    """Score of the last symbols in the scoring half."""
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
    """Findings on what U units keep track of, over N time steps of strings or pieces of real text."""

    strings: TrackedStrings
    units: tuple[Unit, ...]
    values: NDArray[np.float32]
    """Value of each unit at each time step, (N, U)."""
    tracked: Mapping[str, Tracked | None]
    """Scores by the name of the hidden truth; None where there is nothing to tell apart."""

    def __repr__(self) -> str:
        return f"<{len(self.units):,} units over {len(self.strings.texts):,} texts>\n{self.frame()}"

    @property
    def names_by_gain(self) -> list[str]:
        """The names of the hidden truths, first those whose unit scores most above the last three symbols."""

        def gain(name: str) -> float:
            of = self.tracked[name]
            return -np.inf if of is None else of.score - max(of.by_last, 0.0)

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

        hidden; measure; layer, state and unit of the chosen unit; score; last_three, of real text last_six;
        untrained. Where there is nothing to tell apart, all but the first are empty.
        """
        import pandas as pd

        rows, by_last = [], f"last_{self.strings.few}"
        for name, found in self.tracked.items():
            row: dict[str, Any] = {"hidden": name}
            if found is not None:
                layer, state, number = self.units[found.best]
                row |= {"measure": found.measure, "layer": layer, "state": state, "unit": number}
                row |= {"score": found.score, by_last: found.by_last, "untrained": found.untrained}
            rows.append(row)
        columns = ["hidden", "measure", "layer", "state", "unit", "score", by_last, "untrained"]
        table = pd.DataFrame(rows, columns=columns)
        return table.astype({"layer": "Int64", "unit": "Int64"})


def track(
    model: Model, strings: int = STRINGS, seed: int = 0, *, corpus: Corpus | None = None, expression: str = ""
) -> Generator[Progress, None, Tracking]:
    """Finds the units of a network that keep track of what is hidden in its language, or in real texts.

    Draws `strings` strings, fewer where the network has so many units that their values would fill the
    memory. Of a network that learned real text it is pieces of the `corpus`, without one of that which it
    learned from, and an `expression` of one's own may say what is hidden, too. Raises ModelFolderError where
    the network learned neither, DataError where the corpus is gone or another one, ConfigError for what is no
    expression, and OverflowedError.
    """
    if model.config.corpus.language is None and model.config.tokens.exact:
        read = yield from texts_of(model, corpus or load_corpus(model.config.data), expression)
    elif expression:
        raise ConfigError(f"An expression is looked for in real text, which {model.name} did not learn.")
    else:
        read = strings_of(model, strings, seed)
    units = units_of(model)
    N = len(read.encoded.ids)
    networks = {"as it is": model.classifier, "untrained": untrained(model)}
    values = {}
    for number, (name, classifier) in enumerate(networks.items()):
        values[name] = np.empty((N, len(units)), np.float32)
        for done in _read(classifier, model, read.encoded, values[name]):
            yield Progress("Reading", number * N + done, len(networks) * N)
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
        by_last=float(measure.score(truth[scores], table[strings.last[scores]][:, None])[0]),
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
            f"The model {model.name} did not learn a made-up language, nor to write real text, so nothing is "
            "known to be hidden in what it reads."
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
    by_name = {name: (kind, [of.get(name) for of in hidden]) for name, kind in language.tracked.items()}
    return _in_halves(model, texts, encoded, by_name, LAST)


def texts_of(model: Model, corpus: Corpus, expression: str = "") -> Generator[Progress, None, TrackedStrings]:
    """Pieces of validation texts of a corpus, and what is hidden in them, an `expression` included.

    Of each text it is the beginning; of fewer texts than `MOST_TEXTS` all pieces, of which some are taken.
    Raises DataError where the network learned from another corpus, ConfigError as `track` does.
    """
    if how := model.config.identity.differs(corpus.identity):
        raise DataError(f"The corpus {corpus.name} is not the one that {model.name} learned from: {how}.")
    settings, classes, noun = model.config.training, corpus.classes, model.config.corpus.nouns.text
    rows = split_reviews(corpus, settings.reviews, settings.seed).validation
    lengths = corpus.lengths()
    most = _MOST_NUMBERS // (len(units_of(model)) * MOST_TEXTS), int(lengths[rows].sum()) // FEWEST
    room = min(_LONGEST_PIECE, max(min(most), LAST_OF_TEXT), room_for_words(model.config.text))
    looked_at = lengths[rows] if len(rows) < MOST_TEXTS else np.minimum(lengths[rows], 1)
    starts = [(row, at) for row, length in zip(rows, looked_at, strict=True) for at in range(0, length, room)]
    some = np.unique(np.linspace(0, len(starts) - 1, MOST_TEXTS).astype(int))
    indices, first = np.array(starts)[some].T
    parts = encoding.Parts(first, np.minimum(lengths[indices] - first, room))
    ids = encoding.ids_of_words(corpus, model.vocabulary)
    encoded = encode_words(corpus, indices, ids, model.config.text, parts)
    tokens = [
        [corpus.words[number] for number in corpus.ids[begin : begin + length]]
        for begin, length in zip(corpus.offsets[indices] + first, parts.length, strict=True)
    ]
    hidden = {name: (truth.kind, [truth.along(one) for one in tokens]) for name, truth in TRUTHS.items()}
    if len(classes) > 1:
        labels = [[classes[label]] * len(one) for label, one in zip(encoded.labels, tokens, strict=True)]
        hidden[f"label of the {noun}"] = CATEGORY, labels
    if expression:
        inside = yield from inside_matches(expression, [*map("".join, tokens)])
        hidden[EXPRESSION] = CATEGORY, [*map(after_each, tokens, inside)]
    names = tuple(f"{noun} {row} from symbol {at} on" for row, at in zip(indices, first, strict=True))
    by_name = {
        name: (kind, [one for of in all_of for one in (None, *of)]) for name, (kind, all_of) in hidden.items()
    }
    return _in_halves(model, names, encoded, by_name, LAST_OF_TEXT)


_Hidden = Mapping[str, tuple[str, Sequence[Value]]]


def _in_halves(
    model: Model, texts: tuple[str, ...], encoded: EncodedReviews, hidden: _Hidden, back: int
) -> TrackedStrings:
    """Let every second text choose and the others score, few both; `hidden` has kinds and values by name."""
    is_first = np.repeat(np.arange(len(texts)) % 2 == 0, encoded.lengths())
    is_one = len(texts) < FEWEST
    return TrackedStrings(
        texts=texts,
        encoded=encoded,
        hidden={
            name: np.array(values, np.float64 if kind == NUMBER else object)  # None becomes nan
            for name, (kind, values) in hidden.items()
        },
        kinds={name: kind for name, (kind, _) in hidden.items()},
        last=_last_tokens(encoded, back),
        back=back,
        chooses=is_first | is_one,
        scores=~is_first | is_one,
        tokens=np.array(model.vocabulary.words, object)[encoded.ids],
    )


def _drop_last_tokens(asked: EncodedReviews) -> EncodedReviews:
    """Windows without their last token, which is only asked."""
    is_read = np.ones(len(asked.ids), np.bool_)
    is_read[asked.offsets[1:] - 1] = False
    offsets = asked.offsets - np.arange(len(asked.offsets))
    return EncodedReviews(ids=asked.ids[is_read], offsets=offsets, labels=asked.labels, indices=asked.indices)


def _last_tokens(encoded: EncodedReviews, back: int) -> NDArray[np.int64]:
    ids = encoded.ids.astype(np.int64)
    times = np.arange(len(ids)) - np.repeat(encoded.offsets[:-1], encoded.lengths())  # (N,) in their windows
    rows = np.stack([np.where(times >= ago, np.roll(ids, ago), -1) for ago in range(back)], axis=1)
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)


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
        order = means.argsort(axis=0, kind="stable").astype(np.float64)
        ranked = np.sort(means, axis=0)
        middles = (ranked[1:] + ranked[:-1]) / 2  # a value is nearest to the mean between two of these
        return lambda some: np.take_along_axis(order, sum(some > one for one in middles), axis=0)

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
