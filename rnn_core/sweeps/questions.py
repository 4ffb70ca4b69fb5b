"""The questions on which this project publishes findings: the sweep of each, by name.

All on the whole of IMDB, with the settings of the pretrained GRU but for what is asked; a plain RNN (Elman)
gets a learning rate that suits it. How far back a cell remembers is asked on the verdict corpus, where the
distance is known; the recipe begins from a network without any of its settings.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any, NamedTuple

import pandas as pd

from rnn_core.config.run import RunConfig
from rnn_core.errors import SweepError
from rnn_core.sweeps.sweep import Case, Sweep, grid, plain_base

_USUAL: Mapping[str, Any] = {
    "max_length": 400,
    "embedding_dropout": 0.2,
    "head_dropout": 0.3,
    "word_dropout": 0.05,
    "learning_rate": 5e-3,
}
_TWO, _THREE = (0, 1), (0, 1, 2)
_RATES = {
    "elman": 2e-3,
    "indrnn": 2e-3,
    "ugrnn": 5e-3,
    "mingru": 5e-3,
    "minlstm": 5e-3,
    "gru": 5e-3,
    "lstm": 5e-3,
}
_PADDINGS = ((True, "pre"), (False, "pre"), (False, "post"))
_PADDING_WORDS = ("padding skipped", "padding in front", "padding at the end")
_VARIANTS = {
    "embedding, reset before, last state": ("embedding", "before", "last"),
    "one-hot input": ("one-hot", "before", "last"),
    "reset after the product": ("embedding", "after", "last"),
    "mean over time": ("embedding", "before", "mean"),
    "largest over time": ("embedding", "before", "max"),
}
_DISTANCES = (10, 25, 50, 100, 200, 400, 800)
_RATES_ON_VERDICTS = {
    "elman": 2e-3, "indrnn": 2e-3, "ugrnn": 1e-2, "mingru": 1e-2, "minlstm": 1e-2, "gru": 1e-2, "lstm": 1e-2,
}  # fmt: skip

_PLAIN: Mapping[str, Any] = {
    "max_length": 256, "vocab_size": 5_000, "embedding_dropout": 0.0, "head_dropout": 0.0,
    "word_dropout": 0.0, "weight_averaging": 0.0, "bigrams": 0, "bigram_dropout": 0.0, "adversarial": 0.0,
    "label_smoothing": 0.0, "readout": "last", "bidirectional": False, "label_odds": False,
}  # fmt: skip
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
    "label_odds": False, "learning_rate": 3e-3, "hidden_size": 128, "bigrams": 0, "bigram_dropout": 0.0,
}  # fmt: skip
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
"""The short texts that are added to an epoch, one kind after the other."""


class Question(NamedTuple):
    """What is asked, and the sweep that answers it."""

    title: str
    means: str
    """What the factor is to the network, in a sentence."""
    sweep: Sweep
    cases: tuple[str, ...] = ()
    """What each case is called, where they are no combinations of values."""


def _on_texts() -> list[Question]:
    """What is read of a review: vocabulary, length, padding, truncation, <start>."""
    base = plain_base("imdb", **_USUAL)
    return [
        Question(
            "How many words must it know?",
            "Every rarer word is read as <unk>: a small vocabulary loses them, a large one learns each from "
            "few reviews.",
            Sweep(
                name="vocabulary", base=base,
                cases=grid({"vocab_size": [500, 2_000, 5_000, 10_000, 40_000]}), seeds=_THREE,
            ),
        ),
        Question(
            "How much of a review must it read?",
            "The maximum length is how many tokens a GRU reads of a review, <start> counted. Of a longer "
            "review the front is cut.",
            Sweep(
                name="length", base=base, cases=grid({"max_length": [25, 50, 100, 200, 400, 800]}), seeds=_TWO
            ),
        ),
        Question(
            "Does a longer review help every cell?",
            "A plain RNN (Elman) forgets what is far back, so more text may not help it.",
            Sweep(
                name="length-of-cells", base=base, seeds=_TWO,
                cases=[
                    {"max_length": length, "cell": cell, "learning_rate": _RATES[cell]}
                    for cell in ("elman", "lstm")
                    for length in (25, 100, 400)
                ],
            ),
        ),
        Question(
            "What does padding do?",
            "A short review is filled up to the maximum length. Padding in front is read before the review, "
            "padding at the end after it, just before the answer. Skipped, it is not read at all.",
            Sweep(
                name="padding", base=base, seeds=_THREE,
                cases=[
                    {
                        "padding": padding, "skip_padding": skip, "truncation": truncation, "cell": cell,
                        "learning_rate": _RATES[cell],
                    }
                    for cell in ("elman", "gru")
                    for truncation in ("pre", "post")
                    for skip, padding in _PADDINGS
                ],
            ),
            tuple(
                f"{cell}, {cut} cut, {padding}"
                for cell in ("Elman", "GRU")
                for cut in ("front", "end")
                for padding in _PADDING_WORDS
            ),
        ),
        Question(
            "Which end of a long review should be cut?",
            "Truncation at the front keeps the last words of a review that does not fit in, truncation at "
            "the end keeps its first ones. <start> takes one place of the maximum length either way.",
            Sweep(
                name="truncation", base=base, seeds=_THREE,
                cases=grid({"max_length": [32, 64, 128], "truncation": ["pre", "post"]}),
            ),
        ),
        Question(
            "Does <start> matter?",
            "With it every review begins with the same token, which takes one place of the maximum length.",
            Sweep(name="start-token", base=base, cases=grid({"start_token": [True, False]}), seeds=_TWO),
        ),
    ]  # fmt: skip


def _on_memory() -> list[Question]:
    """How the cell is built, and how far back it remembers."""
    base = plain_base("imdb", **_USUAL)
    return [
        Question(
            "Input, reset gate, readout: which matters?",
            "One of the three is changed at a time, from embedding, reset before the product and last state.",
            Sweep(
                name="network", base=base, seeds=_TWO,
                cases=[
                    {"readout": readout, "input": input, "reset": reset}
                    for input, reset, readout in _VARIANTS.values()
                ],
            ),
            tuple(_VARIANTS),
        ),
        Question(
            "How far back does it remember?",
            "Generated reviews with one verdict and then so many words of plot: each cell is trained to say "
            "the verdict when all of them have passed.",
            Sweep(
                name="distance", seeds=_TWO,
                base=plain_base("verdict", max_length=1_000, verdict_distance=_DISTANCES[0]),
                cases=[
                    {"verdict_distance": distance, "cell": cell, "learning_rate": _RATES_ON_VERDICTS[cell]}
                    for cell in ("elman", "gru", "lstm")
                    for distance in _DISTANCES
                ],
            ),
        ),
        Question(
            "What does each gate buy?",
            "Every cell with the same recipe: 200 tokens of a review, excerpts beside whole reviews, and "
            "composed sentences. The two without gates learn at 0.002, the others at 0.005.",
            Sweep(
                name="gates", seeds=_THREE,
                base=plain_base(
                    "imdb", vocab_size=10_000, max_length=200, epochs=4, embedding_dropout=0.2,
                    head_dropout=0.3, weight_averaging=0.998, excerpts=0.5, composed=20_000, keep="last",
                    evaluations_per_epoch=1,
                ),
                cases=[{"cell": cell, "learning_rate": rate} for cell, rate in _RATES.items()],
            ),
        ),
        Question(
            "How far back does each cell remember?",
            "Every cell is trained on generated reviews to say the verdict when 25, 100 or 200 words of plot "
            "have passed since. The two without gates learn at 0.002, the others at 0.01.",
            Sweep(
                name="distance-of-cells", seeds=_THREE,
                base=plain_base("verdict", max_length=1_000, verdict_distance=25),
                cases=[
                    {"verdict_distance": distance, "cell": cell, "learning_rate": rate}
                    for cell, rate in _RATES_ON_VERDICTS.items()
                    for distance in (25, 100, 200)
                ],
            ),
        ),
        Question(
            "How does it help to begin by remembering?",
            "Before training, its bias alone decides how much a gate lets through. A GRU, 200 words after "
            "the verdict, with biases from none to one that lets hardly anything of the memory go.",
            Sweep(
                name="forget-bias", seeds=_TWO,
                base=plain_base("verdict", max_length=1_000, verdict_distance=200),
                cases=grid({"forget_bias": [0.0, 2.0, 4.0, 6.0, 8.0]}),
            ),
        ),
    ]  # fmt: skip


def _on_the_recipe() -> list[Question]:
    """What each setting brings, alone and after others."""
    plain, ones = plain_base("imdb", learning_rate=5e-3, epochs=6), list(_RECIPE.values())
    return [
        Question(
            "What does each setting of the recipe bring?",
            "A plain GRU has a vocabulary of 5,000, a maximum length of 256 and no dropout. Beside it one "
            "setting at a time; bigrams come with a bigram dropout of 0.5.",
            Sweep(
                name="recipe", base=plain, seeds=_TWO, cases=[_PLAIN, *({**_PLAIN, **one} for one in ones)]
            ),
            ("plain", *(f"with {name}" for name in _RECIPE)),
        ),
        Question(
            "How far does the whole recipe carry?",
            "The same settings added one after the other: each rung of the ladder keeps those before it.",
            Sweep(
                name="ladder", base=plain, seeds=_TWO,
                cases=_one_after_the_other(_PLAIN, ones),
            ),
            ("plain", *(f"+ {name}" for name in _RECIPE)),
        ),
        Question(
            "Why does it learn so fast now?",
            "One epoch: a GRU sees each review once, 200 tokens of it, with a vocabulary of 10,000. Each "
            "case keeps what those before it have; bigrams come with a bigram dropout of 0.3.",
            Sweep(
                name="first-epoch", seeds=_THREE,
                base=plain_base(
                    "imdb", vocab_size=10_000, max_length=200, epochs=1, evaluations_per_epoch=10, keep="last"
                ),
                cases=_one_after_the_other(_SLOW, _FAST.values()),
            ),
            ("plain", *(f"+ {name}" for name in _FAST)),
        ),
        Question(
            "What do short texts teach?",
            "Excerpts are parts of reviews, read in place of half of them. Composed sentences are written by "
            "patterns, such as negations and comparisons; snippets are 5 to 40 words of a review. Each case "
            "keeps what those before it have.",
            Sweep(
                name="short-texts", seeds=_TWO,
                base=plain_base(
                    "imdb", vocab_size=10_000, max_length=200, epochs=5, embedding_dropout=0.2,
                    head_dropout=0.3, weight_averaging=0.998, learning_rate=5e-3, label_odds=True,
                    keep="last", evaluations_per_epoch=1,
                ),
                cases=_one_after_the_other(_WHOLE, _SHORT.values()),
            ),
            ("whole reviews", *(f"+ {name}" for name in _SHORT)),
        ),
    ]  # fmt: skip


def _one_after_the_other(first: Case, added: Iterable[Case]) -> list[Case]:
    """A case, and then one for each addition, which keeps those before it."""
    return list(accumulate(added, lambda so_far, one: {**so_far, **one}, initial=first))


def with_case_names(question: Question, table: pd.DataFrame) -> pd.DataFrame:
    """A row for each run, as `Results.table` gives it, with what its case is called in a column `case`.

    As it came where the cases of a question have no names.
    """
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


def own_sweep(name: str, base: RunConfig, cases: Sequence[Case], seeds: Sequence[int]) -> Sweep:
    """A sweep that somebody asks beside the published ones. Raises SweepError where that can't be."""
    if name in QUESTIONS:
        raise SweepError(f"{name} is one of the questions that come with the app: give yours another name.")
    return Sweep(name=name, base=base, cases=cases, seeds=seeds)


QUESTIONS: Mapping[str, Question] = {
    question.sweep.name: question for question in (*_on_texts(), *_on_memory(), *_on_the_recipe())
}
"""By the name of their sweep."""
