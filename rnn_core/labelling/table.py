"""A table without labels is written again, with what a network says of each text."""

from collections.abc import Generator, Sequence
from pathlib import Path

from rnn_core.errors import DataError, reason
from rnn_core.labelling.texts import Labelled, label_texts
from rnn_core.models.model import Model
from rnn_core.progress import Progress
from rnn_core.refusals import shown
from rnn_core.tables.guess import ROWS_OF_A_GUESS, columns_of
from rnn_core.tables.table import Cell, Table
from rnn_core.tables.written import written_table

READING = "Reading the table"
_AT_ONCE = 1_024
"""Texts between two reports of how far it is."""
_ADDED = ("class", "probability", "words")


def label_table(
    model: Model, table: Table, text: str, out: Path, *, spared: Sequence[Path] = ()
) -> Generator[Progress, None, dict[str, int]]:
    """Write a table with all its columns and three more: class, probability, the words that counted most.

    A row without a token in its column `text` has empty ones. Returns how many rows were given each class, in
    the order of the classes. The files of the table and those of `spared` are not written over. Raises
    DataError or OverflowedError; then nothing was written.
    """
    text = text_column(table, text)
    added = [_free(name, table.columns) for name in _ADDED]
    counts = dict.fromkeys(model.config.classes, 0)
    try:
        with written_table(out, [*table.columns, *added], sources=[*table.files, *spared]) as written:
            done, total = 0, max(table.total_bytes, 1)
            yield Progress(READING, done, total)
            for batch in table.batches():
                rows = list(zip(*batch.columns.values(), strict=True))
                texts = [cell or "" for cell in batch.columns[text]]
                for start in range(0, len(rows), _AT_ONCE):
                    said = label_texts(model, texts[start : start + _AT_ONCE])
                    written.write(
                        [*row, *_cells(model, labelled)]
                        for row, labelled in zip(rows[start : start + _AT_ONCE], said, strict=True)
                    )
                    for labelled in filter(None, said):
                        counts[model.config.classes[labelled.label]] += 1
                    share = min(start + _AT_ONCE, len(rows)) / len(rows)
                    yield Progress(READING, round(done + share * (batch.bytes_done - done)), total)
                done = batch.bytes_done
    except OSError as error:
        raise DataError(
            f"{out} could not be written: {reason(error)}. Free some disk space, or choose another place."
        ) from error
    return counts


def text_column(table: Table, named: str) -> str:
    """The column with the texts, guessed where none is named. Raises DataError where there is none."""
    if named in table.columns:
        return named
    there = ", ".join(map(shown, table.columns[:20]))
    if named:
        raise DataError(f"{table.path.name} has no column {shown(named)}. It has {there}.")
    guessed = columns_of(table, table.head(ROWS_OF_A_GUESS)).text
    if not guessed:
        raise DataError(
            f"No column of {table.path.name} looks like the one with the texts. Name it; the columns are: "
            f"{there}."
        )
    return guessed


def _cells(model: Model, labelled: Labelled | None) -> list[Cell]:
    if labelled is None:
        return [None] * len(_ADDED)
    return [
        model.config.classes[labelled.label], f"{labelled.probability:.4f}", " ".join(labelled.words),
    ]  # fmt: skip


def _free(name: str, columns: tuple[str, ...]) -> str:
    """The name, with a number where the table has such a column.

    >>> _free("class", ("text", "class"))
    'class (2)'
    """
    number, free = 1, name
    while free in columns:
        number += 1
        free = f"{name} ({number})"
    return free
