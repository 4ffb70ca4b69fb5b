"""Guesses from the beginning of a table where it doesn't say so itself: encoding, meaning of columns."""

import codecs
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rnn_core.config.identity import MOST_CLASSES
from rnn_core.errors import DataError
from rnn_core.refusals import shown
from rnn_core.tables.table import Cell, Columns

ROWS_OF_A_GUESS = 1_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORDS_OF_SPLITS = {
    "training": "train training learn",
    "validation": "validation valid val dev development",
    "test": "test testing eval",
}
SPLIT_OF_WORD = {word: split for split, words in _WORDS_OF_SPLITS.items() for word in words.split()}
"""The word for a split in a table -> which one that is."""
_LABEL_NAMES = re.compile(
    r"labels?|class(es)?|categor(y|ies)|sentiments?|ratings?|stars?|targets?|topics?|intents?|scores?|tags?|y"
)
_TEXT_NAMES = re.compile(
    r"texts?|reviews?|sentences?|comments?|body|content|message|question|tweet|description|document"
)
_LONGEST_LABEL = 100
_WHOLE_TO_DAMAGED = 10
"""Bytes beyond ASCII for each that is none, in a file in UTF-8. One that is damaged counts as two."""


def guess_encoding(start: bytes) -> str:
    r"""The encoding of a file by its first bytes: by its mark, by the zeros of UTF-16, as UTF-8, or Western.

    >>> guess_encoding("à la carte".encode()), guess_encoding("à la carte".encode("latin-1"))
    ('utf-8', 'windows-1252')
    """
    for mark, encoding in _BOMS:
        if start.startswith(mark):
            return encoding
    if wide := _utf_16(start[:10_000]):
        return wide
    # Damaged in few places it is UTF-8 still; of another encoding most places are damaged.
    text = start.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if _decodes(start, "utf-8") or len(text.encode()) - len(text) > _WHOLE_TO_DAMAGED * damaged:
        return "utf-8"
    return "windows-1252" if _decodes(start, "windows-1252") else "latin-1"


def _utf_16(start: bytes) -> str:
    """UTF-16 without a mark: in most scripts' spaces and line breaks every second byte is zero."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    few = max(3, len(start) // 100)
    if odd > few and even <= odd // 50:
        return "utf-16-le"
    return "utf-16-be" if even > few and odd <= even // 50 else ""


def _decodes(start: bytes, encoding: str) -> bool:
    """True if it is text in this encoding, of which the last character may be cut."""
    try:
        codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeDecodeError:
        return False
    return True


class _Seen(NamedTuple):
    """A column by its first cells."""

    name: str
    cells: list[str]
    """The cells that are not empty."""

    @property
    def distinct(self) -> int:
        return len(set(self.cells))

    @property
    def is_split(self) -> bool:
        """True if it says training or test, and nothing else."""
        return bool(self.cells) and {cell.strip().lower() for cell in self.cells} <= SPLIT_OF_WORD.keys()

    @property
    def is_short(self) -> bool:
        """True if no cell is longer than a label."""
        return max(map(len, self.cells)) <= _LONGEST_LABEL

    @property
    def repeats(self) -> bool:
        """True if some values come again and again."""
        return 1 < self.distinct <= max(MOST_CLASSES, len(self.cells) // 20) and self.distinct < len(
            self.cells
        )

    def named(self, pattern: re.Pattern[str]) -> bool:
        words = re.split(r"[\W_]+", self.name.lower())
        return any(map(pattern.fullmatch, words))


def need_column(found: str, holds: str, file: str, columns: Sequence[str], advice: str = "Name it") -> str:
    """Return a column that was named or guessed. Raises DataError where none was; it says what one holds."""
    if not found:
        there = ", ".join(map(shown, columns[:20]))
        raise DataError(
            f"No column of {file} looks like the one with the {holds}. {advice}; the columns are: {there}."
        )
    return found


def guess_columns(head: Sequence[Mapping[str, Cell]]) -> Columns:
    """Guess the meaning of columns by some first rows, best ROWS_OF_A_GUESS. The names break ties.

    Where no column's values come again and again as classes do, the name says which one they are.

    >>> rows = [{"id": str(i), "words": f"Such a long sentence {i}", "kind": "ab"[i % 2]} for i in range(9)]
    >>> guess_columns(rows)
    Columns(text='words', label='kind', split='')
    """
    names = list(head[0]) if head else []
    seen = [_Seen(name, [cell for row in head if (cell := row.get(name))]) for name in names]
    split = next((column.name for column in seen if column.is_split), "")
    rest = [column for column in seen if column.name != split and column.cells]
    text = max(rest, key=_likeness_to_text, default=None)
    short = [column for column in rest if column is not text and column.is_short]
    # Where no values repeat, a name decides, as in a table in the order of its classes.
    labels = [column for column in short if column.repeats] or [
        column for column in short if column.distinct <= MOST_CLASSES and column.named(_LABEL_NAMES)
    ]
    # As many classes as can be learned, then the name, then the fewest classes.
    label = max(
        labels,
        key=lambda one: (one.distinct <= MOST_CLASSES, one.named(_LABEL_NAMES), -one.distinct),
        default=None,
    )
    return Columns(text.name if text else "", label.name if label else "", split)


def _likeness_to_text(column: _Seen) -> float:
    """Longer is better, the name half as much again; an address, a number or a checksum is no text."""
    codes = sum(cell.isascii() and " " not in cell.strip() for cell in column.cells)
    characters = sum(map(len, column.cells)) / len(column.cells)
    likeness = characters * (1.5 if column.named(_TEXT_NAMES) else 1)
    return likeness / 10 if codes > 0.9 * len(column.cells) else likeness
