"""What the commands share: options made from the settings, answers for people or machines, errors."""

import contextlib
import errno
import functools
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click
from click.core import ParameterSource

from rnn_core.config.run import DATA_SOURCES, all_settings
from rnn_core.config.setting import Setting, flag, option
from rnn_core.errors import (
    ConfigError,
    EmptyReviewError,
    GatescopeError,
    reason,
)
from rnn_core.files import to_json
from rnn_core.paths import project_folder
from rnn_core.progress import Progress

GIVEN_UP = 130  # as a shell says of a process that Ctrl-C ended

Command = TypeVar("Command", bound=Callable[..., Any])


def _with_an_output(_context: click.Context, _option: click.Parameter, as_json: bool) -> bool:
    """Refuse to begin where what a command answers would be lost."""
    if sys.stdout is None:
        raise click.ClickException("There is no standard output to write to: it is closed.")
    return as_json


as_json = click.option(
    "--json", "as_json", is_flag=True, callback=_with_an_output, help="One JSON value on standard output."
)
which_reviews = click.option(
    "--data", type=click.Choice(DATA_SOURCES), default="imdb", show_default=True, help="Which reviews."
)


def with_settings(command: Command) -> Command:
    """Give a command an option for every setting of a run; those not given arrive as None."""
    for _, name, setting in reversed(list(all_settings())):
        command = _option(name, setting)(command)
    return command


def _option(name: str, setting: Setting) -> Callable[[Command], Command]:
    help = f"{setting.help} [default: {_shown(setting.default)}]"
    if setting.kind is bool:
        return click.option(f"{flag(name, True)}/{flag(name, False)}", default=None, help=help)
    kind = click.Choice(setting.choices) if setting.choices else setting.kind
    return click.option(option(name), type=kind, help=help)


def _shown(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def in_words(command: Command) -> Command:
    """Turn the errors that a user can act on into a sentence and an exit code.

    Arguments that are no text are refused before the command begins.
    """

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            for name, value in kwargs.items():
                _check_text(name, value)
            return command(*args, **kwargs)
        except GatescopeError as error:
            is_wrongly_asked = isinstance(error, ConfigError | EmptyReviewError)
            raise (click.UsageError if is_wrongly_asked else click.ClickException)(str(error)) from error
        except BrokenPipeError:  # the reader of our output has seen enough, and click deals with that
            raise
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{reason(error)}.") from error
        except KeyboardInterrupt:
            click.echo("\nGiven up.", err=True)
            sys.exit(GIVEN_UP)

    return wrapped  # type: ignore[return-value]


def _check_text(name: str, value: object) -> None:
    """Refuse an argument with surrogates, which Python makes of bytes that are no UTF-8."""
    if isinstance(value, tuple):
        for one in value:
            _check_text(name, one)
    elif isinstance(value, str | Path):
        try:
            str(value).encode()
        except UnicodeEncodeError as error:
            raise click.UsageError(f"{_as_typed(name)} is no UTF-8 text: {error}.") from error


def _as_typed(name: str) -> str:
    """What a user calls an argument of the command at work: --weakness, TEXT."""
    parameters = click.get_current_context().command.params
    [parameter] = [one for one in parameters if one.name == name]
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def refuse_without_effect(why: str, *names: str) -> None:
    """Raise UsageError where one of these options of the command at work was given, which has none then."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{_as_typed(name)} has no effect {why}: leave it out.")


def need_checkout(what: str) -> Path:
    """The project's folder; raises ClickException where this is an installed package, which lacks `what`."""
    project = project_folder()
    if project is None:
        raise click.ClickException(
            f"{what} needs a checkout of the project, and this is an installed package. In the project's "
            "folder, type `make setup`, and give the same command with .venv/bin/python -m rnn_core."
        )
    return project


def check_can_write(path: Path) -> None:
    """Find out before any work whether a file can be written there. Raises OSError where it can't be."""
    if path.exists() and not path.is_file():  # a device or a pipe, in whose place a file would come
        raise OSError(errno.EINVAL, "is there, and no file that can be replaced", str(path))
    try:
        tempfile.TemporaryFile(dir=path.absolute().parent).close()
    except OSError as error:
        error.filename = str(path)
        raise


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


def read_text(text: str) -> str:
    """The text itself, or standard input for `-`; what is no UTF-8 there is refused."""
    if text != "-":
        return text
    try:
        return standard_input().read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise click.UsageError(f"Standard input is no UTF-8 text: {error}.") from error


def standard_input() -> BinaryIO:
    """Standard input as bytes; one that was closed is refused."""
    if sys.stdin is None:
        raise click.UsageError("There is no standard input to read: it is closed.")
    return sys.stdin.buffer


@contextlib.contextmanager
def ending_on_request() -> Iterator[None]:
    """A request to end works as Ctrl-C does, so that all that was started ends, too.

    Ctrl-C itself works, too, where a shell started this in the background and turned it off.
    """
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, signal.default_int_handler) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
