"""Long work on a table in a process of its own, so that a large one stops no page."""

import contextlib
from collections.abc import Generator
from typing import Any

from rnn_core.errors import DataError
from rnn_core.processes.asking import AnswerRefusedError, End, EndedError, Process
from rnn_core.processes.bounds import Bounds
from rnn_core.progress import Progress

MOST_MEMORY = 3_000_000_000
"""The bytes that such a process may take for its data, where the system can bound it."""
_PATIENCE = 5.0  # seconds until a process that was asked to end is ended


def ask(
    answers: str, request: dict[str, Any], most_memory: int = MOST_MEMORY
) -> Generator[Progress, None, dict[str, Any]]:
    """Ask a process that ends then; `answers` is as for `Process`. Raises DataError.

    Closing it, which ends the process, never waits for long.
    """
    process = Process(answers, Bounds(memory=None, data=most_memory, patience=_PATIENCE))
    with contextlib.closing(process):
        try:
            answer = yield from process.ask(request, {}, first=Progress("Opening the table", 0, 1))
        except AnswerRefusedError as error:
            raise DataError(str(error)) from error
        except EndedError as ended:
            raise DataError(_sentence(ended, most_memory)) from ended
    return answer.said


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
