"""The limits of a model as its card says them, as plain text."""

import re
from pathlib import Path

from rnn_core.models.folder import CARD, read_file

_SECTIONS = ("What it is not good at", "Where these scores hold")
_MOST_BYTES = 200_000
_TITLE = re.compile(r"^## +(.*)$", re.MULTILINE)
_COMMAND = re.compile(r" ?\(`python -m [^`]*`\)|(?<=`)python -m rnn_core \w+ [\w-]+ (?=\")")
_MARKS = re.compile(r"\\(?P<kept>[^\w\s])|[`*]|\[(?P<link>[^\[\]]*)\]\([^()\s]*\)")


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
