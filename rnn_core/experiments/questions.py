"""The questions whose answers this project publishes: the sweep of each, by name.

All on the whole of IMDB, with the settings of the pretrained GRU but for what is asked; an Elman network gets
a learning rate that suits it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rnn_core.experiments.sweep import Sweep, grid, usual_base

_USUAL: Mapping[str, Any] = {
    "max_length": 400,
    "embedding_dropout": 0.2,
    "head_dropout": 0.3,
    "word_dropout": 0.05,
    "learning_rate": 5e-3,
}
_TWO, _THREE = (0, 1), (0, 1, 2)
_RATES = {"elman": 2e-3, "gru": 5e-3, "lstm": 5e-3}
_PADDINGS = ((True, "pre"), (False, "pre"), (False, "post"))
_VARIANTS = (
    ("embedding", "before", "last"),
    ("one-hot", "before", "last"),
    ("embedding", "after", "last"),
    ("embedding", "before", "mean"),
    ("embedding", "before", "max"),
)


class Question(NamedTuple):
    """What is asked, and the sweep that answers it."""

    title: str
    means: str
    """What the factor is to the network, in a sentence."""
    sweep: Sweep


def _questions() -> list[Question]:
    base = usual_base("imdb", **_USUAL)
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
            "Of a longer review the beginning is cut. A GRU reads the last so many tokens.",
            Sweep(
                name="length", base=base, cases=grid({"max_length": [25, 50, 100, 200, 400, 800]}), seeds=_TWO
            ),
        ),
        Question(
            "Does a longer review help every cell?",
            "An Elman network forgets what is far back, so more text may not help it.",
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
            "Padding in front is read before the review, behind it after the review, and then it is the last "
            "thing that the network has seen. Skipped, it is not read at all.",
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
        ),
        Question(
            "Does <start> matter?",
            "With it every review begins with the same token, which takes one place of the maximum length.",
            Sweep(name="start-token", base=base, cases=grid({"start_token": [True, False]}), seeds=_TWO),
        ),
        Question(
            "Input, reset gate, readout: which choice counts?",
            "One of the three is changed at a time, from embedding, reset before the product and last state.",
            Sweep(
                name="network", base=base, seeds=_TWO,
                cases=[
                    {"readout": readout, "input": input, "reset": reset}
                    for input, reset, readout in _VARIANTS
                ],
            ),
        ),
    ]  # fmt: skip


QUESTIONS: Mapping[str, Question] = {question.sweep.name: question for question in _questions()}
"""By the name of their sweep."""
