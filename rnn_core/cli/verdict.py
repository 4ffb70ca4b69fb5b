"""What a network says of a text, in numbers and in words."""

from typing import Any

from rnn_core.figures.text import percent
from rnn_core.inspection.trace import Trace


def said(read: Trace) -> dict[str, Any]:
    """The predicted class; probability and logit of the followed one; the probabilities of all classes."""
    in_the_end = read.probabilities_of_classes[-1].tolist()
    return {
        "label": read.label,
        "probability": read.probability,
        "logit": float(read.logits[-1]),
        "followed": read.classes[read.followed],
        "probabilities": dict(zip(read.classes, in_the_end, strict=True)),
    }


def in_words_of(read: Trace) -> str:
    """The predicted class and how probable the followed one is, in which it differs from it by name."""
    name = read.classes[read.followed]
    of = "" if name == read.label and len(read.classes) > 2 else f" of {name}"
    return f"{read.label}, probability{of} {percent(read.probability)}"
