"""What is said of an export before it is made: what will be inside, and whether it will be large."""

from collections.abc import Sequence

from rnn_core.export.model_format import ModelFormat
from rnn_core.models.model import Model
from rnn_core.text.vocabulary import SPECIAL_TOKENS

LARGE = 10_000_000
"""Bytes, more than an export of any network that comes with Gatescope has."""
MANY_WORDS, MANY_CLASSES = 50_000, 50


def inside_in_words(models: Sequence[Model]) -> str:
    """A sentence on what an export holds of the texts that these networks learned from.

    The vocabulary of private texts is private, so of such a network it is said how much of it there is.
    """
    private = [model for model in models if model.config.corpus.is_private]
    if not private:
        return "Inside: weights and vocabulary; no text that was learned from."
    counts = ", ".join(
        f"the {len(model.vocabulary) - len(SPECIAL_TOKENS):,} most frequent "
        f"{'words' if model.config.tokens.unit == 'words' else 'characters'} of {model.config.data}"
        for model in private
    )
    return (
        f"Inside: weights and vocabulary, {counts}. If these texts are private, so is the export; no text "
        "itself is in it."
    )


def large_in_words(models: Sequence[Model], form: ModelFormat) -> str:
    """A sentence that the export will be large, and what makes it so; empty where it won't be."""
    size = form.size(models)
    large = [
        model
        for model in models
        if size >= LARGE or len(model.vocabulary) >= MANY_WORDS or len(model.config.classes) >= MANY_CLASSES
    ]
    if not large:
        return ""
    whats = (
        f"{model.name} has {len(model.vocabulary):,} {model.config.tokens.noun}s and "
        f"{len(model.config.classes):,} classes"
        for model in large
    )
    return (
        f"{'; '.join(whats)}. This export will be larger than usual, about {size / 1e6:,.0f} MB, and takes "
        "longer to make and to open."
    )
