"""A sweep on a Dask cluster: joblib hands the same work to workers on other machines.

A worker needs nothing but this package and the address of the scheduler. The reviews, as word numbers
without their texts, are sent to the cluster once. What a worker sends back is unpickled, so use a cluster
only where you trust every machine in it.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from joblib import parallel_config

from rnn_core import __version__
from rnn_core.data.corpus import Corpus
from rnn_core.runs.run import RunError

_PATIENCE = 10.0  # seconds until a scheduler must have answered


class ClusterError(RunError):
    """A cluster that can't be used; the message says why and what to do."""


def without_texts(corpus: Corpus) -> Corpus:
    """What a training needs of a corpus, in memory, so that it can be sent."""
    return dataclasses.replace(corpus, table=None, ids=np.array(corpus.ids), offsets=np.array(corpus.offsets))


class LostWorkerError(Exception):
    """A worker went away with the run that it had."""


@contextlib.contextmanager
def told_of_lost_workers() -> Iterator[None]:
    """What Dask says of a worker that went away, as a LostWorkerError."""
    from dask.distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        yield
    except (KilledWorker, FutureCancelledError) as error:
        raise LostWorkerError(str(error)) from error


@contextlib.contextmanager
def on_cluster(address: str, corpora: Sequence[Corpus]) -> Iterator[None]:
    """Until the end of the block joblib works on the cluster at this address.

    The corpora, from `without_texts`, are sent there at once, and not again with every run. Raises
    ClusterError before anything is trained where nothing answers, nobody works there, or the workers have
    another version.
    """
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ClusterError(
            "A sweep on a cluster needs Dask: python -m pip install -r requirements-cluster.txt"
        ) from error
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:  # TimeoutError is an OSError
        raise ClusterError(
            f"No Dask scheduler answers at {address} ({error or 'it took too long'}). Start one there with "
            "`dask scheduler`, then try again."
        ) from error
    with client:
        _check(client, address)
        with parallel_config(backend="dask", client=client, scatter=list(corpora)):
            yield


def version() -> str:
    """Of this package, where it is called."""
    return __version__


def _check(client: Any, address: str) -> None:
    """That there are workers, all of this version."""
    try:
        versions = client.run(version)
    except Exception as error:  # whatever a worker raises comes through
        raise ClusterError(
            f"The workers at {address} can't import rnn_core ({error}). Start them in a checkout of this "
            "project, with its packages installed."
        ) from error
    if not versions:
        raise ClusterError(
            f"No worker is at {address}. Start one with `dask worker {address}`, then try again."
        )
    others = sorted(set(versions.values()) - {__version__})
    if others:
        raise ClusterError(
            f"Workers at {address} have version {', '.join(others)} of rnn_core, this is {__version__}: "
            "their runs could differ. Bring all to one version, then try again."
        )
