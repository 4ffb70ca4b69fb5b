"""Long work on a table in a process of its own, so that a large one stops no page."""

from collections.abc import Callable, Generator
from typing import TypeVar

from rnn_core.errors import DataError
from rnn_core.processes.asking import AnswerRefusedError, End, EndedError, apart
from rnn_core.processes.bounds import Bounds
from rnn_core.progress import Progress

MOST_MEMORY = 3_000_000_000
"""The bytes that such a process may take for its data, where the system can bound it."""
_PATIENCE = 5.0  # seconds until a process that was asked to end is ended
_OPENING = Progress("Opening the table", 0, 1)

Found = TypeVar("Found")


def ask(
    work: Callable[..., Generator[Progress, None, Found]], most_memory: int = MOST_MEMORY, **given: object
) -> Generator[Progress, None, Found]:
    """Do some work in a process that ends then, as `apart` does. Raises DataError.

    Closing it, which ends the process, never waits for long.
    """
    bounds = Bounds(memory=None, data=most_memory, patience=_PATIENCE)
    try:
        found: Found = yield from apart(work, bounds, _OPENING, **given)
    except AnswerRefusedError as error:
        raise DataError(str(error)) from error
    except EndedError as ended:
        raise DataError(_sentence(ended, most_memory)) from ended
    return found


def _sentence(ended: EndedError, most_memory: int) -> str:
    match ended.end:
        case End.MEMORY:
            return (
                f"Reading the table takes more than {most_memory / 1e9:,.1f} GB of memory, which is the "
                "bound. Cut it into several files, or shorten its longest texts; nothing was kept."
            )
        case End.GARBLED:
            return "What the process that reads the table says can't be read."
    last = ended.printed.strip().splitlines()[-1:] or [f"it ended with status {ended.status}"]
    return (
        f"The process that reads the table ended without an answer ({last[0][:200]}). It may have "
        "had too little memory: close other programs or cut the table into several files, then try "
        "again."
    )
