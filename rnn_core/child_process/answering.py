"""Long work on a table in a process of its own: what that process does."""

import signal
import sys
from collections.abc import Callable, Generator
from typing import Any, TypeVar

from rnn_core.child_process.said import MOST_BYTES, Said
from rnn_core.errors import GatescopeError
from rnn_core.files import from_json, to_json
from rnn_core.progress import Progress, RateLimit

_SAY_EVERY = 0.1  # seconds
_GIVEN_UP = 130

Request = TypeVar("Request")
Steps = Generator[Progress, None, dict[str, Any]]


def answer(shape: type[Request], work: Callable[[Request], Steps]) -> None:
    """Do what standard input asks for, say how far it is, and at the end what was found or what was wrong.

    The first argument of the process is the bound on its memory, in bytes.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is cleared away
    most_memory = int(sys.argv[1])
    try:
        request: Request = from_json(sys.stdin.buffer.read(), shape, most_bytes=MOST_BYTES)
        limit_memory(most_memory)
        _say(Said(found=_follow(work(request))))
    except GatescopeError as error:
        _say(Said(error=str(error)))
    except MemoryError:
        _say(Said(error=_too_little_memory(most_memory)))
    except KeyboardInterrupt:
        sys.exit(_GIVEN_UP)


def _too_little_memory(most: int) -> str:
    return (
        f"Reading the table takes more than {most / 1e9:,.1f} GB of memory, which is the bound. Cut it into "
        "several files, or shorten its longest texts; nothing was kept."
    )


def _follow(steps: Steps) -> dict[str, Any]:
    due, doing = RateLimit(_SAY_EVERY), ""
    while True:
        try:
            progress = next(steps)
        except StopIteration as ended:
            found: dict[str, Any] = ended.value
            return found
        if due() or progress.doing != doing:
            doing = progress.doing
            _say(Said(progress=(progress.doing, progress.done, progress.total)))


def _say(said: Said) -> None:
    value: dict[str, Any] = dict(said)
    sys.stdout.write(to_json(value) + "\n")
    sys.stdout.flush()


def limit_memory(most: int) -> None:
    """Bound the bytes that this process takes for its data. Windows has no such bound."""
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    except (ValueError, OSError):  # macOS refuses some bounds; there the system's own memory is the bound
        return
