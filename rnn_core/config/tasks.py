"""The tasks that a network can be given, as a configuration names them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rnn_core.registry import Registry

CLASSIFICATION = "classification"
NEXT_TOKEN, NEXT_SYMBOL = "next-token", "next-symbol"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDeclaration:
    """What is known of a task before anything is computed."""

    label: str
    """The name on screen, within a sentence."""
    implementation: str
    """The place of its `rnn_core.tasks.task.Task`, which is loaded when it is needed: "module:class"."""
    needs_classes: bool = False
    """Whether each text has one of several classes."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """The settings that have one value only for this task, and that value."""


AT_EVERY_STEP: Mapping[str, Any] = {
    "readout": "last",
    "bidirectional": False,
    "skip_padding": True,
    "class_weights": "off",
    "label_odds": False,
    "counted_bigrams": 0,
    "teachers": "",
}
"""What is fixed for a task that asks at every time step: none reads ahead or knows a label of the text."""

_WHOLE_FROM_START = {
    **AT_EVERY_STEP, "start_token": True, "truncation": "post", "excerpts": 0.0, "snippets": 0, "composed": 0,
}  # fmt: skip

TASKS = Registry(
    "task",
    {
        CLASSIFICATION: TaskDeclaration(
            label="text classification",
            implementation="rnn_core.tasks.classification:TextClassification",
            needs_classes=True,
        ),
        NEXT_TOKEN: TaskDeclaration(
            label="predicting the next token",
            implementation="rnn_core.tasks.next_token:NextToken",
            fixed=_WHOLE_FROM_START,
        ),
        NEXT_SYMBOL: TaskDeclaration(
            label="predicting the next symbol of a language",
            implementation="rnn_core.tasks.next_symbol:NextSymbol",
            fixed=_WHOLE_FROM_START,
        ),
    },
)
