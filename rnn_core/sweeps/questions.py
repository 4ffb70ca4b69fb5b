"""The questions on which this project publishes findings: the sweep of each, by name.

On the whole of IMDB, but for how far back a cell remembers, which is asked on the verdict corpus, where the
distance is known, and for what a cell can learn and hold at all, which is asked on made-up languages.
Questions with the same recipe train alike but for what they ask. Where cells, layers, readouts or kinds of
padding are compared, the learning rate of each was searched (`rates`); how long it can hold a bit is asked
with the rate that was best for a cell on short strings.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.config.run import RunConfig
from rnn_core.data.sources import bare_config
from rnn_core.errors import SweepError
from rnn_core.languages.catalogue import LANGUAGES
from rnn_core.languages.delay import Delay
from rnn_core.sweeps.rates import LIST, RATE, Rates, searches_of, with_rates
from rnn_core.sweeps.sweep import Case, Sweep, grid
from rnn_core.symbols import KINDS
from rnn_core.tasks.task import task_of

_USUAL: Mapping[str, Any] = {
    "max_length": 400,
    "embedding_dropout": 0.2,
    "head_dropout": 0.3,
    "word_dropout": 0.05,
    "learning_rate": 5e-3,
}
_TWO, _THREE, _FOUR = (0, 1), (0, 1, 2), (0, 1, 2, 3)
_PADDINGS = ((True, "pre"), (False, "pre"), (False, "post"))
_PADDING_WORDS = ("padding skipped", "padding in front", "padding at the end")
_VARIANTS = {
    "embedding, reset before": ("embedding", "before"),
    "one-hot input": ("one-hot", "before"),
    "reset after the product": ("embedding", "after"),
}
_200_TOKENS: Mapping[str, Any] = {
    "vocab_size": 10_000,
    "max_length": 200,
    "embedding_dropout": 0.2,
    "head_dropout": 0.3,
    "weight_averaging": 0.998,
    "keep": "last",
    "evaluations_per_epoch": 1,
}
_SHORTER: Mapping[str, Any] = {**_200_TOKENS, "epochs": 4, "excerpts": 0.5, "composed": 20_000}

_PLAIN: Mapping[str, Any] = {
    "max_length": 256,
    "vocab_size": 5_000,
    "embedding_dropout": 0.0,
    "head_dropout": 0.0,
    "word_dropout": 0.0,
    "weight_averaging": 0.0,
    "bigrams": 0,
    "bigram_dropout": 0.0,
    "adversarial": 0.0,
    "label_smoothing": 0.0,
    "readout": "last",
    "bidirectional": False,
    "label_odds": False,
}
_RECIPE: Mapping[str, Mapping[str, Any]] = {
    "20,000 words in place of 5,000": {"vocab_size": 20_000},
    "dropouts of 0.3": {"embedding_dropout": 0.3, "head_dropout": 0.3},
    "word dropout of 0.1": {"word_dropout": 0.1},
    "averaged weights": {"weight_averaging": 0.995},
    "label smoothing": {"label_smoothing": 0.1},
    "100,000 bigrams": {"bigrams": 100_000, "bigram_dropout": 0.5},
    "mean over time": {"readout": "mean"},
    "800 tokens in place of 256": {"max_length": 800},
    "adversarial perturbation": {"adversarial": 2.0},
    "both directions": {"bidirectional": True},
    "label odds": {"label_odds": True},
}
"""What is added, in the order of the ladder: what takes no time first, and what was thought of last."""

_SLOW: Mapping[str, Any] = {
    "label_odds": False,
    "learning_rate": 3e-3,
    "hidden_size": 128,
    "bigrams": 0,
    "bigram_dropout": 0.0,
}
_FAST: Mapping[str, Mapping[str, Any]] = {
    "label odds": {"label_odds": True},
    "a learning rate of 0.008 in place of 0.003": {"learning_rate": 8e-3},
    "64 units in place of 128": {"hidden_size": 64},
    "30,000 bigrams": {"bigrams": 30_000, "bigram_dropout": 0.3},
}
"""What lets a network learn in its first seconds, each beside those before it."""

_WHOLE: Mapping[str, Any] = {"excerpts": 0.0, "composed": 0, "snippets": 0}
_SHORT: Mapping[str, Mapping[str, Any]] = {
    "excerpts": {"excerpts": 0.5},
    "composed sentences": {"composed": 40_000},
    "snippets": {"snippets": 40_000},
}


_LONG, _SHORT_TOO = "400 tokens, dropouts", "200 tokens, short texts too"
_GENERATED, _SIX = "generated reviews, plain", "six epochs, settings added"
_SEARCHED = "Each has the learning rate that was best for it on validation reviews."
_LOWER, _HIGHER = (5e-4, 1e-3, *LIST), (*LIST, 2e-2)
_FAR_HIGHER = (*_HIGHER, 5e-2, 1e-1)
_OF_CELLS = {
    "elman": Rates(2e-3, _LOWER),
    "indrnn": Rates(1e-2, _FAR_HIGHER[:-1]),
    "ugrnn": Rates(5e-3),
    "mingru": Rates(1e-2, _HIGHER),
    "minlstm": Rates(5e-3),
    "gru": Rates(5e-3),
    "lstm": Rates(1e-2, _HIGHER),
}
"""A cell is in a question once its learning rate there was searched."""
_GATES = [({"cell": cell}, rates) for cell, rates in _OF_CELLS.items()]
_AT_DISTANCES: Mapping[str, Sequence[Rates]] = {
    "elman": [
        Rates(2e-3, _LOWER), Rates(5e-3, _LOWER), Rates(5e-4, _LOWER), Rates(5e-3, _LOWER),
        Rates(5e-4, _LOWER),
    ],
    "indrnn": [
        Rates(5e-2, _FAR_HIGHER), Rates(1e-2, _FAR_HIGHER, every_seed=True), Rates(2e-2, _FAR_HIGHER[:-1]),
        Rates(2e-3, _FAR_HIGHER[:-1]), Rates(2e-3, _FAR_HIGHER[:-1]),
    ],
    "ugrnn": [
        Rates(1e-2), Rates(5e-3), Rates(5e-3), Rates(1e-2),
        Rates(2e-3, _LOWER[1:], every_seed=True),
    ],
    "mingru": [
        Rates(5e-3), Rates(5e-3), Rates(5e-3), Rates(1e-1, _FAR_HIGHER), Rates(5e-2, _FAR_HIGHER),
    ],
    "minlstm": [Rates(1e-2), Rates(5e-3), Rates(5e-3), Rates(5e-3), Rates(5e-2, _FAR_HIGHER)],
    "gru": [
        Rates(5e-3), Rates(1e-2), Rates(1e-2), Rates(5e-3),
        Rates(2e-3, (*_LOWER[1:], 2e-2), every_seed=True),
    ],
    "lstm": [
        Rates(1e-2), Rates(1e-2), Rates(5e-3), Rates(2e-3, _LOWER[1:]), Rates(2e-3, (*_LOWER[1:], 2e-2)),
    ],
}  # fmt: skip
"""For each cell, 10, 25, 50, 100 and 200 words after the verdict."""
_DISTANCES = [
    ({"verdict_distance": distance, "cell": cell}, rates)
    for cell, of_cell in _AT_DISTANCES.items()
    for distance, rates in zip((10, 25, 50, 100, 200), of_cell, strict=True)
]
_LENGTHS = [
    ({"max_length": length, "cell": cell}, rates)
    for cell, of_cell in {
        "elman": [Rates(5e-3, _LOWER[1:]), Rates(1e-2, (*_LOWER[1:], 2e-2)), Rates(2e-3, _LOWER[1:])],
        "lstm": [Rates(1e-2, _HIGHER), Rates(5e-3), Rates(1e-2, _HIGHER)],
    }.items()
    for length, rates in zip((25, 100, 400), of_cell, strict=True)
]
_OF_PADDED = {
    "elman": [Rates(2e-3, _LOWER[1:]), Rates(2e-3, _LOWER[1:]), Rates(5e-4, _LOWER)],
    "gru": [Rates(1e-2, _HIGHER), Rates(5e-3), Rates(1e-2, _HIGHER)],
}
_PADDED = [
    ({"padding": padding, "skip_padding": skip, "cell": cell}, rates)
    for cell, of_cell in _OF_PADDED.items()
    for (skip, padding), rates in zip(_PADDINGS, of_cell, strict=True)
]
_LAYERS = [({"layers": layers}, Rates(5e-3)) for layers in (1, 2)]
_READOUTS = [
    *(({"readout": readout}, Rates(5e-3)) for readout in ("last", "mean", "max")),
    ({"readout": "attention"}, Rates(1e-2, _HIGHER)),
]

_OF_LANGUAGES = (_LOW, _MID, _HIGH) = (3e-3, 1e-2, 3e-2)
_BEST_ON_LANGUAGES = {
    "elman": (_HIGH, _MID, _LOW, _MID, _MID, _HIGH, _LOW),
    "indrnn": (_HIGH, _MID, _MID, _HIGH, _MID, _MID, _MID),
    "ugrnn": (_HIGH, _HIGH, _HIGH, _HIGH, _MID, _HIGH, _HIGH),
    "mingru": (_HIGH, _HIGH, _HIGH, _MID, _HIGH, _HIGH, _HIGH),
    "minlstm": (_HIGH, _HIGH, _HIGH, _HIGH, _HIGH, _HIGH, _HIGH),
    "rglru": (_HIGH, _HIGH, _HIGH, _HIGH, _HIGH, _HIGH, _HIGH),
    "gru": (_HIGH, _MID, _HIGH, _HIGH, _HIGH, _HIGH, _HIGH),
    "lstm": (_HIGH, _MID, _MID, _HIGH, _HIGH, _HIGH, _HIGH),
    "slstm": (_HIGH, _MID, _HIGH, _MID, _HIGH, _HIGH, _MID),
    "s6": (_HIGH, _HIGH, _HIGH, _HIGH, _HIGH, _LOW, _LOW),
}
"""For each cell, on each of the languages in their order, the best of these three rates."""
_SLOWER = {"parity": 16, "recall": 16}
"""The epochs on languages of which hardly a cell has learned anything in 8."""
_LEARNED = [
    (
        {"data": f"language-{language}", "cell": cell, "epochs": _SLOWER.get(language, 8)},
        Rates(best, _OF_LANGUAGES),
    )
    for cell, of_cell in _BEST_ON_LANGUAGES.items()
    for language, best in zip(LANGUAGES, of_cell, strict=True)
]
_LONGEST_HELD = dict.fromkeys(_BEST_ON_LANGUAGES, 500) | {
    "elman": 20,
    "indrnn": 50,
    "lstm": 100,
    "slstm": 200,
}
"""For each cell the first k at which two of three seeds fail, or the longest that was asked."""
_HELD = [
    {"data": f"language-{Delay(k=k).full_name}", "cell": cell, RATE: _BEST_ON_LANGUAGES[cell][-1]}
    for cell, longest in _LONGEST_HELD.items()
    for k in (10, 20, 50, 100, 200, 500)
    if k <= longest
]
"""Each with the rate that was best for the cell with 20 fillers."""
_ON_LANGUAGES: Mapping[str, Any] = {
    "vocab_size": 20,
    "evaluations_per_epoch": 1,
    "weight_decay": 0.0,
    "learning_rate": _MID,
}


class Question(NamedTuple):
    """What is asked, and the sweep that answers it."""

    title: str
    means: str
    """What the factor is to the network, in a sentence."""
    recipe: str
    """In some three words, how its runs train: scores of questions with the same recipe may be compared."""
    sweep: Sweep
    cases: tuple[str, ...] = ()
    """What each case is called, where they are no combinations of values."""
    compared_by: str = ""
    """The column of the results by which its finding compares the cases: a share. Empty it is the task's."""
    searches: tuple[Sweep, ...] = ()
    """The runs that chose the learning rate of each case; none where it was not searched."""
    part_of_cells: str = ""
    """The part of Cells that has another measure, as a link names it; empty where there is none."""


