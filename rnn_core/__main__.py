"""`python -m rnn_core`: the same work without a browser, and the process that trains a run."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any


def run(words: Sequence[str], name: str = "python -m rnn_core") -> None:
    """Do what a command line says. A worker comes without the imports of all other commands."""
    match words:
        case ["worker"]:
            from rnn_core.runs.ready import listen

            given = listen()  # before the imports that take long, so that it ends with its server meanwhile
            from rnn_core.runs.worker import wait_for_run

            wait_for_run(given)
        case ["worker", run_id]:
            from rnn_core.runs.worker import run_worker

            run_worker(run_id)
        case _:
            _loaded()(words, prog_name=name)


def _loaded() -> Callable[..., Any]:
    """The command line, which takes seconds to load; Ctrl-C meanwhile ends it as later, with a sentence."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # else a shell has turned Ctrl-C off
        signal.signal(signal.SIGINT, _give_up)
    from rnn_core.cli import main

    signal.signal(signal.SIGINT, before)
    return main


def _give_up(_number: int, _frame: FrameType | None) -> None:
    os.write(2, b"\nGiven up.\n")
    os._exit(130)  # nothing was begun, and half a library raises anything at all


def main(name: str = "gatescope") -> None:
    """The command that is installed, or `python -m rnn_core` by that name."""
    try:
        run(sys.argv[1:], name)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said, and libraries take a moment to end


if __name__ == "__main__":
    main("python -m rnn_core")
