"""Ends of commands that can't do what they were asked for: a sentence and an exit code."""

import _thread
import contextlib
import functools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from rnn_core.cli.options import argument_name
from rnn_core.errors import ConfigError, EmptyReviewError, GatescopeError, system_in_words
from rnn_core.paths import project_folder
from rnn_core.runs.process import handling

GIVEN_UP = 130  # as a shell says of a process that Ctrl-C ended

Command = TypeVar("Command", bound=Callable[..., Any])


def errors_in_words(command: Command) -> Command:
    """Turn errors that a user can act on, and arguments of no text, into a sentence and an exit code."""

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            for name, value in kwargs.items():
                _check_text(name, value)
            with _no_ctrl_c_lost():
                return command(*args, **kwargs)
        except GatescopeError as error:
            is_wrongly_asked = isinstance(error, ConfigError | EmptyReviewError)
            raise (click.UsageError if is_wrongly_asked else click.ClickException)(str(error)) from error
        except OSError as error:
            raise click.ClickException(system_in_words(error)) from error
        except KeyboardInterrupt:
            click.echo("\nGiven up.", err=True)
            sys.exit(GIVEN_UP)

    return wrapped  # type: ignore[return-value]


@contextlib.contextmanager
def _no_ctrl_c_lost() -> Iterator[None]:
    """A Ctrl-C that Python ignores, since an object is finalized just then, comes again a moment later."""
    before = sys.unraisablehook

    def follow(ignored: "sys.UnraisableHookArgs") -> None:
        if issubclass(ignored.exc_type, KeyboardInterrupt):
            threading.Timer(0.05, _thread.interrupt_main).start()  # seconds
        else:
            before(ignored)

    sys.unraisablehook = follow
    try:
        yield
    finally:
        sys.unraisablehook = before


def _check_text(name: str, value: object) -> None:
    """Refuse an argument with surrogates, which Python makes of bytes that are no UTF-8."""
    if isinstance(value, tuple):
        for one in value:
            _check_text(name, one)
    elif isinstance(value, str | Path):
        try:
            str(value).encode()
        except UnicodeEncodeError as error:
            raise click.UsageError(f"{argument_name(name)} is no UTF-8 text: {error}.") from error


def need_checkout(what: str) -> Path:
    """The project's folder; raises ClickException where this is an installed package, which lacks `what`."""
    project = project_folder()
    if project is None:
        raise click.ClickException(
            f"{what} needs a checkout of the project, and this is an installed package. In the project's "
            "folder, type `make setup`, and give the same command with .venv/bin/python -m rnn_core."
        )
    return project


def ending_on_request() -> contextlib.AbstractContextManager[None]:
    """Let a request to end work as Ctrl-C does, and Ctrl-C where a shell has turned it off."""
    return handling(signal.default_int_handler, signal.SIGINT, signal.SIGTERM)