def _one_after_the_other(first: Case, added: Iterable[Case]) -> list[Case]:
    """A case, and then one for each addition, which keeps those before it."""
    return list(accumulate(added, lambda so_far, one: {**so_far, **one}, initial=first))


def _asked(
    name: str,
    seeds: Sequence[int],
    base: RunConfig,
    cases: Sequence[Case] | Sequence[tuple[Case, Rates]],
    title: str,
    means: str,
    recipe: str,
    called: Sequence[str] = (),
    compared_by: str = "",
    part_of_cells: str = "",
) -> Question:
    """A question; where its cases come with learning rates, these were searched."""
    rates = [case for case in cases if isinstance(case, tuple)]
    of = with_rates(rates) or [case for case in cases if not isinstance(case, tuple)]
    sweep = Sweep(name=name, base=base, cases=of, seeds=seeds)
    searches = searches_of(sweep, rates) if rates else ()
    return Question(title, means, recipe, sweep, tuple(called), compared_by, searches, part_of_cells)


_ON_IMDB, _ON_SHORTER = bare_config("imdb", **_USUAL), bare_config("imdb", **_SHORTER)
_ON_SIX_EPOCHS = bare_config("imdb", learning_rate=5e-3, epochs=6)

_ALL = (
    _asked(
        "vocabulary",
        _THREE,
        _ON_IMDB,
        grid({"vocab_size": [500, 2_000, 5_000, 10_000, 40_000]}),
        "How many words must it know?",
        "Every rarer word is read as <unk>: a small vocabulary loses them, a large one learns each from few "
        "reviews.",
        _LONG,
    ),
    _asked(
        "length",
        _FOUR,
        _ON_IMDB,
        grid({"max_length": [25, 50, 100, 200, 400, 800]}),
        "How much of a review must it read?",
        "The maximum length is how many tokens a GRU reads of a review, <start> counted. Of a longer review "
        "the front is cut.",
        _LONG,
    ),
    _asked(
        "length-of-cells",
        _THREE,
        _ON_IMDB,
        _LENGTHS,
        "Does a longer review help every cell?",
        "What stands far back must be remembered for longer, so more text need not help a plain RNN (Elman).",
        _LONG,
    ),
    _asked(
        "padding",
        _FOUR,
        _ON_IMDB,
        _PADDED,
        "What does padding do?",
        "A short review is filled up to the maximum length. Padding in front is read before the review, "
        "padding at the end after it, just before the answer. Skipped, it is not read at all.",
        _LONG,
        [f"{KINDS[cell].name}, {words}" for cell in _OF_PADDED for words in _PADDING_WORDS],
    ),
    _asked(
        "truncation",
        _THREE,
        _ON_IMDB,
        grid({"max_length": [32, 64, 128], "truncation": ["pre", "post"]}),
        "Which end of a long review should be cut?",
        "Truncation at the front keeps the last words of a review that does not fit in, truncation at the "
        "end keeps its first ones. <start> takes one place of the maximum length either way.",
        _LONG,
    ),
    _asked(
        "start-token",
        _FOUR,
        _ON_IMDB,
        grid({"start_token": [True, False]}),
        "Does <start> matter?",
        "With it every review begins with the same token, which takes one place of the maximum length.",
        _LONG,
    ),
    _asked(
        "network",
        _FOUR,
        _ON_IMDB,
        [{"readout": "last", "input": input, "reset": reset} for input, reset in _VARIANTS.values()],
        "Input, reset gate: which matters?",
        "One of the two is changed at a time, from an embedding and the reset before the product.",
        _LONG,
        list(_VARIANTS),
    ),
    _asked(
        "gates",
        _THREE,
        _ON_SHORTER,
        _GATES,
        "How well does each cell judge reviews?",
        "Seven cells with the same recipe: 200 tokens of a review, excerpts beside whole reviews, and "
        f"composed sentences. {_SEARCHED}",
        _SHORT_TOO,
    ),
    _asked(
        "layers",
        _FOUR,
        _ON_SHORTER,
        _LAYERS,
        "What does a second layer add?",
        f"A second layer reads the states of the first one in place of words. {_SEARCHED}",
        _SHORT_TOO,
    ),
    _asked(
        "readouts",
        _FOUR,
        _ON_SHORTER,
        _READOUTS,
        "What does a readout add?",
        "What the verdict is made of: the last state alone, the mean or the largest of all states, or a "
        f"mean weighted by attention. {_SEARCHED}",
        _SHORT_TOO,
    ),
    _asked(
        "distance",
        _THREE,
        bare_config("verdict", max_length=1_000, verdict_distance=25),
        _DISTANCES,
        "How far back does each cell remember?",
        "Generated reviews with one verdict and then so many words of plot: each of seven cells is trained "
        f"to say the verdict when all of them have passed. {_SEARCHED}",
        _GENERATED,
        part_of_cells="reach",
    ),
    _asked(
        "languages",
        _THREE,
        bare_config("language-reber", **_ON_LANGUAGES, max_length=300, reviews=19_500, epochs=8),
        _LEARNED,
        "Which cell can learn which language?",
        "A network with 32 units predicts each next symbol of strings of a made-up language, whose true "
        "probabilities are known. It is asked strings as long as those it learned from, and longer ones. "
        "The learning rate of each cell on each language is the best of three on validation strings.",
        "generated strings, plain",
    ),
    _asked(
        "delay",
        _THREE,
        bare_config(
            "language-delay", **_ON_LANGUAGES, max_length=1_600, reviews=1_984, batch_size=32, epochs=16
        ),
        _HELD,
        "How long can it hold one bit?",
        "Strings of a bit, k fillers that are always the same, and the bit again: the network has read "
        "nothing but fillers since, and there are only two strings of each k.",
        "generated strings, plain",
        compared_by="right_strings",
    ),
    _asked(
        "forget-bias",
        _TWO,
        bare_config("verdict", max_length=1_000, verdict_distance=200),
        grid({"forget_bias": [0.0, 2.0, 4.0, 6.0, 8.0]}),
        "How does it help to begin by remembering?",
        "Before training, its bias alone decides how much a gate lets through. A GRU, 200 words after the "
        "verdict, with biases from none to one that lets hardly anything of the memory go.",
        _GENERATED,
    ),
    _asked(
        "recipe",
        _TWO,
        _ON_SIX_EPOCHS,
        [_PLAIN, *({**_PLAIN, **one} for one in _RECIPE.values())],
        "What does each setting of the recipe bring?",
        "A plain GRU has a vocabulary of 5,000, a maximum length of 256 and no dropout. Beside it one "
        "setting at a time; bigrams come with a bigram dropout of 0.5.",
        _SIX,
        ["plain", *(f"with {name}" for name in _RECIPE)],
    ),
    _asked(
        "ladder",
        _TWO,
        _ON_SIX_EPOCHS,
        _one_after_the_other(_PLAIN, _RECIPE.values()),
        "How far does the whole recipe carry?",
        "The same settings added one after the other: each rung of the ladder keeps those before it.",
        _SIX,
        ["plain", *(f"+ {name}" for name in _RECIPE)],
    ),
    _asked(
        "first-epoch",
        _THREE,
        bare_config(
            "imdb", vocab_size=10_000, max_length=200, epochs=1, evaluations_per_epoch=10, keep="last"
        ),
        _one_after_the_other(_SLOW, _FAST.values()),
        "What lets a network learn in its first seconds?",
        "One epoch: a GRU sees each review once, 200 tokens of it, with a vocabulary of 10,000. Each case "
        "keeps what those before it have; bigrams come with a bigram dropout of 0.3.",
        "one epoch, 200 tokens",
        ["plain", *(f"+ {name}" for name in _FAST)],
    ),
    _asked(
        "short-texts",
        _TWO,
        bare_config("imdb", **_200_TOKENS, epochs=5, learning_rate=5e-3, label_odds=True),
        _one_after_the_other(_WHOLE, _SHORT.values()),
        "What do short texts teach?",
        "Excerpts are parts of reviews, read in place of half of them. Composed sentences are written by "
        "patterns, such as negations and comparisons; snippets are 5 to 40 words of a review. Each case "
        "keeps what those before it have.",
        "200 tokens, label odds",
        ["whole reviews", *(f"+ {name}" for name in _SHORT)],
    ),
)


