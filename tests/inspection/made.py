"""Untrained models to look into, the words they know, and a second way to read, slowly."""

import copy
from functools import partial
from itertools import product

import numpy as np
import torch

from rnn_core.config.identity import CLASSES
from rnn_core.config.run import RunConfig
from rnn_core.inspection.keeping_track import TrackedStrings
from rnn_core.inspection.trace import Trace
from rnn_core.inspection.verdicts import verdicts
from rnn_core.languages.language import CATEGORY, NUMBER
from rnn_core.models.model import Model
from rnn_core.nn.classifier import Classifier, ids_before
from rnn_core.symbols import CELLS
from rnn_core.tasks.classes import compared
from rnn_core.text.vocabulary import SPECIAL_TOKENS, Vocabulary
from rnn_core.text.window import ReadReview
from tests.nn.variants import read_plainly
from tests.untrained import encoded

COUNTS = {"the": 5, "film": 4, "was": 3, "good": 2, "bad": 1}
WORDS = Vocabulary.from_counts(COUNTS, 10)
VARIANTS = {name: CELLS[name].run_settings for name in ("elman", "gru", "gru-after", "lstm")}
UNIFORM = {"initialisation": "uniform", "forget_bias": 0.0}
"""Settings with which biases are drawn too, and no gate is made to remember."""
RECIPES = {
    "bigrams": {"bigrams": 60},
    "counted bigrams": {"counted_bigrams": 60},
    "all bigrams": {"bigrams": 60, "counted_bigrams": 40},
    "both directions": {"bidirectional": True},
    "both, one-hot": {"bidirectional": True, "input": "one-hot"},
    "two layers": {"layers": 2},
    "three layers, both directions": {"layers": 3, "bidirectional": True},
    "both, with bigrams": {"bidirectional": True, "bigrams": 60},
    "both, with counted bigrams": {"bidirectional": True, "counted_bigrams": 60},
}
"""Settings that change what the cells get, or how many there are."""


def make_model(*, seed, vocabulary=WORDS, name="made", classes=2, **settings):
    """A model of 5 units, and 3 numbers a word, where the settings do not say otherwise."""
    config = RunConfig()
    if classes > 2:
        config = RunConfig(data="own", classes=tuple(f"c{number}" for number in range(classes)))
    config = config.with_settings(**{"hidden_size": 5, "embedding_size": 3, **settings})
    torch.manual_seed(seed)
    classifier = Classifier(config.model, len(vocabulary), classes).eval()
    words = torch.arange(len(SPECIAL_TOKENS), len(vocabulary))
    pairs = torch.cartesian_prod(words, words)  # as if those of the first words had been learned
    if config.model.bigrams:
        classifier.bigrams.know(pairs[: config.model.bigrams])
        torch.nn.init.normal_(classifier.bigrams.vectors.weight[1:])
    if config.model.counted_bigrams:
        known = pairs[: config.model.counted_bigrams]
        classifier.counted.know(known)
        classifier.counted.set_odds(torch.randn(len(known)), torch.zeros(0, len(known)))
    return Model(name=name, config=config, vocabulary=vocabulary, classifier=classifier)


def logit_of(probabilities):
    """The logit of each probability."""
    p = np.asarray(probabilities, np.float64)
    return np.log(p / (1 - p)).astype(np.float32)


def of_two(probabilities, classes=CLASSES):
    """Verdicts with these probabilities (T,) of the second of two classes."""
    answers = logit_of(probabilities)[:, None].clip(-1e30, 1e30)
    T = len(answers)
    words = {"tokens": ("a",) * T, "window": ("a",) * T, "unknown": (False,) * T, "ids": (3,) * T}
    review = ReadReview(**words, kept=slice(0, T))
    arrays = {"h": np.zeros((T, 1), np.float32)}
    read = Trace(cell="elman", review=review, arrays=arrays, answers=answers, classes=classes, followed=1)
    return verdicts(read)


