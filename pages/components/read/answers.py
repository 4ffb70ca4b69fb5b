"""Answers of a network at the cursor: its verdict so far, or what comes next."""

from pages.components.read.read_verdict import follow_chosen, show_verdict
from pages.components.read.readings import Reading, gives_verdict, read_or_stop
from pages.components.read.whats_next import show_next
from pages.components.shared.token_strip import SURPRISE, Effect, choose_effect
from rnn_core.figures.colours import Theme
from rnn_core.models.model import KeptModel


def what_is_seen(model: KeptModel | None) -> str:
    """A sentence below the title of the page."""
    what = "how its verdict changes" if model is None or gives_verdict(model) else "what it expects next"
    return f"Pick a network, type a text and see {what} along the way."


def read_and_follow(model: KeptModel, text: str, layer: int | None) -> Reading:
    """The reading of a text, with the chosen class followed; the page ends here where there is none."""
    reading = read_or_stop(model, text, layer)
    return follow_chosen(reading, text) if reading.gives_verdict else reading


def choose_colouring(reading: Reading) -> Effect:
    """Return what colours the tokens."""
    return choose_effect(reading.unit) if reading.gives_verdict else SURPRISE


def show_answer(reading: Reading, text: str, time: int, theme: Theme) -> None:
    """The verdict on the whole text, or what comes next at a time step."""
    if reading.gives_verdict:
        show_verdict(reading, text, theme)
    else:
        show_next(reading, time, theme)
