"""What is said of an export before it is made: what will be inside, and whether it will be large."""

from collections.abc import Sequence

from rnn_core.models.model import Model
from rnn_core.text.vocabulary import SPECIAL_TOKENS

MANY_WEIGHTS = 5_000_000
"""More than any network has that comes with Gatescope."""
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


def large_in_words(models: Sequence[Model]) -> str:
    """A sentence that the export will be large, with what makes it so; empty where it won't be."""
    for model in models:
        words, classes = len(model.vocabulary), len(model.config.classes)
        weights = sum(tensor.numel() for tensor in model.classifier.state_dict().values())
        if weights < MANY_WEIGHTS and words < MANY_WORDS and classes < MANY_CLASSES:
            continue
        unit = model.config.tokens.noun
        return (
            f"{model.name} is large: {weights:,} weights, a vocabulary of {words:,} {unit}s, {classes:,} "
            f"classes. An export of it has some {weights / 1e6:,.1f} to {4 * weights / 1e6:,.1f} MB, and "
            "takes longer to make and to open."
        )
    return ""
