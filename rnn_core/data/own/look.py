"""A first look at a table: its columns, its first rows, and what each column seems to be for."""

from dataclasses import dataclass

from rnn_core.data.own.found import Found
from rnn_core.tables.guess import ROWS_OF_A_GUESS, columns_of
from rnn_core.tables.table import Cell, Options, Table
from rnn_core.text.scripts import has_no_spaces

ROWS_SHOWN = 10
LONGEST_SHOWN = 300
"""Characters of a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look(Found):
    """What the beginning of a table shows."""

    format: str
    options: Options
    """As they hold."""
    columns: tuple[str, ...]
    nested: tuple[str, ...]
    """Columns that hold lists or objects, which can't be read."""
    total_bytes: int
    rows: tuple[tuple[Cell, ...], ...]
    """The first rows, long cells cut."""
    text: str
    """The column that looks like the one with the texts; this one and the next two may be empty."""
    label: str
    split: str
    distinct: dict[str, int]
    """How many different values each column has in the first rows."""
    without_spaces: bool
    """Whether the texts are in a script that puts no spaces between words."""


def look_at(table: Table) -> Look:
    """Read the first rows of a table. Raises DataError where they can't be read."""
    head = table.head(ROWS_OF_A_GUESS)
    text, label, split = columns_of(table, head)
    return Look(
        format=table.format,
        options=table.options,
        columns=table.columns,
        nested=table.left_out,
        total_bytes=table.total_bytes,
        rows=tuple(tuple(_shown(row[name]) for name in table.columns) for row in head[:ROWS_SHOWN]),
        text=text,
        label=label,
        split=split,
        distinct={name: len({row[name] for row in head} - {None}) for name in table.columns},
        without_spaces=has_no_spaces(row[text] or "" for row in head) if text else False,
    )


def _shown(cell: Cell) -> Cell:
    return cell if cell is None or len(cell) <= LONGEST_SHOWN else f"{cell[:LONGEST_SHOWN]} …"