def with_case_names(question: Question, table: pd.DataFrame) -> pd.DataFrame:
    """A row for each run, with what its case is called in a column `case`, where cases have names."""
    if not question.cases:
        return table
    names = [
        next(
            (
                name
                for name, case in zip(question.cases, question.sweep.cases, strict=True)
                if all(row[factor] == value for factor, value in case.items())
            ),
            "another case",  # of a file that was begun when the question had others
        )
        for row in table.to_dict("records")
    ]
    return table.assign(case=names)


def compared_by(sweep: Sweep) -> str:
    """The column of the results by which the cases of a sweep are compared: a share."""
    asked = QUESTIONS[sweep.name].compared_by if sweep.name in QUESTIONS else ""
    return asked or task_of(sweep.base).compared_by


def own_sweep(name: str, base: RunConfig, cases: Sequence[Case], seeds: Sequence[int]) -> Sweep:
    """A sweep that somebody asks beside the published ones. Raises SweepError where that can't be."""
    if name in PUBLISHED:
        raise SweepError(f"{name} is one of the questions that come with the app: give yours another name.")
    return Sweep(name=name, base=base, cases=cases, seeds=seeds)


QUESTIONS: Mapping[str, Question] = {question.sweep.name: question for question in _ALL}

SEARCHES: Mapping[str, Sweep] = {
    search.name: search for question in QUESTIONS.values() for search in question.searches
}

PUBLISHED = frozenset({*QUESTIONS, *SEARCHES})

RENAMED: Mapping[str, str] = {"distance-of-cells": "distance"}
"""Questions of before, and the one that took the place of each."""
