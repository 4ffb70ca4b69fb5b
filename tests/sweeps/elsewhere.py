"""A process of a Dask cluster, whose source may be another one."""

import sys

from rnn_core.sweeps import cluster


def dask(package, *words):
    """`python -m dask WORDS` in a process of its own, where the package lies in this folder."""
    from dask.cli import run_cli

    if package is not None:
        cluster.package_folder = lambda: package
    sys.argv = ["dask", *words]
    run_cli()
