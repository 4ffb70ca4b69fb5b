"""The tasks that a network can be given, as a configuration names them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rnn_core.refusals import Fixed
from rnn_core.registry import Registry

CLASSIFICATION = "classification"
NEXT_TOKEN, NEXT_SYMBOL = "next-token", "next-symbol"


OF_NEXT_TOKENS: Mapping[str, Fixed] = {
    "windows": Fixed("first", "only the next tokens of texts are asked window after window"),
    "tied": Fixed(False, "only the next token of a text is answered with the vectors of tokens"),
}
"""The settings of predicting the next token of texts, as they are fixed for other tasks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDeclaration:
    """Everything known of a task before anything is computed."""

    label: str
    """The name on screen, within a sentence."""
    implementation: Callable[[], Any] | None = None
    """Makes its `rnn_core.tasks.task.Task`; the files of that room add their own to the declarations here."""
    needs_classes: bool = False
    """True if each text has one of several classes."""
    fixed: Mapping[str, Fixed] = field(default_factory=lambda: OF_NEXT_TOKENS)
    """The settings that have one value only for this task."""


_NO_LABELS = "no text has a label to learn from"
_FROM_THE_START = "each text is read from its first token on"

AT_EVERY_STEP: Mapping[str, Fixed] = {
    "readout": Fixed("last", "each answer is read off the state at its own time step"),
    "bidirectional": Fixed(False, "a network that reads from the end knows what comes next"),
    "skip_padding": Fixed(True, "nothing is asked of padding"),
    "class_weights": Fixed("off", _NO_LABELS),
    "label_odds": Fixed(False, _NO_LABELS),
    "counted_bigrams": Fixed(0, _NO_LABELS),
    "teachers": Fixed("", "teachers answer once a text"),
    **OF_NEXT_TOKENS,
}
"""The settings that are fixed for a task that asks at every time step."""

_WHOLE_FROM_START: Mapping[str, Fixed] = {
    **AT_EVERY_STEP,
    "start_token": Fixed(True, "the first token is predicted from it"),
    "truncation": Fixed("post", _FROM_THE_START),
    "excerpts": Fixed(0.0, _FROM_THE_START),
    "snippets": Fixed(0, _FROM_THE_START),
    "composed": Fixed(0, _NO_LABELS),
}

TASKS = Registry(
    "task",
    {
        CLASSIFICATION: TaskDeclaration(label="text classification", needs_classes=True),
        NEXT_TOKEN: TaskDeclaration(
            label="predicting the next token",
            fixed={name: held for name, held in _WHOLE_FROM_START.items() if name not in OF_NEXT_TOKENS},
        ),
        NEXT_SYMBOL: TaskDeclaration(
            label="predicting the next symbol of a language",
            fixed={
                **_WHOLE_FROM_START,
                "label_smoothing": Fixed(0.0, "the true probabilities are what is to be learned"),
            },
        ),
    },
)
