"""Output of commands: answers for people or machines, and progress."""

import contextlib
import errno
import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from rnn_core.files import check_can_write_in, check_spares, to_json
from rnn_core.progress import Progress
from rnn_core.tasks.task import KeepGoing

Result = TypeVar("Result")
UNREAD = 141  # as a shell says of a process that a closed pipe ended


class _Pipe:
    """A stream that drops what is written once its reader has gone, as `head` does; then calls `gone`."""

    def __init__(self, stream: Any, gone: Callable[[], object]) -> None:
        self._stream, self._gone = stream, gone

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def buffer(self) -> Any:
        """The bytes of the stream, which click writes itself where the stream is ASCII."""
        return _Pipe(self._stream.buffer, self._gone)

    def write(self, text: str | bytes) -> int:
        """Write like the stream."""
        return self._while_read(lambda: int(self._stream.write(text)))

    def flush(self) -> None:
        """Flush like the stream."""
        self._while_read(self._stream.flush)

    def _while_read(self, write: Callable[[], Result]) -> Result:
        try:
            return write()
        except BrokenPipeError:
            with Path(os.devnull).open("wb") as nowhere:  # also for what the stream still holds
                os.dup2(nowhere.fileno(), self._stream.fileno())
            self._gone()
            return write()


@contextlib.contextmanager
def as_long_as_read() -> Iterator[None]:
    """End this process with UNREAD, silently, once nobody reads standard output any more.

    Without a reader of standard error, where progress is shown, work goes on.
    """
    with contextlib.ExitStack() as until_end:
        if sys.stdout is not None:
            out: Any = _Pipe(sys.stdout, lambda: sys.exit(UNREAD))
            until_end.enter_context(contextlib.redirect_stdout(out))
        if sys.stderr is not None:
            err: Any = _Pipe(sys.stderr, lambda: None)
            until_end.enter_context(contextlib.redirect_stderr(err))
        yield


def answer(as_json: bool, value: object, *lines: str) -> None:
    """Print what a command did: one value for machines, in one line, or lines for people."""
    for line in (to_json(value),) if as_json else lines:
        click.echo(line)


def show_progress(
    steps: Iterator[Progress | Result], take: Callable[[Result], object] = lambda result: None
) -> None:
    """Draw a progress bar on standard error for each kind of work in `steps`, until they end.

    `take` gets what is no progress, such as the result of each of several trainings.
    """
    bar: Any = None
    doing = ""
    for step in steps:
        if bar is not None and not (isinstance(step, Progress) and step.doing == doing):
            bar.render_finish()
            bar = None
        if not isinstance(step, Progress):
            take(step)
            continue
        if bar is None:
            doing = step.doing
            bar = click.progressbar(length=step.total, label=doing, file=sys.stderr)
            bar.render_progress()
        bar.update(step.done - bar.pos)
    if bar is not None:
        bar.render_finish()


def run_with_progress(steps: Generator[Progress, None, Result], patience: float = 0.0) -> Result:
    """Draw the progress of some work, from `patience` seconds on; its result. Interrupted, it is closed."""
    result, begin = list[Result](), time.monotonic() + patience

    def watched() -> Iterator[Progress]:
        result.append((yield from steps))

    with contextlib.closing(steps):
        show_progress(progress for progress in watched() if time.monotonic() >= begin)
    return result[0]


def check_can_write(path: Path, sources: Iterable[Path]) -> None:
    """Raise OSError where no file can be written there, DataError where it would replace one of `sources`."""
    if path.exists() and not path.is_file():  # a device or a pipe, in whose place a file would come
        raise OSError(errno.EINVAL, "is there, and no file that can be replaced", str(path))
    check_spares(path, sources)
    check_can_write_in(path.absolute().parent, path)


@contextlib.contextmanager
def scoring() -> Iterator[KeepGoing]:
    """Yields what draws, given the share of the texts that were read, a bar with the time left."""
    with click.progressbar(length=100, label="Scoring", file=sys.stderr) as bar:

        def draw(share: float) -> bool:
            bar.update(round(100 * share) - bar.pos)
            return True

        yield draw
