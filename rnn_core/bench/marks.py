"""Accuracies that a training is to reach soon, and the recipe for each: chosen on validation reviews."""

from typing import NamedTuple

from rnn_core.config.presets import PRESETS
from rnn_core.config.run import RunConfig


class Mark(NamedTuple):
    """What the mean over seeds is to reach, how, and with how many threads."""

    accuracy: float
    """Of the test reviews, 0 to 1."""
    threads: int
    recipe: RunConfig
    """Epochs and batch size fix the number of optimizer steps. The weights after the last one count."""

    def __str__(self) -> str:
        return f"{self.accuracy:.1%}"


_BASE = RunConfig().with_settings(vocab_size=10_000, label_odds=True, excerpts=0.0)

MARKS = (
    Mark(
        0.870,
        1,
        _BASE.with_settings(
            max_length=150, hidden_size=32, bigrams=30_000, bigram_dropout=0.3, learning_rate=0.015, epochs=1
        ),
    ),
    # where early MLPerf stopped its sentiment task
    Mark(
        0.906,
        2,
        _BASE.with_settings(
            max_length=400, embedding_size=16, hidden_size=64, bigrams=20_000, bigram_dropout=0.3,
            embedding_dropout=0.3, head_dropout=0.3, learning_rate=0.01, epochs=2,
        ),
    ),
)  # fmt: skip

NB_SVM = {"alpha": 0.1, "C": 0.03}
"""What did best on the validation reviews of seed 0, of the grid that the command `baselines` tries."""


def plain_way(mark: Mark) -> RunConfig:
    """A network of the same size that reads the same, with the recipe of the assignment.

    Its reset gate acts after the product, as that of `nn.GRU` does.
    """
    text, model = mark.recipe.text, mark.recipe.model
    return PRESETS["reference"].config.with_settings(
        vocab_size=text.vocab_size, max_length=text.max_length, embedding_size=model.embedding_size,
        hidden_size=model.hidden_size, bigrams=model.bigrams, reset="after",
    )  # fmt: skip
