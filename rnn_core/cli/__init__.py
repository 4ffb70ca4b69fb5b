"""The command line. Each command is a thin reading of its options around one call of the core.

Exit codes: 0 done, 1 it could not be done and a sentence on standard error says why, 2 the command
itself was wrong, 3 the training diverged, 130 given up with Ctrl-C, 141 nobody read on.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from importlib import import_module
from types import FrameType

import click
from typing_extensions import override

from rnn_core.__version__ import __version__

_COMMANDS = {
    "app": "app.app",
    "data": "data.data",
    "train": "train.train",
    "evaluate": "models.evaluate",
    "predict": "models.predict",
    "probe": "models.probe_",
    "one-unit": "sweep.one_unit",
    "trace": "trace.trace_",
    "write": "write.write_",
    "export": "export.export",
    "runs": "runs.runs",
    "sweep": "sweep.sweep",
    "baselines": "baselines.baselines",
    "bars": "baselines.bars",
    "bench": "bench.bench",
    "cells": "cells.cells",
}


class _OnDemand(click.Group):
    """Imports a command once it is asked for: most bring torch, which takes seconds, and `app` does not."""

    @override
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    @override
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(".")
        with loading():
            command: click.Command = getattr(import_module(f"{__name__}.{module}"), name)
        return command


@click.group(
    cls=_OnDemand,
    commands={name: click.Command(name) for name in _COMMANDS},  # what a mistyped one may have meant
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__)
def main() -> None:
    """See what a recurrent network does, word by word; without a browser.

    Every command but app takes --json for machines. Exit code 0: done; 1: it could not be done; 2: the
    command was wrong; 3: the training diverged; 130: given up with Ctrl-C; 141: the reader of its answer
    ended, as head does. Without a reader of its progress a command goes on.
    """


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Give up at once in this block: nothing was begun, and half a library raises anything at all."""
    before = signal.getsignal(signal.SIGINT)
    is_ours = before is signal.default_int_handler  # else a shell has turned Ctrl-C off
    if not is_ours or threading.current_thread() is not threading.main_thread():
        yield
        return

    def give_up(_number: int, _frame: FrameType | None) -> None:
        os.write(2, b"\nGiven up.\n")
        os._exit(130)

    signal.signal(signal.SIGINT, give_up)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
