"""Texts that a network wrote by itself while it learned, shown on Read."""

from pages.components.read.panels import panel, writes
from pages.components.read.readings import Reading
from pages.components.shared.histories import history_of, show_written
from rnn_core.figures.colours import Theme
from rnn_core.training.history import History


@panel(
    "While it learned",
    "What did it write by itself while it learned, from its first steps on? The newest is on top.",
    needs=lambda reading: not reading.gives_verdict and writes(reading) and bool(_history(reading).written),
)
def show_learned(reading: Reading, time: int, theme: Theme) -> None:
    """The texts in the records of the training, each with its bits."""
    show_written(_history(reading), reading.model.config.corpus.nouns.texts)


def _history(reading: Reading) -> History:
    return history_of(reading.model.folder, reading.model.config)