def in_turn(*factors):
    """Each value of one factor with each of another; those of the other factors take turns."""
    rows, columns, *others = factors
    turns, places = list(product(*others)), product(enumerate(rows), enumerate(columns))
    return [(row, column, *turns[(i + j) % len(turns)]) for (i, row), (j, column) in places]


def as_computed(t, letter, values):
    """Return the quantity that a cell goes on with at time step t: holds nothing."""
    return values


def inputs(classifier, ids):
    """The inputs of the lowest cells at each time step of a window: (T, E), or the ids with one-hot input."""
    ids = torch.tensor(ids)
    return classifier.embed(ids, ids_before(ids)).detach()


def with_projected_inputs(classifier, ids):
    """A network with one-hot input as one that gets the rows of W themselves, and these rows, (T, D*G*H)."""
    other = copy.deepcopy(classifier)
    lowest = [*other.layers[:1], *other.backward_layers[:1]]
    rows = torch.cat([cell.W.detach()[list(ids)] for cell in lowest], dim=1)
    for cell, picked in zip(lowest, torch.eye(rows.shape[1]).to(rows).chunk(len(lowest), dim=1), strict=True):
        cell.one_hot, cell.W = False, torch.nn.Parameter(picked)
    return other, rows


def computed_slowly(cell, xs, hold=as_computed):
    """All that a cell computes, (T, H) by letter."""
    state, steps = cell.initial_state(1), []
    for t, x in enumerate(xs):
        steps.append(cell.naive(x[None], state, partial(hold, t)))
        state = steps[-1][: cell.state_size]
    return {letter: torch.cat([getattr(step, letter) for step in steps]) for letter in steps[0]._fields}


def read_slowly(classifier, xs, layer=None, hold=as_computed):
    """All that the cell of a layer computes that reads forwards; each state of the top layer, (T, D*H)."""
    layer, every = layer or len(classifier.layers), []
    for number, cell in enumerate(classifier.layers, 1):
        every.append(computed_slowly(cell, xs, hold if number == layer else as_computed))
        hs = every[-1]["h"]
        if classifier.config.bidirectional:
            back = computed_slowly(classifier.backward_layers[number - 1], xs.flip(0))["h"].flip(0)
            hs = torch.cat([hs, back], dim=1)
        xs = hs
    return every[layer - 1], xs


def answer_slowly(classifier, hs):
    """The answer as it is compared, (1 or K,), given each state of the top layer."""
    if not classifier.config.bidirectional or classifier.readout.mixes_units:
        return compared(classifier.head(read_plainly(classifier, hs)))
    forwards, back = hs.chunk(2, dim=1)  # each is read in its own order
    read = torch.cat([read_plainly(classifier, one) for one in (forwards, back.flip(0))])
    return compared(classifier.head(read))


def answers_slowly(classifier, xs, layer=None, hold=as_computed):
    """The answer to each beginning of a window, each read alone, (T, 1 or K)."""
    beginnings = (xs[: t + 1] for t in range(len(xs)))
    return torch.stack(
        [answer_slowly(classifier, read_slowly(classifier, one, layer, hold)[1]) for one in beginnings]
    )


STRINGS, T = 40, 12
COUNT = np.tile(np.arange(T, dtype=float), STRINGS)
PARITY = np.array([str(int(t) % 2) for t in COUNT], object)


def strings_with(last=None, **hidden):
    """Strings of T time steps, every second of which chooses, with something hidden in them."""
    N = STRINGS * T
    chooses = np.repeat(np.arange(STRINGS) % 2 == 0, T)
    return TrackedStrings(
        texts=tuple(map(str, range(STRINGS))),
        encoded=encoded([[0] * T] * STRINGS),
        hidden=hidden,
        kinds={name: CATEGORY if truth.dtype == object else NUMBER for name, truth in hidden.items()},
        last=np.zeros(N, np.int64) if last is None else last,
        tokens=np.full(N, "a", object),
        chooses=chooses,
        scores=~chooses,
    )
