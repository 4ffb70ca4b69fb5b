"""What commands print: answers for people or machines, and progress."""

import contextlib
import errno
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from rnn_core.files import check_spares, to_json
from rnn_core.progress import Progress

Result = TypeVar("Result")


def print_json(value: object) -> None:
    """Print a value as one line of JSON; null where a number isn't finite, since JSON holds none."""
    click.echo(to_json(value))


def answer(as_json: bool, value: object, *lines: str) -> None:
    """Print what a command did: one value for machines, or lines for people."""
    if as_json:
        print_json(value)
    else:
        for line in lines:
            click.echo(line)


def show_progress(steps: Iterator[Progress]) -> None:
    """Draw a progress bar on standard error for each kind of work in `steps`, until they end."""
    bar: Any = None
    doing = ""
    for step in steps:
        if step.doing != doing:
            if bar is not None:
                bar.render_finish()
            doing = step.doing
            bar = click.progressbar(length=step.total, label=doing, file=sys.stderr)
            bar.render_progress()
        bar.update(step.done - bar.pos)
    if bar is not None:
        bar.render_finish()


def with_progress(steps: Generator[Progress, None, Result]) -> Result:
    """Draw the progress of some work; its result. Work that is interrupted is closed."""
    result: list[Result] = []

    def watched() -> Iterator[Progress]:
        result.append((yield from steps))

    with contextlib.closing(steps):
        show_progress(watched())
    return result[0]


def check_can_write(path: Path, sources: Iterable[Path]) -> None:
    """Raise OSError where no file can be written there, DataError where it would replace one of `sources`."""
    if path.exists() and not path.is_file():  # a device or a pipe, in whose place a file would come
        raise OSError(errno.EINVAL, "is there, and no file that can be replaced", str(path))
    check_spares(path, sources)
    try:
        tempfile.TemporaryFile(dir=path.absolute().parent).close()
    except OSError as error:
        error.filename = str(path)
        raise
