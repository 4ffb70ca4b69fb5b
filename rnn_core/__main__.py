"""`python -m rnn_core`: the same work without a browser, and the process that trains a run."""

import sys
from collections.abc import Sequence


def run(words: Sequence[str]) -> None:
    """Do what a command line says. A worker comes without the imports of all other commands."""
    match words:
        case ["worker"]:
            from rnn_core.runs.worker import wait_for_run

            wait_for_run()
        case ["worker", run_id]:
            from rnn_core.runs.worker import run_worker

            run_worker(run_id)
        case _:
            from rnn_core.cli import main

            main(words, prog_name="python -m rnn_core")


if __name__ == "__main__":
    run(sys.argv[1:])
