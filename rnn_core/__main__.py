"""`python -m rnn_core`: the same work without a browser, and the process that trains a run."""

import signal
import sys
from collections.abc import Sequence


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
            from rnn_core.cli import main
            from rnn_core.cli.output import as_long_as_read

            with as_long_as_read():
                main(words, prog_name=name)


def begin(name: str = "gatescope") -> None:
    """The command that is installed, or `python -m rnn_core` by that name."""
    try:
        run(sys.argv[1:], name)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is said, and libraries take a moment to end


if __name__ == "__main__":
    begin("python -m rnn_core")
