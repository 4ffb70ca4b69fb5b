"""A whole table is labelled in a process of its own, so that a large one stops no page."""

import dataclasses
import secrets
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple, TypedDict

from rnn_core.child_process import MOST_MEMORY, ask
from rnn_core.errors import DataError, reason
from rnn_core.progress import Progress
from rnn_core.tables.table import Options

_CHILD = "rnn_core.labelling.child"


class Request(TypedDict):
    """What a child is asked to do."""

    model: str
    """The folder of the network."""
    source: str
    """The path of the table, which is read with these options."""
    options: Options
    text: str
    """The column with the texts."""
    out: str
    """The file to write."""


class LabelledTable(NamedTuple):
    """A table that was read and written again."""

    path: Path
    counts: dict[str, int]
    """Class -> how many texts were given it, in the order of the classes."""


def label_apart(
    model: Path, source: Path, options: Options, text: str, folder: Path, most_memory: int = MOST_MEMORY
) -> Generator[Progress, None, LabelledTable]:
    """Label a table, as `rnn_core.labelling.table.label_table` does, in a process of its own.

    The labelled table comes into a new folder in `folder`. Closing this generator ends the child. Raises
    DataError. Unless it comes to its end, nothing is left.
    """
    here = folder / secrets.token_hex(8)
    out, counts = here / "labelled.csv", None
    request = Request(
        model=str(model.absolute()), source=str(source), options=options, text=text, out=str(out)
    )
    try:
        here.mkdir(parents=True)
    except OSError as error:
        raise DataError(
            f"{here} can't be written: {reason(error)}. Free some disk space, then try again."
        ) from error
    try:
        counts = yield from ask(_CHILD, {**request, "options": dataclasses.asdict(options)}, most_memory)
    finally:
        if counts is None:
            shutil.rmtree(here, ignore_errors=True)
    return LabelledTable(out, counts)
