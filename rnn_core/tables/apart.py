"""Long work on a table in a process of its own, so that a large one stops no page."""

import contextlib
import pkgutil
from collections.abc import Callable, Generator
from typing import Any, TypeVar, cast, get_type_hints

import msgspec

from rnn_core.errors import DataError
from rnn_core.files import from_value
from rnn_core.processes.answering import Answering, Steps
from rnn_core.processes.asking import AnswerRefusedError, End, EndedError, Process
from rnn_core.processes.bounds import Bounds
from rnn_core.processes.frames import Arrays, Said
from rnn_core.progress import Progress

MOST_MEMORY = 3_000_000_000
"""The bytes that such a process may take for its data, where the system can bound it."""
_PATIENCE = 5.0  # seconds until a process that was asked to end is ended
_OPENING = Progress("Opening the table", 0, 1)

Found = TypeVar("Found", bound=dict[str, Any])


def ask(
    work: Callable[..., Generator[Progress, None, Found]], most_memory: int = MOST_MEMORY, **given: object
) -> Generator[Progress, None, Found]:
    """Do some work, a function of a module, in a process that ends then. Raises DataError.

    What is given, and what is found, is sent as JSON. Closing it, which ends the process, never waits for
    long.
    """
    name = f"{work.__module__}:{work.__qualname__}"
    bounds = Bounds(memory=None, data=most_memory, patience=_PATIENCE)
    with contextlib.closing(Process(f"{__name__}:answers", bounds, given=[name])) as process:
        try:
            answer = yield from process.ask(msgspec.to_builtins(given), {}, first=_OPENING)
        except AnswerRefusedError as error:
            raise DataError(str(error)) from error
        except EndedError as ended:
            raise DataError(_sentence(ended, most_memory)) from ended
    return cast(Found, answer.said)


def answers(work: str) -> Answering:
    """Return the function that answers by the work of this name, in the process."""
    function = pkgutil.resolve_name(work)
    shapes = get_type_hints(function)

    def answer(said: Said, arrays: Arrays) -> Steps:
        given = {name: from_value(value, shapes[name]) for name, value in said.items()}
        return (yield from function(**given)), {}

    return answer


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
