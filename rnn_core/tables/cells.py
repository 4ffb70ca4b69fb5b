"""A value of a typed format (Parquet, Excel, JSON) as the text of a cell, in its shortest form."""

import datetime
import math
from collections.abc import Iterable
from decimal import Decimal

from rnn_core.errors import DataError
from rnn_core.tables.table import Cell

MOST_COLUMNS = 10_000
_WHOLE_BELOW = 1e16
"""Above it not every whole number is a float."""


def as_cell(value: object) -> Cell:
    """The text of a value. Raises UnicodeDecodeError for bytes that are no text.

    >>> as_cell(3.0), as_cell(2.5), as_cell(True), as_cell(datetime.datetime(2024, 5, 1)), as_cell("")
    ('3', '2.5', 'true', '2024-05-01', None)
    """
    if value is None or isinstance(value, str):
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return str(int(value)) if value.is_integer() and abs(value) < _WHOLE_BELOW else repr(value)
    if isinstance(value, Decimal):
        return None if value.is_nan() else _shortest(value)
    if isinstance(value, bytes):
        return value.decode() or None
    if isinstance(value, datetime.datetime) and value.tzinfo is None and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value) or None


def _shortest(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def unique_names(names: Iterable[Cell], file: str) -> tuple[str, ...]:
    """Names for columns: a repeated one gets a number, one without a name its place.

    Raises DataError for too many of them.

    >>> unique_names(["text", "label", None, "text"], "a.csv")
    ('text', 'label', 'column 3', 'text (2)')
    """
    unique: dict[str, None] = {}
    given = [(name or "").strip() or f"column {place}" for place, name in enumerate(names, start=1)]
    if len(given) > MOST_COLUMNS:
        raise DataError(f"{file} has {len(given):,} columns; a table of texts has {MOST_COLUMNS:,} at most.")
    taken = set(given)
    for name in given:
        number, candidate = 2, name
        while candidate in unique or (candidate != name and candidate in taken):
            candidate, number = f"{name} ({number})", number + 1
        unique[candidate] = None
    return tuple(unique)
