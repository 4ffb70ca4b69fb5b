"""Runs whose process is killed, a sweep that is interrupted, a process of Dask; torch takes too long here."""

import os
import pickle
import signal
import sys


def signals_that_wait(_config):
    return signal.pthread_sigmask(signal.SIG_BLOCK, [])


def dies(_config):
    os.kill(os.getpid(), signal.SIGKILL)


class Sent:
    """An object that is what was pickled where it arrives; on the way nobody needs to know what."""

    def __init__(self, pickled):
        self._pickled = pickled

    def __reduce__(self):
        return pickle.loads, (self._pickled,)


def unreadable(_config):
    return Sent(b"no pickle")


def dies_once(mark, trained, config):
    """Die the first time that it is tried, as a run whose process is killed for want of memory.

    `mark` is a file that says that it died, `trained` has for each run, pickled, what its training gives.
    """
    if config.model.cell == "gru" and config.training.seed == 0 and not mark.exists():
        mark.write_text("")
        dies(config)
    return Sent(trained[config])


def interrupted_as_its_processes_begin(name):
    """The command that does a sweep with two workers, and Ctrl-C while they are started."""
    from joblib.externals.loky import process_executor as loky

    from rnn_core.cli import main

    def interrupted(_thread):
        raise KeyboardInterrupt

    loky._ExecutorManagerThread.start = interrupted
    main(["sweep", name, "--workers", "2"])


def dask(package, *words):
    """`python -m dask WORDS` in a process of its own, where the package lies in this folder."""
    from dask.cli import run_cli

    from rnn_core.sweeps import cluster

    if package is not None:
        cluster.package_folder = lambda: package
    sys.argv = ["dask", *words]
    run_cli()
