"""The process that adds a corpus or looks through a table: `rnn_core.data.own.process` starts it and asks."""

import signal
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

from rnn_core.data.own.look import Look, look_at
from rnn_core.data.own.make import add
from rnn_core.data.own.process import Request, Said
from rnn_core.data.own.survey import Survey, survey
from rnn_core.errors import GatescopeError
from rnn_core.files import from_json, to_json
from rnn_core.progress import Progress, RateLimit
from rnn_core.tables.open import open_table

_SAY_EVERY = 0.1  # seconds
_MOST_BYTES = 10_000_000
_GIVEN_UP = 130


def main() -> None:
    """Do what standard input asks for, say how far it is, and at the end what was found or what was wrong."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was begun is cleared away
    try:
        request: Request = from_json(sys.stdin.buffer.read(), Request, most_bytes=_MOST_BYTES)
        limit_memory(request["most_memory"])
        _say(Said(found=_follow(_asked(request)).to_dict()))
    except GatescopeError as error:
        _say(Said(error=str(error)))
    except MemoryError:
        _say(Said(error=_too_little_memory(request["most_memory"])))
    except KeyboardInterrupt:
        sys.exit(_GIVEN_UP)


def _too_little_memory(most: int) -> str:
    return (
        f"Reading the table takes more than {most / 1e9:,.1f} GB of memory, which is the bound. Cut it into "
        "several files, or shorten its longest texts; nothing was kept."
    )


def _asked(request: Request) -> Generator[Progress, None, Survey | Look]:
    table, recipe = open_table(Path(request["source"]), request["options"]), request["recipe"]
    if recipe is None:
        return look_at(table)
    if request["what"] == "add":
        return (yield from add(request["name"], table, recipe))
    return (yield from survey(table, recipe))


def _follow(steps: Generator[Progress, None, Survey | Look]) -> Survey | Look:
    due, doing = RateLimit(_SAY_EVERY), ""
    while True:
        try:
            progress = next(steps)
        except StopIteration as ended:
            found: Survey | Look = ended.value
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


if __name__ == "__main__":
    main()
