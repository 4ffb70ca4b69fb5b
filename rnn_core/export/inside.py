"""Sentences on an export: what is inside, that it will be large, and the limits on the card of a model."""

import re
from collections.abc import Sequence
from pathlib import Path

from rnn_core.export.format import ModelFormat
from rnn_core.models.folder import CARD, read_file
from rnn_core.models.model import Model
from rnn_core.tasks.task import task_of

LARGE = 10_000_000
"""Bytes, more than an export of any network that comes with Gatescope has."""
MANY_WORDS, MANY_CLASSES = 50_000, 50

_SECTIONS = ("What it is not good at", "Where these scores hold")
_MOST_BYTES = 200_000
_TITLE = re.compile(r"^## +(.*)$", re.MULTILINE)
_COMMAND = re.compile(r" ?\(`python -m [^`]*`\)|(?<=`)python -m rnn_core \w+ [\w-]+ (?=\")")
_MARKS = re.compile(r"\\(?P<kept>[^\w\s])|[`*]|\[(?P<link>[^\[\]]*)\]\([^()\s]*\)")


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


def said_on_card(folder: Path) -> list[str]:
    """The paragraphs of a model's card on what it is not good at and where its scores hold.

    There are none where it has no card, as a run. Raises ModelFolderError where the card can't be read.
    """
    if not (folder / CARD).exists():
        return []
    card = read_file(folder / CARD, _MOST_BYTES).decode("utf-8", errors="replace")
    _, *parts = _TITLE.split(card)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    return [
        plain(paragraph)
        for title in _SECTIONS
        for paragraph in re.split(r"\n\s*\n", sections.get(title, "").strip())
        if paragraph and not paragraph.startswith(("|", "    ", "```"))
    ]


def plain(markdown: str) -> str:
    """A paragraph without the marks of Markdown, in one line; commands that print a figure are left out.

    >>> plain('*Irony*: `python -m rnn_core predict gru "Oh\\ngreat."` answers 60 %.')
    'Irony: "Oh great." answers 60 %.'
    """
    text = " ".join(markdown.split())
    return _MARKS.sub(lambda mark: mark["kept"] or mark["link"] or "", _COMMAND.sub("", text))
