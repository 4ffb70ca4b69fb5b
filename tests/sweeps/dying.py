"""Runs whose process is killed, and a sweep that is interrupted; what only dies imports no torch."""

import os
import signal


def dies(_config):
    os.kill(os.getpid(), signal.SIGKILL)


def dies_once(mark, config):
    """As a run whose process is killed for want of memory, the first time that it is tried.

    `mark` is a file that says that it died. It is given, since processes outlive a sweep: those of another
    test have that test's folders in their environment.
    """
    if config.model.cell == "gru" and config.training.seed == 0 and not mark.exists():
        mark.write_text("")
        dies(config)
    from rnn_core.sweeps.work import train_here  # it imports torch

    return train_here(config)


def interrupted_as_its_processes_begin(name):
    """The command that does a sweep with two workers, and Ctrl-C while they are started."""
    from joblib.externals.loky import process_executor as loky

    from rnn_core.cli import main

    def interrupted(_thread):
        raise KeyboardInterrupt

    loky._ExecutorManagerThread.start = interrupted
    main(["sweep", name, "--workers", "2"])
