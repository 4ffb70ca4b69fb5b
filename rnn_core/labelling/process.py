"""A whole table is labelled in a process of its own, so that a large one stops no page."""

import dataclasses
import secrets
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple, TypedDict

from rnn_core.errors import DataError, reason
from rnn_core.files import from_value
from rnn_core.labelling.table import label_table
from rnn_core.models.folder import model_files
from rnn_core.models.model import Model
from rnn_core.nn.threads import use_threads
from rnn_core.processes.answering import Answering, Steps
from rnn_core.processes.frames import Arrays, Said
from rnn_core.progress import Progress
from rnn_core.tables.apart import MOST_MEMORY, ask
from rnn_core.tables.open import open_table
from rnn_core.tables.table import Options

_NO_MEMORY = "can't allocate memory"
"""Words of torch in place of a MemoryError."""


class Request(TypedDict):
    """Question to the process."""

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

    The labelled table comes into a new folder in `folder`. Closing this generator ends the process. Raises
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
        asked = {**request, "options": dataclasses.asdict(options)}
        counts = yield from ask(f"{__name__}:answers", asked, most_memory)
    finally:
        if counts is None:
            shutil.rmtree(here, ignore_errors=True)
    return LabelledTable(out, counts)


def answers() -> Answering:
    """Return the function that answers a `Request`, in the process."""
    use_threads()
    return _answer


def _answer(said: Said, arrays: Arrays) -> Steps:
    request: Request = from_value(said, Request)
    try:
        model = Model.load(Path(request["model"]))
        table = open_table(Path(request["source"]), request["options"])
        files = model_files(model.folder)
        counts = yield from label_table(model, table, request["text"], Path(request["out"]), spared=files)
    except RuntimeError as error:
        if _NO_MEMORY in str(error):
            raise MemoryError from error
        raise
    return counts, {}
