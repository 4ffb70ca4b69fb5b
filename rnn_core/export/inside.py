"""Sentences on an export: what is inside, and before it is made that it will be large."""

from collections.abc import Sequence

from rnn_core.export.model_format import ModelFormat
from rnn_core.models.model import Model
from rnn_core.tasks.task import task_of

LARGE = 10_000_000
"""Bytes, more than an export of any network that comes with Gatescope has."""
MANY_WORDS, MANY_CLASSES = 50_000, 50


def vocabulary_in_words(model: Model) -> str:
    """Count a vocabulary without the special tokens, as in "13,997 most frequent words"."""
    config = model.config
    noun = "symbols" if config.corpus.language is not None else f"most frequent {config.tokens.noun}s"
    return f"{len(model.vocabulary) - len(task_of(config).specials):,} {noun}"


def inside_in_words(models: Sequence[Model]) -> str:
    """A sentence on what an export holds of the texts that these networks learned from.

    The vocabulary of private texts is private, so of such a network it is said how much of it there is.
    """
    private = [model for model in models if model.config.corpus.is_private]
    if not private:
        return "Inside: weights and vocabulary; no training text."
    counts = ", ".join(f"the {vocabulary_in_words(model)} of {model.config.data}" for model in private)
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
