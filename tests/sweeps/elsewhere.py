"""A worker of a cluster whose source is another one."""

import sys

from rnn_core.sweeps import cluster


def dask_of(package, *words):
    """`python -m dask WORDS` in a process of its own, where the package lies in this folder."""
    from dask.cli import run_cli

    cluster.package_folder = lambda: package
    sys.argv = ["dask", *words]
    run_cli()


def dask(*words):
    """`python -m dask WORDS`."""
    from dask.cli import run_cli

    sys.argv = ["dask", *words]
    run_cli()
